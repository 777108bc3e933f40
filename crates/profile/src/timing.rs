//! What a measurement found: samples, and statistics of them.

use std::fmt;

use crate::units::Nanoseconds;
use crate::{Sample, Stats};

/// The samples of one closure, at least one.
///
/// `Display` prints one line in the manner of `%timeit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    samples: Vec<Sample>,
}

impl Timing {
    pub(crate) fn new(samples: Vec<Sample>) -> Self {
        debug_assert!(!samples.is_empty(), "a timing has at least one sample");
        Self { samples }
    }

    /// The same samples, none of which counts as disturbed. For a closure that waits for work of
    /// others, whose threads the witness does not see.
    #[must_use]
    pub fn without_witness(mut self) -> Self {
        self.samples.iter_mut().for_each(|sample| sample.run_delay = None);
        self
    }

    /// Every sample, in the order in which it was taken.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// How many samples were [clean](Sample::is_clean).
    #[must_use]
    pub fn clean(&self) -> usize {
        self.samples.iter().filter(|sample| sample.is_clean()).count()
    }

    /// Wall time of one loop, in nanoseconds: of the clean samples, or of all where none is clean.
    #[must_use]
    pub fn wall_ns(&self) -> Stats {
        let any_clean = self.clean() > 0;
        let counted = self.samples.iter().filter(|sample| !any_clean || sample.is_clean());
        Stats::of(&counted.map(Sample::wall_ns).collect::<Vec<_>>()).unwrap_or(Stats::NONE)
    }

    /// CPU time of one loop, in nanoseconds, of all samples: being disturbed costs wall time,
    /// hardly CPU time. `None` where there is no such clock.
    #[must_use]
    pub fn cpu_ns(&self) -> Option<Stats> {
        let cpu: Option<Vec<f64>> = self.samples.iter().map(Sample::cpu_ns).collect();
        Stats::of(&cpu?)
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wall = self.wall_ns();
        write!(
            f,
            "{} ± {} per loop (min {}, median {}, MAD {}; {} samples of {} loops, ",
            Nanoseconds(wall.mean),
            Nanoseconds(wall.sd),
            Nanoseconds(wall.min),
            Nanoseconds(wall.median),
            Nanoseconds(wall.mad),
            self.samples.len(),
            self.samples[0].loops,
        )?;
        match self.samples[0].run_delay {
            Some(_) => write!(f, "{} disturbed)", self.samples.len() - self.clean()),
            None => write!(f, "disturbance unknown)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Sample, Timing};

    #[test]
    fn without_a_witness_all_samples_count() {
        let ms = |n| Duration::from_millis(n);
        let sample = |wall, delay| Sample {
            loops: 1,
            wall: ms(wall),
            cpu: Some(ms(1)),
            run_delay: Some(ms(delay)),
        };
        let timing = Timing::new(vec![sample(10, 0), sample(30, 9)]);
        assert_eq!(timing.wall_ns().mean, 10e6);
        let timing = timing.without_witness();
        assert_eq!((timing.clean(), timing.wall_ns().mean), (2, 20e6));
        assert!(timing.to_string().contains("disturbance unknown"));
    }
}
