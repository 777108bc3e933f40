//! loom's locks, with the faces of the real ones.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use super::{ThreadId, Waits};

loom::lazy_static! {
    static ref WAITS: Waits = Waits::new();
    static ref NEXT: loom::sync::atomic::AtomicU32 = loom::sync::atomic::AtomicU32::new(1);
}

loom::thread_local! {
    static ID: std::cell::Cell<ThreadId> = std::cell::Cell::new(0);
}

pub(crate) fn waits() -> &'static Waits {
    &WAITS
}

pub(crate) fn thread() -> ThreadId {
    ID.with(|id| {
        if id.get() == 0 {
            id.set(NEXT.fetch_add(1, loom::sync::atomic::Ordering::Relaxed));
        }
        id.get()
    })
}

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

/// Empty only while a condition is waited for.
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

#[derive(Debug)]
pub(crate) struct Condvar(loom::sync::Condvar);

/// loom has no time: nothing ever times out.
#[derive(Debug)]
pub(crate) struct WaitTimeoutResult;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().expect("loom poisons nothing that is looked at again")))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.as_ref().expect("locked")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("locked")
    }
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let inner = guard.0.take().expect("locked");
        guard.0 = Some(self.0.wait(inner).expect("not poisoned"));
    }

    pub(crate) fn wait_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        _: Duration,
    ) -> WaitTimeoutResult {
        self.wait(guard);
        WaitTimeoutResult
    }
}

impl WaitTimeoutResult {
    #[expect(clippy::unused_self, reason = "as the real one has it")]
    pub(crate) fn timed_out(&self) -> bool {
        false
    }
}
