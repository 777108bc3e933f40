//! What can go wrong with an array.

use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;

/// Why an array could not be made, planned or computed. [`kind`](Self::kind) says which sort of reason,
/// `Display` a sentence with the numbers, [`location`](Self::location) which line of the program wrote the
/// operation. `{:#}` goes on with what it comes from, one [`source`](StdError::source) after another.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    sentence: String,
    location: Option<&'static Location<'static>>,
    source: Option<std::sync::Arc<dyn StdError + Send + Sync>>,
}

/// A [`Result`](std::result::Result) with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The sort of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Shapes that do not go together, or an array of too many elements.
    Shape,
    /// An axis that the array does not have, or has twice.
    Axis,
    /// Chunks that are empty, or do not add up to the length of their axis.
    Chunks,
    /// An index or a slice outside of its axis.
    Index,
    /// A value that an argument cannot have.
    Value,
    /// An operation that has no answer for an array without elements.
    Empty,
    /// More memory would be needed than the cap allows, whatever the plan.
    Memory,
    /// A task returned an error.
    Failed,
    /// A task panicked.
    Panicked,
    /// The computation was cancelled.
    Cancelled,
    /// The file system refused.
    Io,
    /// A file that does not hold what it should.
    Data,
    /// Not on this platform, or not for these elements.
    Unsupported,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, sentence: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, sentence: sentence.into(), location: None, source: None }))
    }

    /// With the line that wrote the operation, if it has none yet: the first is the closest.
    pub(crate) fn at(mut self, location: &'static Location<'static>) -> Self {
        self.0.location.get_or_insert(location);
        self
    }

    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    /// Which sort of reason.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The line of the program that wrote the operation, where there is one.
    #[must_use]
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.0.location
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.sentence)?;
        if let Some(location) = self.0.location {
            write!(f, " (at {}:{})", location.file(), location.line())?;
        }
        let mut source = f.alternate().then(|| self.source()).flatten();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self:#}", self.0.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
