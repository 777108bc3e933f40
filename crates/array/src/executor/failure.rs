//! The failure that a computation tells of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// The first failure, if there is one: of several at one time that of the lowest number.
#[derive(Debug, Default)]
pub(super) struct Failure {
    failed: AtomicBool,
    first: Mutex<Option<(usize, Error)>>,
}

impl Failure {
    /// Whether nothing shall start any more.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Part `number` has failed.
    pub(super) fn tell(&self, number: usize, error: Error) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(other, _)| number < *other) {
            *first = Some((number, error));
        }
        self.failed.store(true, Ordering::Relaxed);
    }

    pub(super) fn into_result(self) -> Result<()> {
        let first = self.first.into_inner().unwrap_or_else(PoisonError::into_inner);
        first.map_or(Ok(()), |(_, error)| Err(error))
    }
}
