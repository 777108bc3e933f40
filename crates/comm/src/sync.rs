//! Locks and atomics: those of the machine, or loom's, which tries every order.

use std::sync::PoisonError;

#[cfg(loom)]
use loom::sync as base;
#[cfg(not(loom))]
use std::sync as base;

pub(crate) use base::MutexGuard;
pub(crate) use base::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
#[cfg(not(loom))]
pub(crate) use cell::UnsafeCell;
#[cfg(loom)]
pub(crate) use loom::cell::UnsafeCell;
#[cfg(loom)]
pub(crate) use once::Once;
#[cfg(not(loom))]
pub(crate) use std::sync::OnceLock as Once;

#[cfg(not(loom))]
mod cell;
#[cfg(loom)]
mod once;

/// A lock that does not know of panics: nothing of a user's runs under it.
#[derive(Debug)]
pub(crate) struct Mutex<T>(base::Mutex<T>);

#[derive(Debug)]
pub(crate) struct Condvar(base::Condvar);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(base::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(base::Condvar::new())
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }
}
