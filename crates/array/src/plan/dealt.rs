//! The chunks along an axis that are dealt to one of several ranks.

use std::ops::Range;

use smallvec::SmallVec;

/// Runs of indices, of which each is as long as the first and begins a period behind the one before, up to an end, which
/// may cut the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dealt {
    first: usize,
    len: usize,
    period: usize,
    end: usize,
}

/// A grid of chunks: those that are dealt along each axis.
pub(crate) type Hand = SmallVec<[Dealt; 4]>;

impl Dealt {
    /// One run.
    pub(crate) fn run(range: Range<usize>) -> Self {
        let len = range.len();
        Self { first: range.start, len, period: len.max(1), end: range.start + len }
    }

    /// How many runs there are.
    pub(crate) fn runs(self) -> usize {
        if self.len == 0 { 0 } else { self.end.saturating_sub(self.first).div_ceil(self.period) }
    }

    /// A run, of those that there are.
    pub(crate) fn at(self, run: usize) -> Range<usize> {
        let start = self.first + run * self.period;
        start..(start + self.len).min(self.end)
    }
}

#[cfg(feature = "ranks")]
impl Dealt {
    /// Blocks of a length that are dealt to so many `parts` in turn, until `end`: those of part `part`.
    pub(crate) fn in_turn(part: usize, parts: usize, block: usize, end: usize) -> Self {
        let (block, first) = (block.min(end.max(1)), part.saturating_mul(block));
        match parts {
            1 => Self::run(0..end),
            _ => Self { first, len: block, period: parts.saturating_mul(block), end },
        }
    }

    /// How many indices there are.
    pub(crate) fn count(self) -> usize {
        let all = self.end.saturating_sub(self.first);
        all / self.period * self.len + (all % self.period).min(self.len)
    }

    /// All indices, in order.
    pub(crate) fn each(self) -> impl Iterator<Item = usize> {
        (0..self.runs()).flat_map(move |run| self.at(run))
    }

    /// Those below an index.
    pub(crate) fn until(self, end: usize) -> Self {
        Self { end: self.end.min(end), ..self }
    }

    /// Those from an index on: what is left of the run around it, and the runs behind.
    pub(crate) fn from(self, start: usize) -> [Self; 2] {
        let Some(further) = start.checked_sub(self.first) else { return [Self::run(0..0), self] };
        let (run, within) = (further / self.period, further % self.period);
        let own = self.at(run);
        let begun = start.min(own.end.max(own.start))..own.end.max(own.start);
        match within {
            0 => [Self::run(0..0), Self { first: start, ..self }],
            _ => [Self::run(begun), Self { first: self.first + (run + 1) * self.period, ..self }],
        }
    }
}

#[cfg(all(test, feature = "ranks"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_indices_are_dealt_once(
            parts in 1..5_usize,
            block in 1..6_usize,
            end in 0..40_usize,
            cut in 0..45_usize,
        ) {
            let mut all = vec![];
            for part in 0..parts {
                let dealt = Dealt::in_turn(part, parts, block, end);
                let own: Vec<usize> = dealt.each().collect();
                prop_assert!(own.iter().all(|&at| at / block % parts == part));
                prop_assert_eq!(dealt.count(), own.len());
                prop_assert_eq!(dealt.runs() == 0, own.is_empty());
                let [begun, rest] = dealt.from(cut);
                prop_assert!(begun.runs() < 2);
                let from: Vec<usize> = begun.each().chain(rest.each()).collect();
                let until: Vec<usize> = dealt.until(cut).each().collect();
                prop_assert_eq!(dealt.until(cut).count(), until.len());
                prop_assert_eq!(begun.count() + rest.count(), from.len());
                prop_assert!(from.iter().all(|&at| at >= cut) && until.iter().all(|&at| at < cut));
                prop_assert_eq!([until, from].concat(), own.clone());
                all.extend(own);
            }
            all.sort_unstable();
            prop_assert_eq!(all, (0..end).collect::<Vec<_>>());
        }
    }
}
