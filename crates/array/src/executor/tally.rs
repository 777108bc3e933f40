//! How many bytes are alive.

use std::sync::atomic::{AtomicI64, Ordering};

/// A worker tells the others of its bytes when they have come to so many, where nothing depends on it: an atomic
/// operation for each task would cost as much as the task.
pub(super) const QUANTUM: u64 = 1 << 20;

/// The bytes of all workers, known to within a quantum for each.
#[derive(Debug, Default)]
#[repr(align(128))] // Nothing else in the cache line, nor in that which is fetched with it.
pub(super) struct Live {
    now: AtomicI64,
    peak: AtomicI64,
}

impl Live {
    pub(super) fn add(&self, bytes: i64) {
        // A worker may tell of a release before another tells of the result: the sum is below 0 then.
        let now = self.now.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if bytes > 0 {
            self.peak.fetch_max(now, Ordering::Relaxed);
        }
    }

    pub(super) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed).max(0).unsigned_abs()
    }
}

/// The bytes of a worker that the others do not know of.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    live: &'a Live,
    untold: i64,
    quantum: u64,
}

impl<'a> Tally<'a> {
    pub(super) fn new(live: &'a Live, quantum: u64) -> Self {
        Self { live, untold: 0, quantum }
    }

    /// These are alive from now on, or are not any more where there are fewer than 0.
    pub(super) fn add(&mut self, bytes: i64) {
        self.untold = self.untold.saturating_add(bytes);
        if self.untold.unsigned_abs() >= self.quantum {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.live.add(std::mem::take(&mut self.untold));
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        self.tell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_results_are_told_at_once_and_small_ones_together() {
        let live = Live::default();
        let mut tally = Tally::new(&live, QUANTUM);
        tally.add((1 << 20) - 1);
        assert_eq!(live.peak(), 0);
        tally.add(1);
        assert_eq!(live.peak(), 1 << 20);
        tally.add(5 << 20);
        tally.add(-(6 << 20));
        assert_eq!(live.peak(), 6 << 20);
        tally.add(7);
        drop(tally);
        assert_eq!(live.now.into_inner(), 7);
    }

    #[test]
    fn no_size_overflows() {
        let live = Live::default();
        let mut tally = Tally::new(&live, QUANTUM);
        tally.add(i64::MAX);
        tally.add(i64::MAX);
        drop(tally);
        assert!(live.peak() > 0);
    }
}
