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
    edges: Mutex<Vec<Edge>>,
}

#[derive(Debug)]
struct Edge {
    who: ThreadId,
    whom: ThreadId,
    /// What for: the address of a flight.
    flight: usize,
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

    /// Notes that `who` waits for `whom` and a flight that is open; `None` where `whom` waits for `who`,
    /// at first or tenth hand.
    pub(crate) fn wait(
        &self,
        (who, whom): (ThreadId, ThreadId),
        flight: usize,
        is_open: impl FnOnce() -> bool,
    ) -> Option<Waiting<'_>> {
        let mut edges = self.edges.lock();
        // Asked with the lock: what lands from now on takes the edge away.
        if is_open() {
            let next = |id| edges.iter().find(|edge| edge.who == id).map(|edge| edge.whom);
            let mut chain = std::iter::successors(Some(whom), |&id| next(id));
            if chain.any(|id| id == who) {
                return None;
            }
            edges.push(Edge { who, whom, flight });
        }
        Some(Waiting { waits: self, who })
    }

    /// Nobody waits for this flight any more, though some may not have woken yet.
    pub(crate) fn landed(&self, flight: usize) {
        self.edges.lock().retain(|edge| edge.flight != flight);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut edges = self.waits.edges.lock();
        if let Some(at) = edges.iter().position(|edge| edge.who == self.who) {
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
        let wait = |who, whom| waits.wait((who, whom), 0, || true);
        let first = wait(1, 2).unwrap();
        let _second = wait(2, 3).unwrap();
        let _other = wait(4, 2).unwrap();
        assert!(wait(3, 1).is_none() && wait(3, 4).is_none());
        assert!(wait(5, 5).is_none(), "a thread does not wait for itself");
        drop(first);
        assert!(wait(3, 1).is_some());
    }

    /// Who waits for what has landed, and has not woken yet, is part of no circle.
    #[test]
    fn what_has_landed_is_not_waited_for() {
        let waits = Waits::new();
        let _asleep = waits.wait((2, 1), 7, || true).unwrap();
        assert!(waits.wait((1, 2), 8, || true).is_none());
        waits.landed(7);
        let back = waits.wait((1, 2), 8, || true).unwrap();
        assert!(waits.wait((2, 1), 9, || true).is_none());
        drop(back);
        let _late = waits.wait((3, 1), 7, || false).unwrap();
        assert!(waits.wait((1, 3), 8, || true).is_some());
    }
}
