//! A time, over all ranks.

/// A time over all ranks, in nanoseconds. A rank that never was there counts as 0.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Spread {
    /// Of the rank that has least.
    pub min_ns: f64,
    /// Of all ranks in the mean.
    pub mean_ns: f64,
    /// Of the rank that has most.
    pub max_ns: f64,
    /// The rank that has most; the first of those that have as much.
    pub max_rank: u64,
    /// Whether samples differ as much by chance: in one case of a hundred at most they do by more.
    /// Times of scopes never do.
    pub is_chance: bool,
}

impl Spread {
    /// By what share the most is above the mean: 0 in balance, 1 where one rank has twice the mean.
    #[must_use]
    pub fn imbalance(&self) -> f64 {
        if self.mean_ns > 0.0 { self.max_ns / self.mean_ns - 1.0 } else { 0.0 }
    }
}

/// What the times of ranks add up to, rank by rank.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    ranks: usize,
    sum: f64,
    min: f64,
    max: f64,
    max_rank: u64,
}

impl Sums {
    /// Adds what a rank has altogether. Ranks come in their order.
    pub(super) fn add(&mut self, rank: u64, ns: f64) {
        let is_first = self.ranks == 0;
        if is_first || ns > self.max {
            (self.max, self.max_rank) = (ns, rank);
        }
        self.min = if is_first { ns } else { self.min.min(ns) };
        self.ranks += 1;
        self.sum += ns;
    }

    /// Of so many ranks, by samples that are so far from each other, or 0 where it was measured.
    pub(super) fn spread(&self, ranks: usize, period_ns: f64) -> Spread {
        let mean_ns = self.sum / count(ranks.max(1));
        Spread {
            min_ns: if self.ranks < ranks { 0.0 } else { self.min },
            mean_ns,
            max_ns: self.max,
            max_rank: self.max_rank,
            is_chance: self.max - mean_ns <= by_chance(mean_ns, ranks, period_ns),
        }
    }
}

/// How far the most of so many counts of Poisson comes above their mean, less than once in a hundred
/// times. Of `n` values from the normal distribution the largest is about `sqrt(2 ln n)` standard
/// deviations above the mean.
fn by_chance(mean_ns: f64, ranks: usize, period_ns: f64) -> f64 {
    if period_ns == 0.0 {
        return f64::NEG_INFINITY;
    }
    let deviation = (mean_ns * period_ns).sqrt();
    ((2.0 * count(ranks.max(1)).ln()).sqrt() + 1.0) * deviation
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 ranks")]
pub(super) fn count(ranks: usize) -> f64 {
    ranks as f64
}

#[cfg(test)]
mod tests {
    use super::Sums;

    fn sums(times: &[(u64, f64)]) -> Sums {
        let mut sums = Sums::default();
        times.iter().for_each(|(rank, ns)| sums.add(*rank, *ns));
        sums
    }

    #[test]
    fn a_rank_that_never_was_there_has_nothing() {
        let spread = sums(&[(1, 30.0), (2, 60.0), (7, 60.0)]).spread(4, 0.0);
        assert_eq!((spread.min_ns, spread.mean_ns, spread.max_ns), (0.0, 37.5, 60.0));
        assert_eq!((spread.max_rank, spread.is_chance), (2, false));
        assert!((spread.imbalance() - 0.6).abs() < 1e-9);
        let all = sums(&[(0, 30.0), (3, 20.0)]).spread(2, 0.0);
        assert_eq!((all.min_ns, all.mean_ns, all.max_ns, all.max_rank), (20.0, 25.0, 30.0, 0));
        let none = Sums::default().spread(4, 0.0);
        assert_eq!((none.min_ns, none.max_ns, none.imbalance()), (0.0, 0.0, 0.0));
    }

    /// 100 samples in the mean have a deviation of 10, and two of them a limit of
    /// (sqrt(2 ln 2) + 1) * 10 = 21.8.
    #[test]
    fn few_samples_differ_by_chance() {
        let of = |first: f64, period| sums(&[(0, first), (1, 200.0 - first)]).spread(2, period);
        assert!(of(121.0, 1.0).is_chance && !of(122.0, 1.0).is_chance);
        assert!(of(122.0, 2.0).is_chance && !of(100.5, 0.0).is_chance);
    }
}
