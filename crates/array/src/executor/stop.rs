//! What ends a block before it is done.

use std::cell::Cell;

use super::cancel::Cancel;
use super::failure::Failure;
use crate::error::{Error, ErrorKind, Result};

/// Tells a worker that nothing it does is of use any more: another worker has failed, or somebody has cancelled. To ask
/// takes two loads.
#[derive(Debug)]
pub(crate) struct Stop<'a> {
    failure: &'a Failure,
    cancel: &'a Cancel,
    heeded: Cell<bool>,
}

impl<'a> Stop<'a> {
    pub(super) fn new(failure: &'a Failure, cancel: &'a Cancel) -> Self {
        Self { failure, cancel, heeded: Cell::new(false) }
    }

    #[inline]
    pub(super) fn is_wanted(&self) -> bool {
        self.failure.has_failed() || self.cancel.is_cancelled()
    }

    /// An error if the worker shall stop, which nobody is told of: there is another reason.
    #[inline]
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_wanted() { Err(self.stopped()) } else { Ok(()) }
    }

    #[cold]
    fn stopped(&self) -> Error {
        self.heeded.set(true);
        Error::new(ErrorKind::Cancelled, "a chunk was given up")
    }

    /// Whether the worker was told to stop.
    pub(crate) fn was_heeded(&self) -> bool {
        self.heeded.get()
    }
}
