//! How sure a figure is that is made of medians.
//!
//! As the ladder does it (`benches/harness/stats.rs`): 95 % percentile intervals of the bootstrap, with a fixed
//! seed, so that the same study gives the same report.

/// More change an interval by less than its own error.
const RESAMPLES: usize = 10_000;

/// Of fewer samples there is no interval of 95 %: all five of them lie on one side of the true median once in
/// sixteen times.
pub(super) const FEWEST: usize = 6;

/// A figure, and where it lies in 95 of 100 times, if there were samples enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
}

impl Estimate {
    pub(super) fn low(&self) -> f64 {
        self.interval.map_or(self.value, |(low, _)| low)
    }

    pub(super) fn high(&self) -> f64 {
        self.interval.map_or(self.value, |(_, high)| high)
    }

    /// What a function makes of it that only rises, or only falls.
    pub(super) fn map(&self, monotone: impl Fn(f64) -> f64) -> Self {
        let interval = self.interval.map(|(low, high)| {
            let (low, high) = (monotone(low), monotone(high));
            (low.min(high), low.max(high))
        });
        Self { value: monotone(self.value), interval }
    }

    /// What a function makes of medians, each of samples of its own.
    pub(super) fn of(medians: &[&Medians], function: impl Fn(&[f64]) -> f64) -> Self {
        let values: Vec<f64> = medians.iter().map(|median| median.median).collect();
        let value = function(&values);
        let resampled: Option<Vec<&[f64]>> =
            medians.iter().map(|median| median.resampled.as_deref()).collect();
        let interval = resampled.map(|resampled| {
            let nth = |nth: usize| {
                let values: Vec<f64> = resampled.iter().map(|medians| medians[nth]).collect();
                function(&values)
            };
            let mut all: Vec<f64> = (0..RESAMPLES).map(nth).collect();
            all.sort_by(f64::total_cmp);
            let (low, high) = (all[RESAMPLES / 40], all[RESAMPLES - 1 - RESAMPLES / 40]);
            (low.min(value), high.max(value))
        });
        Self { value, interval }
    }
}

/// The median of samples, and those of as many drawn from them again and again.
#[derive(Debug)]
pub(super) struct Medians {
    median: f64,
    resampled: Option<Vec<f64>>,
}

impl Medians {
    /// Of a list that is not empty. Lists of one study have different seeds, so that they are drawn
    /// independently of each other.
    pub(super) fn of(samples: &[f64], seed: u64) -> Self {
        let mut drawn = samples.to_vec();
        let median = middle(&mut drawn);
        let resampled = (samples.len() >= FEWEST).then(|| {
            let mut rng = Rng(seed);
            let again = |_| {
                drawn.fill_with(|| samples[rng.below(samples.len())]);
                middle(&mut drawn)
            };
            (0..RESAMPLES).map(again).collect()
        });
        Self { median, resampled }
    }
}

/// The median by selection, which moves the values.
fn middle(values: &mut [f64]) -> f64 {
    let (half, even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (below, &mut upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    if !even {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(lower, upper)
}

/// splitmix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    #[expect(clippy::cast_possible_truncation, reason = "it is below a usize")]
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        for (mut values, expected) in
            [(vec![3.0], 3.0), (vec![4.0, 1.0], 2.5), (vec![9.0, 1.0, 2.0], 2.0)]
        {
            assert_eq!(middle(&mut values), expected);
        }
    }

    #[test]
    fn few_samples_have_no_interval() {
        let of = |count| Estimate::of(&[&Medians::of(&vec![2.0; count], 1)], |medians| medians[0]);
        assert_eq!(of(FEWEST - 1), Estimate { value: 2.0, interval: None });
        assert_eq!(of(FEWEST), Estimate { value: 2.0, interval: Some((2.0, 2.0)) });
        let (few, many) = (Medians::of(&[1.0], 1), Medians::of(&[2.0; FEWEST], 2));
        let ratio = Estimate::of(&[&few, &many], |medians| medians[0] / medians[1]);
        assert_eq!(ratio, Estimate { value: 0.5, interval: None });
    }

    #[test]
    fn the_interval_covers_the_truth_about_95_times_of_100() {
        let mut rng = Rng(42);
        let covered = (0..60)
            .filter(|seed| {
                // Uniform on 0..1, and on 0..2: the ratio of the true medians is one half.
                let mut draw = |scale: f64| -> Medians {
                    let samples: Vec<f64> =
                        (0..25).map(|_| scale * rng.next() as f64 / 2f64.powi(64)).collect();
                    Medians::of(&samples, *seed)
                };
                let (half, whole) = (draw(1.0), draw(2.0));
                let ratio = Estimate::of(&[&half, &whole], |medians| medians[0] / medians[1]);
                ratio.low() <= 0.5 && 0.5 <= ratio.high()
            })
            .count();
        assert!((50..=60).contains(&covered), "{covered} of 60");
    }

    #[test]
    fn a_function_that_falls_turns_the_interval() {
        let estimate = Estimate { value: 2.0, interval: Some((1.0, 4.0)) };
        let inverse = Estimate { value: 0.5, interval: Some((0.25, 1.0)) };
        assert_eq!(estimate.map(f64::recip), inverse);
    }
}
