//! What the schedules lock and count with: that of the machine, or loom's, which tries every order.

#[cfg(loom)]
use loom::sync as base;
#[cfg(not(loom))]
use std::sync as base;

pub(super) use base::atomic::{AtomicU32, AtomicUsize, Ordering};
pub(super) use base::{Condvar, Mutex, MutexGuard};
#[cfg(loom)]
pub(super) use loom::cell::UnsafeCell;

/// std's cell, asked as loom's is.
#[cfg(not(loom))]
#[derive(Debug)]
#[repr(transparent)]
pub(super) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    pub(super) fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(super) fn with<R>(&self, body: impl FnOnce(*const T) -> R) -> R {
        body(self.0.get())
    }

    pub(super) fn with_mut<R>(&self, body: impl FnOnce(*mut T) -> R) -> R {
        body(self.0.get())
    }

    pub(super) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}
