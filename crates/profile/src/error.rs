//! What can go wrong.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why something could not be done.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A session runs already; there is one at a time in a process.
    SessionRuns,
    /// The crate was built without its feature of this name.
    FeatureOff(&'static str),
    /// Allocations were asked for, and the program's `#[global_allocator]` is not ours.
    NoAllocator,
    /// An argument is out of its bounds.
    Argument {
        /// Its name.
        name: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        bound: &'static str,
    },
    /// The system has no such thing, or does not give it.
    Unsupported(&'static str),
    /// A file could not be read or written.
    File(PathBuf),
    /// A file is no report, or a damaged one.
    Format {
        /// Which one.
        file: PathBuf,
        /// Where in it, as in `threads[0].paths[3].calls`; empty for the file as a whole.
        field: String,
        /// What is wrong there.
        problem: String,
    },
}

impl Error {
    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(crate) fn file(file: &Path, source: std::io::Error) -> Self {
        Self { kind: ErrorKind::File(file.to_owned()), source: Some(Box::new(source)) }
    }

    pub(crate) fn format(
        file: &Path,
        field: impl Into<String>,
        problem: impl fmt::Display,
    ) -> Self {
        let (field, problem) = (field.into(), problem.to_string());
        Self::new(ErrorKind::Format { file: file.to_owned(), field, problem })
    }

    pub(crate) fn argument(
        name: &'static str,
        value: impl fmt::Display,
        bound: &'static str,
    ) -> Self {
        Self::new(ErrorKind::Argument { name, value: value.to_string(), bound })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::SessionRuns => f.write_str(
                "a session runs already, and a process has one at a time: finish that one first",
            ),
            ErrorKind::FeatureOff(feature) => {
                write!(f, "tenfold-profile was built without its feature `{feature}`")
            }
            ErrorKind::NoAllocator => f.write_str(
                "allocations cannot be counted, because the program does not declare \
                 `#[global_allocator] static ALLOCATOR: tenfold_profile::CountingAllocator = \
                 tenfold_profile::CountingAllocator::system();`",
            ),
            ErrorKind::Argument { name, value, bound } => {
                write!(f, "`{name}` is {value}, and has to be {bound}")
            }
            ErrorKind::Unsupported(what) => write!(f, "this system has no {what}"),
            ErrorKind::File(file) => write!(f, "cannot use the file {}", file.display()),
            ErrorKind::Format { file, field, problem } if field.is_empty() => {
                write!(f, "{}: {problem}", file.display())
            }
            ErrorKind::Format { file, field, problem } => {
                write!(f, "{}, field `{field}`: {problem}", file.display())
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;
