//! Where results of tasks lie while somebody needs them.

use std::fmt;

use super::sync::UnsafeCell;

/// A place for the result of each task. It has no locks: who may touch a place follows from who has finished.
pub(super) struct Slots<V>(Box<[UnsafeCell<Option<V>>]>);

// SAFETY: results are made on one thread, seen by several and dropped on another, as `Send` and `Sync` allow; that
// nobody touches a place at the wrong time is what `put`, `get` and `take` ask of their callers.
unsafe impl<V: Send + Sync> Sync for Slots<V> {}

impl<V> Slots<V> {
    pub(super) fn new(count: usize) -> Self {
        Self((0..count).map(|_| UnsafeCell::new(None)).collect())
    }

    /// Puts a result into the place of a task.
    ///
    /// # Safety
    /// No other call for this task runs at the same time, and no reference that [`get`](Self::get) gave is left.
    pub(super) unsafe fn put(&self, task: u32, value: V) {
        self.0[task as usize].with_mut(|place| {
            // SAFETY: nobody else is at this place, says the caller.
            let place = unsafe { &mut *place };
            *place = Some(value);
        });
    }

    /// The result of a task, if it is there.
    ///
    /// # Safety
    /// No [`put`](Self::put) and no [`take`](Self::take) for this task runs at the same time, nor while the
    /// reference lives.
    pub(super) unsafe fn get(&self, task: u32) -> Option<&V> {
        self.0[task as usize].with(|place| {
            // SAFETY: nobody writes to this place while the reference lives, says the caller.
            unsafe { &*place }.as_ref()
        })
    }

    /// Takes the result of a task out, if it is there.
    ///
    /// # Safety
    /// As for [`put`](Self::put).
    pub(super) unsafe fn take(&self, task: u32) -> Option<V> {
        self.0[task as usize].with_mut(|place| {
            // SAFETY: nobody else is at this place, says the caller.
            let place = unsafe { &mut *place };
            place.take()
        })
    }

    /// What is in all places.
    pub(super) fn into_all(self) -> impl Iterator<Item = Option<V>> {
        self.0.into_iter().map(UnsafeCell::into_inner)
    }
}

impl<V> fmt::Debug for Slots<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} slots", self.0.len())
    }
}
