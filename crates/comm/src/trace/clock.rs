//! The clocks of ranks against each other.

/// The clock of a rank against that of rank 0: how it stood at the start and at the end of the run.
///
/// Between the two it is taken to have gone evenly. Where it was read once, both are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// How it stood at the start.
    pub first: Reading,
    /// How it stood at the end.
    pub last: Reading,
}

/// How the clock of a rank stood once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// When, by the clock of the rank, in nanoseconds.
    pub at_ns: u64,
    /// What is to be added to that, for the time of rank 0.
    pub offset_ns: i64,
}

impl From<Reading> for Clock {
    fn from(only: Reading) -> Self {
        Self { first: only, last: only }
    }
}

impl Clock {
    /// A time of the rank, by the clock of rank 0.
    ///
    /// ```
    /// use tenfold_comm::{Clock, Reading};
    ///
    /// let first = Reading { at_ns: 0, offset_ns: -5 };
    /// assert_eq!(Clock::from(first).common(7), 2);
    ///
    /// // It loses a nanosecond in a second.
    /// let last = Reading { at_ns: 10_000_000_000, offset_ns: 5 };
    /// assert_eq!(Clock { first, last }.common(3_000_000_000), 2_999_999_998);
    /// ```
    #[must_use]
    pub fn common(self, ns: u64) -> u64 {
        let Self { first, last } = self;
        let between = |from: u64, to: u64| i128::from(to) - i128::from(from);
        let grown = i128::from(last.offset_ns) - i128::from(first.offset_ns);
        // A file may hold any numbers.
        let so_far = grown.saturating_mul(between(first.at_ns, ns));
        let so_far = so_far / between(first.at_ns, last.at_ns).max(1);
        let common = (i128::from(ns) + i128::from(first.offset_ns)).saturating_add(so_far);
        u64::try_from(common.max(0)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Reading};

    #[test]
    fn any_numbers_are_a_clock() {
        for (offset, at) in [(i64::MIN, u64::MAX), (i64::MAX, 0), (0, 0)] {
            let first = Reading { at_ns: at, offset_ns: offset };
            let last = Reading { at_ns: !at, offset_ns: !offset };
            for ns in [0, 1, u64::MAX] {
                let _ = Clock { first, last }.common(ns);
            }
        }
    }
}
