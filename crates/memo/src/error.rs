//! What can go wrong with a folder that one wants to look into. A memo itself never fails.

use std::fmt;
use std::io;
use std::path::Path;

/// Why a folder could not be looked into or cleared.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    source: io::Error,
}

/// The kind of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The folder cannot be read.
    Read,
    /// A file cannot be removed.
    Remove,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, path: &Path, source: io::Error) -> Self {
        let verb = match kind {
            ErrorKind::Read => "read",
            ErrorKind::Remove => "remove",
        };
        let message = format!("cannot {verb} `{}`", path.display());
        Self(Box::new(Inner { kind, message, source }))
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.source)
    }
}
