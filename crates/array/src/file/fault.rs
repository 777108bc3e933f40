//! What is wrong with the bytes of a file.

use std::io::{self, ErrorKind as IoKind};

use crate::error::{Error, ErrorKind};

/// What is said of a file whose name only the caller knows: "is no npy file".
#[derive(Debug)]
pub(super) struct Fault {
    kind: ErrorKind,
    says: String,
    source: Option<io::Error>,
}

impl Fault {
    pub(super) fn data(says: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Data, says: says.into(), source: None }
    }

    pub(super) fn unsupported(says: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Unsupported, says: says.into(), source: None }
    }

    /// That bytes did not come: they are not there, or cannot be unpacked, or the disk does not give them.
    pub(super) fn reading(says: impl Into<String>, error: io::Error) -> Self {
        let kind = match error.kind() {
            // The first two come from unpacking.
            IoKind::InvalidInput | IoKind::InvalidData | IoKind::UnexpectedEof => ErrorKind::Data,
            _ => ErrorKind::Io,
        };
        Self { kind, says: says.into(), source: Some(error) }
    }

    /// The error, of the file that it is about.
    pub(super) fn of(self, subject: &str) -> Error {
        let error = Error::new(self.kind, format!("{subject} {}", self.says));
        match self.source {
            Some(source) => error.because(source),
            None => error,
        }
    }
}
