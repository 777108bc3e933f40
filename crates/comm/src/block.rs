//! Sharing so many things among so many ranks.

use std::ops::Range;

/// `total` things in consecutive blocks, one for each of `parts` ranks, whose lengths differ by one at most.
///
/// ```
/// use tenfold_comm::Blocks;
///
/// let blocks = Blocks::new(10, 4);
/// assert_eq!(blocks.counts(), [3, 3, 2, 2]);
/// assert_eq!(blocks.range(1), 3..6);
/// assert_eq!(blocks.owner(6), Some(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Blocks {
    total: usize,
    parts: usize,
}

impl Blocks {
    /// The blocks of `total` things. The first ones are the longer.
    #[must_use]
    pub fn new(total: usize, parts: usize) -> Self {
        Self { total, parts }
    }

    /// How many a part has; 0 for a part that is not there.
    #[must_use]
    pub fn count(&self, part: usize) -> usize {
        self.range(part).len()
    }

    /// Which ones a part has; none, at the end, for a part that is not there.
    #[must_use]
    pub fn range(&self, part: usize) -> Range<usize> {
        self.start(part)..self.start(part.saturating_add(1))
    }

    fn start(&self, part: usize) -> usize {
        if part >= self.parts {
            return self.total;
        }
        let (each, longer) = (self.total / self.parts, self.total % self.parts);
        part * each + part.min(longer)
    }

    /// How many each part has, for the collectives that want counts.
    #[must_use]
    pub fn counts(&self) -> Vec<usize> {
        (0..self.parts).map(|part| self.count(part)).collect()
    }

    /// Which part has this one.
    #[must_use]
    pub fn owner(&self, index: usize) -> Option<usize> {
        if index >= self.total || self.parts == 0 {
            return None;
        }
        let (each, longer) = (self.total / self.parts, self.total % self.parts);
        // Not `each + 1` times: that overflows where one part has all there can be.
        let in_longer = longer * each + longer;
        Some(if index < in_longer {
            index / (each + 1)
        } else {
            longer + (index - in_longer) / each
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Blocks;

    #[test]
    fn everything_has_one_owner() {
        for (total, parts) in [(0, 3), (1, 3), (7, 7), (10, 4), (100, 7), (5, 1)] {
            let blocks = Blocks::new(total, parts);
            let owners = (0..parts).flat_map(|part| blocks.range(part).map(move |_| Some(part)));
            let asked: Vec<_> = (0..total).map(|index| blocks.owner(index)).collect();
            assert_eq!(asked, owners.collect::<Vec<_>>(), "{total} in {parts}");
            assert_eq!(blocks.counts().iter().sum::<usize>(), total);
            assert_eq!(blocks.owner(total), None);
        }
    }

    #[test]
    fn as_many_as_there_can_be() {
        assert_eq!(Blocks::new(usize::MAX, 1).owner(0), Some(0));
        let blocks = Blocks::new(usize::MAX, 2);
        assert_eq!(blocks.owner(usize::MAX - 1), Some(1));
        assert_eq!(blocks.owner(usize::MAX / 2), Some(0));
        assert_eq!(blocks.owner(usize::MAX / 2 + 1), Some(1));
    }

    #[test]
    fn no_parts_have_nothing() {
        let blocks = Blocks::new(3, 0);
        assert_eq!((blocks.counts(), blocks.range(0), blocks.owner(0)), (vec![], 3..3, None));
        assert_eq!(Blocks::new(3, 2).range(usize::MAX), 3..3);
    }
}
