//! How few functions take most of the time.

use std::fmt;

use crate::units::Percent;

/// The fewest functions that take a share of all self time.
///
/// `Display` prints `3 of 41 functions = 90.4 % of self time`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Pareto {
    /// How many functions.
    pub few: usize,
    /// Of how many that were called.
    pub all: usize,
    /// Their share of all self time, from 0 to 1.
    pub share: f64,
}

impl Pareto {
    /// Self times of functions, the largest first. `None` where there is no time at all.
    pub(crate) fn of(times: &[f64], share: f64) -> Option<Self> {
        let all: f64 = times.iter().sum();
        let mut sum = 0.0;
        for (at, time) in times.iter().enumerate() {
            sum += time;
            if all > 0.0 && (sum >= share * all || at + 1 == times.len()) {
                return Some(Self { few: at + 1, all: times.len(), share: sum / all });
            }
        }
        None
    }
}

impl fmt::Display for Pareto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { few, all, share } = self;
        write!(f, "{few} of {all} functions = {} of self time", Percent(*share))
    }
}
