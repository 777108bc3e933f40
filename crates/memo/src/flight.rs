//! A computation under way, and those who wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::sync::{self, Condvar, Mutex};

/// Where the answer is handed over. It is made by the first who waits: a computation that nobody
/// waits for costs no allocation.
#[derive(Debug)]
pub(crate) struct Flight<V> {
    outcome: Mutex<Outcome<V>>,
    landed: Condvar,
    /// Beside the outcome, which is locked while values are cloned. The lock of the waits orders it.
    is_open: AtomicBool,
}

#[derive(Debug)]
enum Outcome<V> {
    Open,
    Value(V),
    /// The computation panicked, or gave an error that is not remembered.
    Nothing,
}

/// What a wait came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Landing<V> {
    Value(V),
    /// Somebody has to compute again.
    Nothing,
    /// The patience is over.
    TooLong,
}

impl<V> Flight<V> {
    pub(crate) fn new() -> Self {
        Self {
            outcome: Mutex::new(Outcome::Open),
            landed: Condvar::new(),
            is_open: AtomicBool::new(true),
        }
    }

    /// Wakes all who wait. The first outcome holds.
    pub(crate) fn land(&self, value: Option<V>) {
        let mut outcome = self.outcome.lock();
        if matches!(*outcome, Outcome::Open) {
            *outcome = value.map_or(Outcome::Nothing, Outcome::Value);
        }
        drop(outcome);
        self.is_open.store(false, Ordering::Relaxed);
        // Before they wake, and before this thread asks for what they compute.
        sync::waits().landed(self.address());
        self.landed.notify_all();
    }

    /// Which of all flights it is, while it is shared.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    pub(crate) fn wait(&self, patience: Option<Duration>) -> Landing<V>
    where
        V: Clone,
    {
        let start = patience.map(|_| Instant::now());
        let mut outcome = self.outcome.lock();
        loop {
            match &*outcome {
                Outcome::Open => {}
                Outcome::Value(value) => return Landing::Value(value.clone()),
                Outcome::Nothing => return Landing::Nothing,
            }
            match patience.zip(start) {
                None => self.landed.wait(&mut outcome),
                Some((patience, start)) => {
                    let left = patience.saturating_sub(start.elapsed());
                    if left.is_zero() {
                        return Landing::TooLong;
                    }
                    self.landed.wait_for(&mut outcome, left);
                }
            }
        }
    }
}

/// Those who wait for what has been computed, if any do: to be told when no lock is held. Dropped, it
/// tells them that there is nothing, so that nobody waits for ever, whatever panics.
#[derive(Debug)]
pub(crate) struct Waiters<V>(Option<Arc<Flight<V>>>);

impl<V> Waiters<V> {
    #[inline]
    pub(crate) fn of(flight: Option<Arc<Flight<V>>>) -> Self {
        Self(flight)
    }

    pub(crate) const NOBODY: Self = Self(None);

    /// Tells them a value, which is made for them alone.
    #[inline]
    pub(crate) fn tell(self, clone: impl FnOnce() -> V) {
        if let Some(flight) = &self.0 {
            flight.land(Some(clone()));
        }
    }
}

impl<V> Drop for Waiters<V> {
    #[inline]
    fn drop(&mut self) {
        if let Some(flight) = &self.0 {
            // The first outcome holds.
            flight.land(None);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_first_outcome_holds() {
        let flight = Flight::new();
        assert_eq!(flight.wait(Some(Duration::ZERO)), Landing::TooLong);
        flight.land(Some(7));
        flight.land(None);
        assert_eq!(flight.wait(None), Landing::Value(7));
        let flight = Flight::<u8>::new();
        flight.land(None);
        assert_eq!(flight.wait(None), Landing::Nothing);
    }
}
