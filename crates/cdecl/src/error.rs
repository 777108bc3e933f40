//! What can be wrong with a declaration, and where.

use std::fmt;

use crate::text::{Position, shortened};

/// Why a text is no sequence of declarations, or why a type has no layout.
///
/// `Display` is one sentence with the line and the column. The alternate form, `{:#}`, adds the line
/// of the source and a caret under the place.
///
/// # Examples
///
/// ```
/// let error = tenfold_cdecl::parse("int f(lenght_t n);").unwrap_err();
/// assert_eq!(error.kind(), tenfold_cdecl::ErrorKind::UnknownType);
/// assert_eq!(error.to_string(), "line 1, column 7: unknown type name `lenght_t`");
/// assert_eq!(error.caret(), Some("int f(lenght_t n);\n      ^^^^^^^^"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    place: Option<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    position: Position,
    caret: String,
}

/// The kind of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A character that begins no token, or a number or literal that is malformed.
    Token,
    /// A comment, a literal or a bracket that nothing closes.
    Unterminated,
    /// A directive that only a preprocessor can carry out.
    Directive,
    /// A token that cannot stand where it stands.
    Syntax,
    /// A name where a type is needed, which names none.
    UnknownType,
    /// A name in an expression, a field, or a tag that nothing declares.
    UnknownName,
    /// A name that is declared already, and differently.
    Redeclared,
    /// Specifiers, declarators or widths that make no type.
    InvalidType,
    /// A type that has no size, where one is needed.
    Incomplete,
    /// A type whose size only a C compiler can tell: it was written with `...`.
    Partial,
    /// An expression that is not an integer constant, or has no value.
    Constant,
    /// A `_Static_assert` that does not hold.
    Assertion,
    /// A function in the style of K&R, without types in its parentheses.
    OldStyle,
    /// C that this parser knows and does not take.
    Unsupported,
    /// A text, a nesting or a type beyond a bound of this parser.
    Limit,
}

/// A name or a number in a message may be as long as the text.
const MAX_MESSAGE: usize = 400;

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = shortened(&message.into(), MAX_MESSAGE);
        Self(Box::new(Inner { kind, message, place: None }))
    }

    pub(crate) fn at(mut self, position: Position, caret: String) -> Self {
        self.0.place = Some(Place { position, caret });
        self
    }

    pub(crate) fn has_place(&self) -> bool {
        self.0.place.is_some()
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it is. All that is wrong in a text has a place; a wrong option and a question about a type
    /// that has no answer, such as the size of `void`, have none.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.0.place.as_ref().map(|place| &place.position)
    }

    /// The line in the text that was parsed, from 1, or 0 without a place.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.position().map_or(0, Position::line)
    }

    /// The column in characters, from 1, or 0 without a place.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.position().map_or(0, Position::column)
    }

    /// The line of the source, or the part of a long one, and below it carets under the place.
    #[must_use]
    pub fn caret(&self) -> Option<&str> {
        self.0.place.as_ref().map(|place| place.caret.as_str())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.0.place {
            write!(f, "{}: ", place.position)?;
        }
        f.write_str(&self.0.message)?;
        match &self.0.place {
            Some(place) if f.alternate() => write!(f, "\n{}", place.caret),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
