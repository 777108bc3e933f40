//! The statistics of a run: how sure a minimum is, and how far two sides are apart.

use tenfold_profile::Stats;

/// Resamples of a bootstrap. More change the interval by less than its own error.
const RESAMPLES: usize = 10_000;

/// What a noise floor needs.
const FEWEST_PAIRS: usize = 6;

/// The pseudo-random numbers of a run (splitmix64): seeded, so that a run can be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Fisher and Yates.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// The median of `values` and its 95 % percentile bootstrap interval; `None` for an empty list.
pub(crate) fn median_interval(values: &[f64], rng: &mut Rng) -> Option<(f64, (f64, f64))> {
    let median = Stats::of(values)?.median;
    let mut resample = vec![0.0; values.len()];
    let mut medians: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            resample.fill_with(|| values[rng.below(values.len())]);
            middle(&mut resample)
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    Some((median, (medians[RESAMPLES / 40], medians[RESAMPLES - 1 - RESAMPLES / 40])))
}

/// The median by selection: sorting each of 10,000 resamples would take longer than measuring.
fn middle(values: &mut [f64]) -> f64 {
    let half = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    if !even {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(lower, upper)
}

/// The upper end of the 95 % bootstrap interval of the minimum of `values`; the lower end is the
/// minimum itself. `None` for an empty list.
///
/// In closed form: a resample of n misses the k smallest with probability (1 - k/n)^n, so the
/// 95th percentile of resampled minima is the k-th smallest, with k = n (1 - 0.05^(1/n)).
pub(crate) fn minimum_high(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let k = (n * (1.0 - 0.05_f64.powf(1.0 / n))).ceil() as usize;
    sorted.get(k.saturating_sub(1)).copied()
}

/// How far two measurements of one thing are apart, from the logarithms of paired ratios: the
/// farther end of the interval of their median, as a ratio minus one.
///
/// The end and not the median, because a median can be near 0 by luck. `None` for fewer than
/// [`FEWEST_PAIRS`]: so few may all be near 0 by luck too, and the bootstrap cannot know.
pub(crate) fn floor(log_ratios: &[f64], rng: &mut Rng) -> Option<f64> {
    if log_ratios.len() < FEWEST_PAIRS {
        return None;
    }
    let (_, (low, high)) = median_interval(log_ratios, rng)?;
    Some(low.abs().max(high.abs()).exp_m1())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FEWEST_PAIRS, Rng, Stats, floor, median_interval, middle, minimum_high};

    #[test]
    fn the_interval_of_a_median_holds_it_and_narrows() {
        let mut rng = Rng::new(1);
        let mut width = |n: usize| {
            let values: Vec<f64> = (0..n).map(|i| (i * 7919 % n) as f64 / n as f64).collect();
            let (median, (low, high)) = median_interval(&values, &mut rng).unwrap();
            assert!(low <= median && median <= high);
            high - low
        };
        assert!(width(400) < width(40) && width(40) < width(10));
    }

    #[test]
    fn the_interval_covers_the_truth_about_95_times_of_100() {
        let mut rng = Rng::new(42);
        let covered = (0..200)
            .filter(|_| {
                // Uniform on 0..1: the true median is one half.
                let values: Vec<f64> = (0..25).map(|_| rng.next() as f64 / 2f64.powi(64)).collect();
                let (_, (low, high)) = median_interval(&values, &mut rng).unwrap();
                low <= 0.5 && 0.5 <= high
            })
            .count();
        assert!((175..=200).contains(&covered), "{covered} of 200");
    }

    #[test]
    fn the_interval_of_a_minimum_agrees_with_resampling() {
        let mut rng = Rng::new(7);
        for n in [1, 2, 5, 30, 100] {
            let values: Vec<f64> = (0..n).map(|i| f64::from(i) + 1.0).collect();
            let mut minima: Vec<f64> = (0..4000)
                .map(|_| {
                    (0..n).map(|_| values[rng.below(values.len())]).fold(f64::INFINITY, f64::min)
                })
                .collect();
            minima.sort_by(f64::total_cmp);
            let (closed, resampled) = (minimum_high(&values).unwrap(), minima[3800]);
            assert!((closed - resampled).abs() <= 1.0, "n = {n}: {closed} and {resampled}");
        }
    }

    #[test]
    fn of_nothing_there_is_nothing() {
        assert!(median_interval(&[], &mut Rng::new(0)).is_none());
        assert!(minimum_high(&[]).is_none());
        assert!(floor(&[], &mut Rng::new(0)).is_none());
        assert!(floor(&[0.0; FEWEST_PAIRS - 1], &mut Rng::new(0)).is_none());
        assert_eq!(floor(&[0.0; FEWEST_PAIRS], &mut Rng::new(0)), Some(0.0));
    }

    proptest! {
        #[test]
        fn selection_finds_the_median(mut values in prop::collection::vec(-1e3..1e3f64, 1..40)) {
            let expected = Stats::of(&values).unwrap().median;
            prop_assert!((middle(&mut values) - expected).abs() < 1e-9);
        }

        #[test]
        fn a_shuffle_keeps_everything(seed: u64, n in 0..50usize) {
            let mut items: Vec<usize> = (0..n).collect();
            Rng::new(seed).shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..n).collect::<Vec<_>>());
        }
    }
}
