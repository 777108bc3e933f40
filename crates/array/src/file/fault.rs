//! What is wrong with the bytes of a file.

use crate::error::{Error, ErrorKind};

/// What is said of a file whose name only the caller knows: "is no npy file".
#[derive(Debug)]
pub(super) struct Fault(ErrorKind, String);

impl Fault {
    pub(super) fn data(says: impl Into<String>) -> Self {
        Self(ErrorKind::Data, says.into())
    }

    pub(super) fn unsupported(says: impl Into<String>) -> Self {
        Self(ErrorKind::Unsupported, says.into())
    }

    /// The error, of the file that it is about.
    pub(super) fn of(self, subject: &str) -> Error {
        Error::new(self.0, format!("{subject} {}", self.1))
    }
}
