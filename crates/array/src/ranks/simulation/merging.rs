//! Which subtrees of a reduction a rank sends to others: those that are merged where their left siblings are, as
//! `plan/merge.rs` does it.

use std::ops::Range;

use super::super::spread::Spread;
use super::asked::Asked;
use crate::chunks::{AxisChunks, Chunks};
use crate::reduce::{height, origin};
use crate::window::{Dims, Window, count};

/// A reduction of a stage.
pub(super) struct Merging<'a> {
    /// The chunks of what is reduced, and along which axes.
    pub(super) space: &'a Chunks,
    pub(super) axes: &'a [usize],
    /// The chunks of the result.
    pub(super) result: &'a Chunks,
    /// Who has these and those, as the rank sees it that sends.
    pub(super) spread: Spread,
    pub(super) to: Spread,
    /// How many bytes a message has without accumulators, and each of these.
    pub(super) head: usize,
    pub(super) each: usize,
}

impl Merging<'_> {
    /// Adds what a rank sends.
    pub(super) fn add(&self, to: &mut Asked) {
        let counts = self.space.counts();
        let own = self.spread.boxes(self.space);
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
            if !parts.is_empty() {
                self.send(&cell, &away(&runs(&parts, &reduced), of), to);
            }
        }
    }

    /// Adds messages to those that merge such subtrees, for each chunk of the result in a box.
    fn send(&self, cell: &Window, away: &[Option<usize>], to: &mut Asked) {
        let (len, rows) = crate::tile::rows(cell);
        let counts = self.result.counts();
        for row in rows {
            let first = row.iter().zip(&counts).fold(0, |number, (i, count)| number * count + i);
            for at in 0..len {
                let chunk = first + at;
                let accumulators = self.accumulators(&row, at);
                for among in away {
                    let home = match among {
                        Some(among) => self
                            .spread
                            .owner(self.space, origin(self.space, self.axes, chunk, *among)),
                        None => self.to.owner(self.result, chunk),
                    };
                    if home != self.spread.rank {
                        to.add(home, 1.0, (self.head + accumulators * self.each) as f64);
                    }
                }
            }
        }
    }

    /// How many elements a chunk of the result has, so many further along its last axis than `row` begins.
    fn accumulators(&self, row: &[usize], further: usize) -> usize {
        let axes = self.result.axes().iter().zip(row).enumerate();
        let len = |(axis, (cut, &i)): (usize, (&AxisChunks, &usize))| {
            cut.range(if axis + 1 == row.len() { i + further } else { i }).len()
        };
        axes.map(len).product()
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
        let (outer, inner) = grid.split_at(grid.len() - whole);
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

/// What a rank that has some runs of the `of` leaves sends on: for each subtree whose sibling is on its left and another's, the
/// first leaf of that, where both are merged; and none, where the result is, for all of them if it has the first.
fn away(runs: &[Range<usize>], of: usize) -> Vec<Option<usize>> {
    let is_own = |leaf: usize| {
        let behind = runs.partition_point(|run| run.start <= leaf);
        behind.checked_sub(1).is_some_and(|at| runs[at].contains(&leaf))
    };
    let mut found = vec![];
    for run in runs {
        for height in 0..height(of) {
            let place = run.start.div_ceil(1 << height);
            let is_there = run.contains(&(place << height));
            if place % 2 == 1 && is_there && !is_own((place - 1) << height) {
                found.push(Some((place - 1) << height));
            }
        }
    }
    if is_own(0) {
        found.push(None);
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::sync::Arc;

    use super::super::super::layout::tests::layouts;
    use super::*;
    use crate::hash::Identity;
    use crate::owners::Owners;
    use crate::reduce::{Accumulators, Folded, Subtree, Sum, Tree, destination, result_chunks};

    /// Ranks that merge as the engine does, and how many messages each sends to each other one.
    fn by_the_tree(
        chunks: &Chunks,
        axes: &[usize],
        size: usize,
        owners: &Owners,
    ) -> Vec<Vec<usize>> {
        let reducer = Folded::<f64, f64, Sum>::new("sum", Identity::of(()), Sum);
        let result = result_chunks(chunks, axes);
        let of = axes.iter().map(|&axis| chunks.axis(axis).count()).product();
        let home = |(to, height_of, place): Subtree| match height_of < height(of) {
            true => {
                let first = origin(chunks, axes, to, (place & !1) << height_of);
                spread(0, size, owners).owner(chunks, first)
            }
            false => spread(0, size, &Owners::default()).owner(&result, to),
        };
        let trees: Vec<Tree> = (0..size).map(|_| Tree::new()).collect();
        for (rank, tree) in trees.iter().enumerate() {
            for number in spread(rank, size, owners).numbers(chunks) {
                let (to, among, of) = destination(chunks, axes, number);
                if let Some(all) = tree.push(&reducer, to, among, of, Box::new(vec![1.0])) {
                    tree.keep(to, of, all);
                }
            }
        }
        let mut sent = vec![vec![0; size]; size];
        let mut under_way: Vec<(usize, Subtree, Accumulators)> = vec![];
        for (rank, tree) in trees.iter().enumerate() {
            let away = tree.take(|subtree| home(subtree) != rank);
            under_way.extend(away.into_iter().map(|(subtree, all)| (rank, subtree, all)));
        }
        while let Some((from, subtree, all)) = under_way.pop() {
            let at = home(subtree);
            sent[from][at] += 1;
            let pushed = trees[at].push_subtree(&reducer, subtree, of, all, |one| home(one) == at);
            under_way.extend(
                pushed.filter(|(one, _)| home(*one) != at).map(|(one, all)| (at, one, all)),
            );
        }
        sent
    }

    fn spread(rank: usize, size: usize, owners: &Owners) -> Spread {
        Spread { rank, size, owners: owners.clone() }
    }

    fn check(chunks: &Chunks, reduced: &[usize], size: usize, owners: &Owners) {
        let result = result_chunks(chunks, reduced);
        for (rank, by_the_tree) in by_the_tree(chunks, reduced, size, owners).iter().enumerate() {
            let merging = Merging {
                space: chunks,
                axes: reduced,
                result: &result,
                spread: spread(rank, size, owners),
                to: spread(rank, size, &Owners::default()),
                head: 0,
                each: 1,
            };
            let mut asked = Asked::default();
            merging.add(&mut asked);
            let sent: Vec<usize> = (0..size).map(|to| asked.of(to).0 as usize).collect();
            assert_eq!(&sent, by_the_tree);
            assert_eq!(asked.messages(), asked.bytes());
        }
    }

    proptest! {
        #[test]
        fn as_many_are_sent_as_trees_send(
            axes in prop::collection::vec((1..9_usize, any::<bool>()), 1..4),
            size in 1..8_usize,
        ) {
            let lens: Vec<usize> = axes.iter().map(|&(len, _)| len).collect();
            let chunks = Chunks::even(&lens, &vec![1; lens.len()]).unwrap();
            let reduced: Vec<usize> = (0..axes.len()).filter(|&axis| axes[axis].1).collect();
            check(&chunks, &reduced, size, &Owners::default());
        }

        #[test]
        fn as_many_are_sent_as_trees_send_by_a_layout(
            (layout, size) in layouts(2),
            (rows, columns) in (1..9_usize, 1..9_usize),
            reduced in prop::sample::subsequence(vec![0, 1], 0..=2),
        ) {
            let columns = if layout.is_square() { rows } else { columns };
            let chunks = Chunks::even(&[rows, columns], &[1, 1]).unwrap();
            check(&chunks, &reduced, size, &Owners { layout: Some(Arc::new(layout)) });
        }
    }

    #[test]
    fn what_is_on_the_right_goes_to_the_left() {
        let of_run = |run: Range<usize>, of| away(&[run], of);
        assert_eq!(of_run(0..4, 8), [None]);
        assert_eq!(of_run(4..8, 8), [Some(0)]);
        assert_eq!(of_run(3..8, 8), [Some(2), Some(0)]);
        assert_eq!(away(&[4..5, 7..8], 8), [Some(0), Some(6)]);
        assert_eq!(of_run(2..3, 3), [Some(0)]);
        assert_eq!(of_run(0..1, 1), [None]);
    }
}
