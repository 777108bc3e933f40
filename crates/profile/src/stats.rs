//! Summary statistics of a handful of numbers.

/// Minimum, median, MAD, mean and standard deviation of a list of numbers, in its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// How many numbers.
    pub count: usize,
    /// The smallest.
    pub min: f64,
    /// The middle one, or the mean of the middle two.
    pub median: f64,
    /// The median absolute deviation from the median, unscaled.
    pub mad: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample standard deviation (n - 1); 0 for a single number.
    pub sd: f64,
}

impl Stats {
    /// Of nothing; what `Timing` falls back to where it cannot come to it.
    pub(crate) const NONE: Self = Self {
        count: 0,
        min: f64::NAN,
        median: f64::NAN,
        mad: f64::NAN,
        mean: f64::NAN,
        sd: f64::NAN,
    };

    /// The statistics of `values`, which may come in any order; `None` for an empty list.
    ///
    /// A NaN sorts above every number, as in [`f64::total_cmp`].
    ///
    /// ```
    /// use tenfold_profile::Stats;
    ///
    /// let stats = Stats::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
    /// assert_eq!((stats.min, stats.median, stats.mad, stats.mean), (1.0, 2.5, 1.0, 2.5));
    /// assert!(Stats::of(&[]).is_none());
    /// ```
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values);
        let median = middle(&sorted)?;
        let deviations: Vec<f64> = values.iter().map(|v| (v - median).abs()).collect();
        let mean = mean(values);
        Some(Self {
            count: values.len(),
            min: *sorted.first()?,
            median,
            mad: middle(&self::sorted(&deviations))?,
            mean,
            sd: deviation(values, mean),
        })
    }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn middle(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    // Halves first: the sum of two huge numbers may overflow.
    Some(sorted[half - 1] / 2.0 + upper / 2.0)
}

#[expect(clippy::cast_precision_loss, reason = "nobody takes 2^53 samples")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[expect(clippy::cast_precision_loss, reason = "nobody takes 2^53 samples")]
fn deviation(values: &[f64], mean: f64) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}
