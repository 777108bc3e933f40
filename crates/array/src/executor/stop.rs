//! What ends a block before it is done.

use std::cell::Cell;

use super::cancel::Cancel;
use super::failure::Failure;
use crate::error::{Error, ErrorKind, Result};

/// Tells a worker that a block is of no use any more: one with a lower number has failed, or somebody has cancelled. To
/// ask takes two loads.
///
/// Another that has failed is no reason to stop: this one may be the first that fails, and then it is the one to tell of,
/// whoever was faster.
#[derive(Debug)]
pub(crate) struct Stop<'a> {
    block: usize,
    failure: &'a Failure,
    cancel: &'a Cancel,
    heeded: Cell<bool>,
}

impl<'a> Stop<'a> {
    pub(super) fn new(block: usize, failure: &'a Failure, cancel: &'a Cancel) -> Self {
        Self { block, failure, cancel, heeded: Cell::new(false) }
    }

    #[inline]
    pub(super) fn is_wanted(&self) -> bool {
        self.failure.is_before(self.block) || self.cancel.is_cancelled()
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
