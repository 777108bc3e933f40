//! Which subtrees of a reduction a rank sends to others: those that the engine's [`Tree`](crate::reduce::Tree) has not
//! merged when the rank's own chunks are through.

use std::ops::Range;

use super::super::spread::{Spread, boxes};
use super::asked::Asked;
use crate::chunks::Chunks;
use crate::window::{Dims, Window, count};

/// A reduction of a stage.
pub(super) struct Merging<'a> {
    /// The chunks of what is reduced, and along which axes.
    pub(super) space: &'a Chunks,
    pub(super) axes: &'a [usize],
    /// The chunks of the result.
    pub(super) result: &'a Chunks,
    /// How many bytes a message has without accumulators, and each of these.
    pub(super) head: usize,
    pub(super) each: usize,
}

impl Merging<'_> {
    /// Adds what a rank sends.
    pub(super) fn add(&self, spread: Spread, to: &mut Asked) {
        let counts = self.space.counts();
        let own = boxes(&counts, spread.own(self.space));
        let kept: Vec<usize> = (0..counts.len()).filter(|axis| !self.axes.contains(axis)).collect();
        let of = self.axes.iter().map(|&axis| counts[axis]).product();
        let side = |part: &Window, axes: &[usize]| -> Vec<Range<usize>> {
            axes.iter().map(|&axis| part.range(axis)).collect()
        };
        let own: Vec<(Window, Window)> = own
            .iter()
            .map(|part| (Window::new(&side(part, &kept)), Window::new(&side(part, self.axes))))
            .collect();
        let reduced: Dims = self.axes.iter().map(|&axis| counts[axis]).collect();
        let sides: Vec<&Window> = own.iter().map(|(kept, _)| kept).collect();
        for cell in cells(&sides, kept.len()) {
            let parts: Vec<&Window> =
                own.iter().filter(|(kept, _)| holds(kept, &cell)).map(|(_, of)| of).collect();
            if parts.is_empty() {
                continue;
            }
            let subtrees: usize =
                runs(&parts, &reduced).into_iter().map(|run| subtrees(run, of)).sum();
            self.send(spread, &cell, subtrees, to);
        }
    }

    /// Adds so many messages for each chunk of the result in a box of them that is another's.
    fn send(&self, spread: Spread, cell: &Window, subtrees: usize, to: &mut Asked) {
        let (len, rows) = crate::tile::rows(cell);
        let counts = self.result.counts();
        for row in rows {
            let first = row.iter().zip(&counts).fold(0, |number, (i, count)| number * count + i);
            let mut at = 0;
            while at < len {
                let owner = spread.owner(self.result, first + at);
                let same = Spread { rank: owner, ..spread }.own(self.result).end - first;
                let end = len.min(same);
                if owner != spread.rank {
                    let accumulators = self.accumulators(&row, at..end);
                    let messages = (subtrees * (end - at)) as f64;
                    let bytes =
                        messages * self.head as f64 + (subtrees * accumulators * self.each) as f64;
                    to.add(owner, messages, bytes);
                }
                at = end;
            }
        }
    }

    /// How many elements such chunks of the result have, which follow each other along its last axis.
    fn accumulators(&self, row: &[usize], run: Range<usize>) -> usize {
        let axes = self.result.axes().iter().zip(row).enumerate();
        let lens: Dims = axes
            .map(|(axis, (cut, &i))| match axis + 1 == row.len() {
                true => cut.range(i + run.end - 1).end - cut.range(i + run.start).start,
                false => cut.range(i).len(),
            })
            .collect();
        count(&lens)
    }
}

/// The boxes of a grid that no border of these goes through.
fn cells(windows: &[&Window], ndim: usize) -> Vec<Window> {
    let along = |axis: usize| {
        let ends = windows.iter().flat_map(|window| {
            let range = window.range(axis);
            [range.start, range.end]
        });
        let mut ends: Vec<usize> = ends.collect();
        ends.sort_unstable();
        ends.dedup();
        ends.windows(2).map(|pair| pair[0]..pair[1]).collect::<Vec<_>>()
    };
    (0..ndim).map(along).fold(vec![Window::new(&[])], |cells, ranges| {
        let with = |cell: &Window, range: &Range<usize>| {
            let before = (0..cell.ndim()).map(|axis| cell.range(axis));
            Window::new(&before.chain([range.clone()]).collect::<Vec<_>>())
        };
        cells.iter().flat_map(|cell| ranges.iter().map(move |range| with(cell, range))).collect()
    })
}

