//! The largest of a range of numbers.

use std::ops::Range;

/// Numbers in a block, which are looked at one by one: they lie in 4 cache lines.
const BLOCK: usize = 32;

/// Numbers that tell the largest of any range of them: a sparse table over blocks, which takes a fraction of the
/// numbers' own memory.
///
/// Bender, Farach-Colton: *The LCA problem revisited*, 2000.
#[derive(Debug)]
pub(super) struct RangeMax {
    numbers: Vec<u64>,
    /// In row `k`, the largest of 2^k blocks from each on.
    rows: Vec<Vec<u64>>,
}

impl RangeMax {
    pub(super) fn new(numbers: Vec<u64>) -> Self {
        let mut rows = vec![numbers.chunks(BLOCK).map(largest).collect::<Vec<_>>()];
        let mut width = 1;
        while let Some(row) = rows.last().filter(|row| row.len() > width) {
            let next = row.iter().zip(&row[width..]).map(|(a, b)| *a.max(b)).collect();
            rows.push(next);
            width *= 2;
        }
        Self { numbers, rows }
    }

    /// The largest of a range, which lies within; 0 of none.
    pub(super) fn get(&self, range: Range<usize>) -> u64 {
        let (first, last) = (range.start.div_ceil(BLOCK), range.end / BLOCK);
        if first >= last {
            return largest(&self.numbers[range]);
        }
        let ends = largest(&self.numbers[range.start..first * BLOCK])
            .max(largest(&self.numbers[last * BLOCK..range.end]));
        let k = (last - first).ilog2() as usize;
        let row = &self.rows[k];
        ends.max(row[first]).max(row[last - (1 << k)])
    }
}

fn largest(numbers: &[u64]) -> u64 {
    numbers.iter().copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_looking_at_all_gives(
            numbers in prop::collection::vec(0..1000_u64, 0..2000),
            ends in prop::collection::vec((0..2000_usize, 0..2000_usize), 20),
        ) {
            let table = RangeMax::new(numbers.clone());
            for (a, b) in ends {
                let (a, b) = (a.min(numbers.len()), b.min(numbers.len()));
                let range = a.min(b)..a.max(b);
                prop_assert_eq!(table.get(range.clone()), largest(&numbers[range]));
            }
        }
    }
}
