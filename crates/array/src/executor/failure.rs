//! The failure that a computation tells of.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// The failure of the lowest number, if there is one.
#[derive(Debug)]
pub(super) struct Failure {
    /// Its number, or more than any has.
    lowest: AtomicUsize,
    first: Mutex<Option<(usize, Error)>>,
}

impl Default for Failure {
    fn default() -> Self {
        Self { lowest: AtomicUsize::new(usize::MAX), first: Mutex::default() }
    }
}

impl Failure {
    /// Whether anything has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.is_before(usize::MAX)
    }

    /// Whether something has failed whose number is lower.
    pub(super) fn is_before(&self, number: usize) -> bool {
        self.lowest.load(Ordering::Relaxed) < number
    }

    /// Part `number` has failed.
    pub(super) fn tell(&self, number: usize, error: Error) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(other, _)| number < *other) {
            *first = Some((number, error));
            self.lowest.store(number, Ordering::Relaxed);
        }
    }

    pub(super) fn into_result(self) -> Result<()> {
        let first = self.first.into_inner().unwrap_or_else(PoisonError::into_inner);
        first.map_or(Ok(()), |(_, error)| Err(error))
    }
}
