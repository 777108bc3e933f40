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
    /// Ranks that do not compute the same, one that is gone, or an array that is spread over others.
    Ranks,
}

impl Error {
    /// An error of a [`Source`](crate::Source) or a [`Target`](crate::Target) of yours: of some sort, with a sentence
    /// such as "shelf 7 has no book 3".
    ///
    /// ```
    /// use tenfold_array::{Array, Dims, Error, ErrorKind, Source, Window, ndarray::Ix1};
    ///
    /// #[derive(Debug)]
    /// struct Shelf;
    ///
    /// impl Source<u8> for Shelf {
    ///     fn shape(&self) -> Dims {
    ///         Dims::from_slice(&[10])
    ///     }
    ///     fn read(&self, window: &Window, _: &mut [u8]) -> Result<(), Error> {
    ///         let [first] = *window.start() else { unreachable!() };
    ///         let source = std::io::Error::from(std::io::ErrorKind::NotFound);
    ///         Err(Error::new(ErrorKind::Io, format!("the shelf has no book {first}")).because(source))
    ///     }
    /// }
    ///
    /// let error = Array::<u8, Ix1>::from_source(Shelf, 5).compute().unwrap_err();
    /// assert_eq!((error.kind(), error.to_string()), (ErrorKind::Io, "the shelf has no book 0".into()));
    /// assert_eq!(format!("{error:#}"), "the shelf has no book 0: entity not found");
    /// ```
    #[must_use]
    pub fn new(kind: ErrorKind, sentence: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, sentence: sentence.into(), location: None, source: None }))
    }

    /// With the line that wrote the operation, if it has none yet: the first is the closest.
    pub(crate) fn at(mut self, location: &'static Location<'static>) -> Self {
        self.0.location.get_or_insert(location);
        self
    }

    /// The same of something that it happened in.
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.0.sentence = format!("{place}: {}", self.0.sentence);
        self
    }

    /// With what it comes from, which [`source`](StdError::source) gives.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    /// The sentence alone.
    #[cfg(feature = "ranks")]
    pub(crate) fn sentence(&self) -> &str {
        &self.0.sentence
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

/// As [`Error::new`] of the sort [`ErrorKind::Io`], with what the system says.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, error.to_string()).because(error)
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
