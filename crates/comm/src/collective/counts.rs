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

    /// That there is a count for each rank, and that a buffer has as many elements as all together. The
    /// arguments are those of the buffer and of the list.
    pub(crate) fn check(
        &self,
        (argument, list): (&'static str, &'static str),
        len: usize,
        size: usize,
    ) -> Result<()> {
        let needed = match self {
            Self::Each(count) => count.checked_mul(size).ok_or_else(|| too_many(argument, len))?,
            Self::List(counts) => {
                same(list, counts.len(), size)?;
                total(list, counts)?
            }
        };
        same(argument, len, needed)
    }
}

/// Of a buffer that is to have more elements than a `usize` counts. Those of no bytes may be so many.
fn too_many(argument: &'static str, len: usize) -> ErrorKind {
    let must = "of the lengths of all ranks together, which are more than a usize holds";
    ErrorKind::Value { argument, value: len, must }
}

/// All together.
fn total(argument: &'static str, counts: &[usize]) -> Result<usize> {
    let mut total = 0_usize;
    for (at, &value) in counts.iter().enumerate() {
        let sum = total.checked_add(value);
        total = sum.ok_or(ErrorKind::Overflow { argument, at, value })?;
    }
    Ok(total)
}

/// That two buffers have the same length.
pub(super) fn same(argument: &'static str, len: usize, needed: usize) -> Result<()> {
    if len == needed { Ok(()) } else { Err(ErrorKind::Length { argument, len, needed }.into()) }
}