fn holds(window: &Window, cell: &Window) -> bool {
    (0..cell.ndim()).all(|axis| {
        let (outer, inner) = (window.range(axis), cell.range(axis));
        outer.start <= inner.start && inner.end <= outer.end
    })
}

/// The row-major numbers of boxes of a grid, as runs, none of which begins where another ends.
fn runs(parts: &[&Window], grid: &[usize]) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = vec![];
    for part in parts {
        // Axes of which the box has all make longer runs of the axes before.
        let whole =
            (0..grid.len()).rev().take_while(|&axis| part.shape()[axis] == grid[axis]).count();
        let (outer, inner) = grid.split_at((grid.len() - whole).min(grid.len()));
        let inner = count(inner);
        let outer_window =
            Window::new(&(0..outer.len()).map(|axis| part.range(axis)).collect::<Vec<_>>());
        let (len, rows) = crate::tile::rows(&outer_window);
        for row in rows {
            let first = row.iter().zip(outer).fold(0, |number, (i, count)| number * count + i);
            all.push(first * inner..(first + len) * inner);
        }
    }
    all.sort_unstable_by_key(|run| run.start);
    let mut joined: Vec<Range<usize>> = vec![];
    for run in all {
        match joined.last_mut() {
            Some(last) if last.end == run.start => last.end = run.end,
            _ => joined.push(run),
        }
    }
    joined
}

/// How many subtrees a run of the `of` leaves is merged to: the tree is binary, and the last of a height goes up alone if it
/// has no sibling.
fn subtrees(run: Range<usize>, of: usize) -> usize {
    let (mut start, mut end, mut width, mut found) = (run.start, run.end, of, 0);
    while start < end {
        if width == 1 {
            return found + 1;
        }
        if start % 2 == 1 {
            (start, found) = (start + 1, found + 1);
        }
        if end % 2 == 1 && end < width && start < end {
            (end, found) = (end - 1, found + 1);
        }
        (start, end, width) = (start / 2, end.div_ceil(2), width.div_ceil(2));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::element::DType;
    use crate::hash::Identity;
    use crate::reduce::{Accumulators, Folded, Reducer, Sum, Tree, destination, result_chunks};

    /// What a rank sends to each other one, as the engine's tree tells it.
    fn by_the_tree(chunks: &Chunks, axes: &[usize], spread: Spread) -> Vec<usize> {
        let reducer = Folded::<f64, f64, Sum>::new("sum", Identity::of(()), Sum);
        assert_eq!(reducer.result(), DType::F64);
        let (tree, result) = (Tree::new(), result_chunks(chunks, axes));
        for number in spread.own(chunks) {
            let (to, among, of) = destination(chunks, axes, number);
            let one: Accumulators = Box::new(vec![1.0]);
            if let Some(all) = tree.push(&reducer, to, among, of, one) {
                tree.keep(to, of, all);
            }
        }
        let mut sent = vec![0; spread.size];
        for ((to, ..), _) in tree.take(|to| !spread.owns(&result, to)) {
            sent[spread.owner(&result, to)] += 1;
        }
        sent
    }

    proptest! {
        #[test]
        fn as_many_are_sent_as_the_tree_leaves(
            axes in prop::collection::vec((1..9_usize, any::<bool>()), 1..4),
            size in 1..8_usize,
        ) {
            let lens: Vec<usize> = axes.iter().map(|&(len, _)| len).collect();
            let chunks = Chunks::even(&lens, &vec![1; lens.len()]).unwrap();
            let reduced: Vec<usize> = (0..axes.len()).filter(|&axis| axes[axis].1).collect();
            let result = result_chunks(&chunks, &reduced);
            let merging =
                Merging { space: &chunks, axes: &reduced, result: &result, head: 0, each: 1 };
            for rank in 0..size {
                let spread = Spread { rank, size };
                let mut asked = Asked::default();
                merging.add(spread, &mut asked);
                let sent: Vec<usize> = (0..size).map(|to| asked.of(to).0 as usize).collect();
                prop_assert_eq!(&sent, &by_the_tree(&chunks, &reduced, spread));
                prop_assert_eq!(asked.messages(), asked.bytes());
            }
        }
    }

    #[test]
    fn runs_become_few_subtrees() {
        assert_eq!(subtrees(0..8, 8), 1);
        assert_eq!(subtrees(0..7, 8), 3);
        assert_eq!(subtrees(1..8, 8), 3);
        assert_eq!(subtrees(4..7, 7), 1);
        assert_eq!(subtrees(1000..2000, 10_000_000), 7);
        assert_eq!(subtrees(0..1, 1), 1);
        assert_eq!(subtrees(3..3, 8), 0);
    }
}
