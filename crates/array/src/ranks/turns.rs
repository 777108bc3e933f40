//! Who may compute, where there are more workers than threads.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// Workers that read what other ranks have are twice as many as threads: while one waits for what it has asked for, another
/// has its turn. Who has one waits for no other rank, and gives it back after each strip: it comes round, however long a strip
/// takes. It is a worker's when the first is there of what it reads; what is made of no other rank's elements a program has made after
/// that, but for what is made of results of stages before. A block of several inputs takes them in its own order: what functions
/// make of one before another is read is made without.
#[derive(Debug, Default)]
pub(super) struct Turns {
    state: Mutex<Option<State>>,
    freed: Condvar,
}

#[derive(Debug)]
struct State {
    free: usize,
    held: HashSet<ThreadId>,
}

impl Turns {
    /// From now on so many have their turn at a time.
    pub(super) fn open(&self, threads: usize) {
        *self.state() = Some(State { free: threads, held: HashSet::new() });
    }

    /// From now on all have.
    pub(super) fn close(&self) {
        *self.state() = None;
        self.freed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is this thread's turn.
    pub(super) fn begin(&self) {
        let own = thread::current().id();
        let none_is_free = |state: &mut Option<State>| {
            state.as_ref().is_some_and(|state| state.free == 0 && !state.held.contains(&own))
        };
        let waited = self.freed.wait_while(self.state(), none_is_free);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = state.as_mut().filter(|state| state.free > 0)
            && state.held.insert(own)
        {
            state.free -= 1;
        }
    }

    /// This thread computes nothing for now.
    pub(super) fn end(&self) {
        if let Some(state) = &mut *self.state()
            && state.held.remove(&thread::current().id())
        {
            state.free += 1;
            self.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_turn_that_takes_seconds_is_not_taken_by_another() {
        let (turns, has_begun) = (Turns::default(), AtomicUsize::new(0));
        turns.open(1);
        turns.begin();
        thread::scope(|scope| {
            scope.spawn(|| {
                turns.begin();
                has_begun.store(1, Ordering::SeqCst);
                turns.end();
            });
            thread::sleep(Duration::from_millis(1300));
            assert_eq!(has_begun.load(Ordering::SeqCst), 0, "one may compute");
            turns.end();
        });
        assert_eq!(has_begun.into_inner(), 1);
    }

    #[test]
    fn as_many_compute_as_may() {
        let (turns, now, most) = (Turns::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        turns.open(2);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        turns.begin();
                        // It has its turn already.
                        turns.begin();
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                        turns.end();
                    }
                });
            }
        });
        assert!(most.into_inner() <= 2);
        turns.end();
        turns.close();
        turns.begin();
    }
}
