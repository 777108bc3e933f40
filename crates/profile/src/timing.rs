//! What a measurement found: samples, and statistics of them.

use std::fmt;

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

/// Three significant digits and a unit that fits.
struct Nanoseconds(f64);

impl fmt::Display for Nanoseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0 {
            ns if ns < 999.5 => (ns, "ns"),
            ns if ns < 999.5e3 => (ns / 1e3, "µs"),
            ns if ns < 999.5e6 => (ns / 1e6, "ms"),
            ns => (ns / 1e9, "s"),
        };
        let decimals = match value {
            v if v < 9.995 => 2,
            v if v < 99.95 => 1,
            _ => 0,
        };
        write!(f, "{value:.decimals$} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::Nanoseconds;

    #[test]
    fn three_digits_and_a_unit() {
        let cases = [
            (0.371, "0.37 ns"),
            (9.999, "10.0 ns"),
            (999.4, "999 ns"),
            (999.6, "1.00 µs"),
            (12_345.0, "12.3 µs"),
            (2.5e6, "2.50 ms"),
            (61e9, "61.0 s"),
        ];
        for (ns, text) in cases {
            assert_eq!(Nanoseconds(ns).to_string(), text);
        }
    }
}
