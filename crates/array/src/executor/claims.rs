//! Numbers that are given out in blocks.

use std::ops::Range;

use super::sync::{AtomicUsize, Ordering};

/// The most that are claimed at once: an atomic operation that two threads fight for is then 1/64 of a number.
const LARGEST: usize = 64;

/// How many of `count` are claimed at once at most: a worker that is slow has not come to as many.
pub(crate) fn claimed(count: usize, workers: usize) -> usize {
    (count / (4 * workers.max(1))).clamp(1, LARGEST)
}

/// The numbers below a bound in ascending order, each given to one of several workers.
#[derive(Debug)]
#[repr(align(128))] // Nothing else in the cache line, nor in that which is fetched with it.
pub(super) struct Claims {
    next: AtomicUsize,
    count: usize,
    workers: usize,
}

impl Claims {
    pub(super) fn new(count: usize, workers: usize) -> Self {
        Self { next: AtomicUsize::new(0), count, workers: workers.max(1) }
    }

    /// Whether all were given.
    pub(super) fn is_over(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.count
    }

    /// The next numbers, while there are some: fewer at a time towards the end, so that nobody sits on a block while
    /// others have nothing.
    pub(super) fn claim(&self) -> Option<Range<usize>> {
        let left = self.count.saturating_sub(self.next.load(Ordering::Relaxed));
        if left == 0 {
            return None;
        }
        let size = claimed(left, self.workers);
        let start = self.next.fetch_add(size, Ordering::Relaxed);
        // `next` stays below `count` and a block for each worker, since nobody adds where nothing is left.
        (start < self.count).then(|| start..self.count.min(start + size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_are_given_in_order() {
        for (count, workers) in [(0, 1), (1, 3), (1000, 2), (1000, 0)] {
            let claims = Claims::new(count, workers);
            let all: Vec<usize> = std::iter::from_fn(|| claims.claim()).flatten().collect();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn blocks_shrink_towards_the_end() {
        let claims = Claims::new(1000, 2);
        let sizes: Vec<usize> = std::iter::from_fn(|| claims.claim()).map(|r| r.len()).collect();
        assert_eq!(sizes[0], 64);
        assert_eq!(sizes[sizes.len() - 1], 1);
    }
}
