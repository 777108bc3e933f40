//! How many elements each rank has of a buffer, one after another.

use std::ops::Range;

use crate::{ErrorKind, Result};

/// The counts of all ranks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counts<'a> {
    /// Each has as many.
    Each(usize),
    /// They differ.
    List(&'a [usize]),
}

impl Counts<'_> {
    pub(crate) fn of(&self, rank: usize) -> usize {
        match self {
            Self::Each(count) => *count,
            Self::List(counts) => counts[rank],
        }
    }

    /// Where the elements of a rank lie.
    pub(crate) fn range(&self, rank: usize) -> Range<usize> {
        let start = match self {
            Self::Each(count) => count * rank,
            Self::List(counts) => counts[..rank].iter().sum(),
        };
        start..start + self.of(rank)
    }

    /// That there is a count for each rank, and that a buffer has as many elements as all together.
    pub(crate) fn check(&self, argument: &'static str, len: usize, size: usize) -> Result<()> {
        let total = match self {
            Self::Each(count) => count.checked_mul(size),
            Self::List(counts) if counts.len() != size => {
                let len = counts.len();
                return Err(ErrorKind::Length { argument: "counts", len, needed: size }.into());
            }
            Self::List(counts) => counts.iter().try_fold(0, |sum: usize, &n| sum.checked_add(n)),
        };
        let needed = total.unwrap_or(usize::MAX);
        if len == needed { Ok(()) } else { Err(ErrorKind::Length { argument, len, needed }.into()) }
    }
}

/// That two buffers have the same length.
pub(super) fn same(argument: &'static str, len: usize, needed: usize) -> Result<()> {
    if len == needed { Ok(()) } else { Err(ErrorKind::Length { argument, len, needed }.into()) }
}
