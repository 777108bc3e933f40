//! What can go wrong in a call of a kernel.

use std::fmt;

/// Why a kernel was not run, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
}

/// The kind of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Shapes that cannot be broadcast together, or an output of another shape.
    Shape,
    /// An output whose elements share memory with each other or with an input.
    Overlap,
    /// A divisor was zero in a kernel with `division = error`.
    DivisionByZero,
    /// An index outside its slice in a kernel on slices.
    Bounds,
    /// Nothing to reduce, and the operation has no identity.
    Empty,
    /// What a kernel or this machine has no way to do.
    Unsupported,
    /// An argument outside its range: an axis, a number of steps, an end of a range.
    Argument,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into() }))
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

impl std::error::Error for Error {}
