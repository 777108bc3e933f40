//! The locks, and who waits for whom: those of the machine, or loom's, which tries every order.

#[cfg(not(loom))]
mod kind {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicU32, Ordering};

    pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};

    use super::{ThreadId, Waits};

    static WAITS: Waits = Waits::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);

    thread_local! {
        static ID: Cell<ThreadId> = const { Cell::new(0) };
    }

    pub(crate) fn waits() -> &'static Waits {
        &WAITS
    }

    /// The number of this thread, from 1. A thread that is ending, and has lost its own, takes a
    /// new one for each question: it owns nothing that it could wait for.
    pub(crate) fn thread() -> ThreadId {
        let fresh = || NEXT.fetch_add(1, Ordering::Relaxed);
        let known = ID.try_with(|id| {
            if id.get() == 0 {
                id.set(fresh());
            }
            id.get()
        });
        known.unwrap_or_else(|_| fresh())
    }
}

#[cfg(loom)]
mod kind;

pub(crate) use kind::{Condvar, Mutex, MutexGuard, thread, waits};

/// What a thread is known by.
pub(crate) type ThreadId = u32;

/// Which threads wait, and for which thread.
///
/// A thread that would close a circle must not wait: nobody in the circle would ever come back.
/// All memos share one list, since two functions that call each other have two memos.
#[derive(Debug)]
pub(crate) struct Waits {
    // Only waiting threads are here, so that a search through all of them costs less than the wait.
    edges: Mutex<Vec<(ThreadId, ThreadId)>>,
}

/// A thread that waits, until this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    waits: &'a Waits,
    who: ThreadId,
}

impl Waits {
    #[cfg(not(loom))]
    const fn new() -> Self {
        Self { edges: Mutex::new(Vec::new()) }
    }

    #[cfg(loom)]
    fn new() -> Self {
        Self { edges: Mutex::new(Vec::new()) }
    }

    /// Notes that `who` waits for `whom`; `None` where `whom` waits for `who`, at first or tenth hand.
    pub(crate) fn wait(&self, who: ThreadId, whom: ThreadId) -> Option<Waiting<'_>> {
        let mut edges = self.edges.lock();
        let next = |id| edges.iter().find(|(from, _)| *from == id).map(|(_, to)| *to);
        let mut chain = std::iter::successors(Some(whom), |&id| next(id));
        if chain.any(|id| id == who) {
            return None;
        }
        edges.push((who, whom));
        Some(Waiting { waits: self, who })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut edges = self.waits.edges.lock();
        if let Some(at) = edges.iter().position(|(from, _)| *from == self.who) {
            edges.swap_remove(at);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Waits;

    #[test]
    fn a_circle_is_refused_and_a_chain_is_not() {
        let waits = Waits::new();
        let first = waits.wait(1, 2).unwrap();
        let _second = waits.wait(2, 3).unwrap();
        let _other = waits.wait(4, 2).unwrap();
        assert!(waits.wait(3, 1).is_none() && waits.wait(3, 4).is_none());
        assert!(waits.wait(5, 5).is_none(), "a thread does not wait for itself");
        drop(first);
        assert!(waits.wait(3, 1).is_some());
    }
}
