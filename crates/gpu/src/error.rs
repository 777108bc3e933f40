//! What can go wrong with a device and what runs on it.

use std::error::Error as StdError;
use std::fmt;

/// Why something could not be done on a device. After it the device goes on, unless it is
/// [`DeviceLost`](ErrorKind::DeviceLost).
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
    /// No adapter is there, or none is what was asked for; the message lists those that are.
    NoAdapter,
    /// What the device, its driver or WGSL has no way to do.
    Unsupported,
    /// An allocation over the budget, or more than the driver has.
    OutOfMemory {
        /// Bytes that were asked for; 0 where it is something of the driver's own that it has no memory for.
        requested_bytes: u64,
        /// Bytes that arrays hold, as they were taken from the driver.
        in_use_bytes: u64,
        /// Bytes that the pool may hold; `u64::MAX` where nothing was said.
        budget_bytes: u64,
    },
    /// Something above a limit of the device.
    TooLarge,
    /// Shapes that do not go together.
    Shape,
    /// An argument outside its range: an axis, an index, a name, a work-group's size.
    Argument,
    /// A kernel that is no valid WGSL, or whose bindings are not what was given.
    Validation {
        /// The line of its source, from 1, where there is one.
        line: Option<u32>,
    },
    /// Arrays of different devices in one call.
    DeviceMismatch,
    /// The device is gone; it has to be opened anew.
    DeviceLost,
    /// The device was not done in time. Nothing is lost: one may wait again.
    Timeout,
    /// The driver refused what is valid.
    Driver,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), source: None }))
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, source } = &*self.0;
        let mut fields = f.debug_struct("Error");
        fields.field("kind", kind).field("message", message);
        if let Some(source) = source {
            fields.field("source", source);
        }
        fields.finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<tenfold_kernel::Error> for Error {
    /// A kernel's own error; what has no kind here is [`Unsupported`](ErrorKind::Unsupported).
    fn from(error: tenfold_kernel::Error) -> Self {
        let kind = match error.kind() {
            tenfold_kernel::ErrorKind::Shape => ErrorKind::Shape,
            tenfold_kernel::ErrorKind::Argument => ErrorKind::Argument,
            _ => ErrorKind::Unsupported,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
