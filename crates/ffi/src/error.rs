//! What can go wrong before a call, and what C says went wrong in one.

use std::error::Error as StdError;
use std::fmt;

/// Why something of C could not be found, made or called.
///
/// `Display` is one sentence with the names and numbers. `{:#}` adds what it comes from, and for a wrong
/// declaration the line with a caret.
///
/// # Examples
///
/// ```
/// let error = tenfold_ffi::Declarations::parse("int abs(imt n);").unwrap_err();
/// assert_eq!(error.kind(), tenfold_ffi::ErrorKind::Declaration);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A [`Result`](std::result::Result) with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No file of a library could be loaded: the message has the names that were tried, and the loader's
    /// words.
    LibraryNotFound,
    /// A declared function or variable that a library does not have.
    SymbolNotFound,
    /// A byte 0 inside a text that C would end there.
    InteriorNul {
        /// Where, in bytes from 0.
        position: usize,
    },
    /// A text that is no declarations: the source is the parser's error, with line and column.
    Declaration,
    /// A name that nothing declares.
    NotDeclared,
    /// A Rust type that is not that of the declaration.
    SignatureMismatch,
    /// A call with too few or too many arguments.
    Arity {
        /// How many were given.
        given: usize,
        /// How many there are to be, or at least for `...`.
        needed: usize,
    },
    /// An argument whose type does not go with the parameter's.
    ArgType {
        /// Which argument, from 0.
        index: usize,
    },
    /// A number that a parameter, a field or an element cannot hold exactly.
    OutOfRange,
    /// A null pointer where there has to be something.
    Null,
    /// A value that cannot be read as the type that was asked for.
    ValueType,
    /// An array of another shape or length than the call needs.
    Shape,
    /// An array that does not lie in memory as the call needs it: not dense, in another order, or backwards.
    Stride,
    /// A place that is not a multiple of the alignment.
    Align,
    /// Something that may only be read, where C would write.
    ReadOnly,
    /// Two arguments on the same memory, of which one is written.
    Overlap {
        /// The first argument, from 0.
        first: usize,
        /// The second.
        second: usize,
    },
    /// A field that a record does not have.
    Field,
    /// An index outside an array.
    Index,
    /// What only a C compiler knows, such as the size of a record written with `...`.
    Partial,
    /// What C can declare and this crate cannot do.
    Unsupported,
    /// A status by which an exported function says that it failed, or a function of C that it did.
    Status {
        /// What came back.
        code: i64,
    },
    /// A resource of which there is only so much is used up.
    Exhausted,
    /// A `void *` that is no handle's, or no more.
    Handle,
    /// A closure that may run once at a time, called while it ran.
    Reentrant,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), source: None }))
    }

    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same, with words before the message that say where.
    pub(crate) fn within(mut self, place: impl fmt::Display) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match self.source() {
            Some(source) if f.alternate() => write!(f, ": {source:#}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self:#}", self.0.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<tenfold_cdecl::Error> for Error {
    fn from(source: tenfold_cdecl::Error) -> Self {
        use tenfold_cdecl::ErrorKind as Kind;
        let kind = match source.kind() {
            Kind::Partial => ErrorKind::Partial,
            _ => ErrorKind::Declaration,
        };
        Self::new(kind, format!("the declaration is wrong: {source}")).because(source)
    }
}
