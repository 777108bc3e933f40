//! Chunks that lie side by side and are worked on together.

use std::ops::Range;

use smallvec::SmallVec;

use super::dealt::{Dealt, Hand};
use crate::chunks::{AxisChunks, Chunks};
use crate::window::{Dims, Window};

/// How the chunks of a space are grouped into strips, so many along each axis. Along the last axis rows of a file are
/// read and written as they lie in it: rows of one chunk are some thousand bytes, and a call for each of them takes
/// longer than to copy them. Along others too, what a product reads for a window of several chunks serves all of them.
/// A strip has chunks of one shape: those that are shorter are one each along their axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strips(SmallVec<[Along; 4]>);

/// The strips along an axis of `count` chunks, of those that are dealt: of each run its first until some are `alike`, of
/// those `wide` at a time, and the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Along {
    count: usize,
    own: Dealt,
    alike: Range<usize>,
    wide: usize,
}

impl Along {
    fn new(axis: &AxisChunks, wide: usize, own: Dealt) -> Self {
        let count = axis.count();
        // All runs but the last have as many strips, which those of listed chunks need not have.
        let is_single = wide < 2 || (own.runs() > 1 && axis.even_size().is_none());
        let (wide, alike) = if is_single { (1, 0..count) } else { (wide, axis.alike()) };
        Self { count, own, alike, wide }
    }

    /// Where those begin and end that are alike, of a run.
    fn alike(&self, run: &Range<usize>) -> Range<usize> {
        let Range { start, end } = self.alike;
        start.clamp(run.start, run.end)..end.clamp(run.start, run.end)
    }

    fn strips_of(&self, run: &Range<usize>) -> usize {
        let alike = self.alike(run);
        run.len() - alike.len() + alike.len().div_ceil(self.wide)
    }

    fn strips(&self) -> usize {
        let Some(last) = self.own.runs().checked_sub(1) else { return 0 };
        let [first, last_run] = [0, last].map(|run| self.strips_of(&self.own.at(run)));
        last * first + last_run
    }

    /// The chunks of a strip, which there is.
    fn chunks(&self, strip: usize) -> Range<usize> {
        let last = self.own.runs().saturating_sub(1);
        let each = self.strips_of(&self.own.at(0)).max(1);
        let number = (strip / each).min(last);
        let (run, strip) = (self.own.at(number), strip - number * each);
        let alike = self.alike(&run);
        let single = |at: usize| at..at + 1;
        let Some(behind) = strip.checked_sub(alike.start - run.start) else {
            return single(run.start + strip);
        };
        match behind.checked_sub(alike.len().div_ceil(self.wide)) {
            None => {
                let start = alike.start + behind * self.wide;
                start..(start + self.wide).min(alike.end)
            }
            Some(rest) => single(alike.end + rest),
        }
    }
}

impl Strips {
    /// Each chunk by itself.
    pub(crate) fn single(chunks: &Chunks) -> Self {
        Self::new(chunks, &Dims::from_elem(1, chunks.ndim()))
    }

    /// So many together along each axis, where they have one size.
    pub(crate) fn new(chunks: &Chunks, wide: &[usize]) -> Self {
        let all: Hand = chunks.counts().into_iter().map(|count| Dealt::run(0..count)).collect();
        Self::within(chunks, wide, &all)
    }

    /// The same of some of the chunks alone.
    pub(crate) fn within(chunks: &Chunks, wide: &[usize], own: &[Dealt]) -> Self {
        let axes = chunks.axes().iter().zip(wide).zip(own);
        Self(axes.map(|((axis, &wide), &own)| Along::new(axis, wide, own)).collect())
    }

    /// How many chunks are together along each axis at most.
    pub(crate) fn wide(&self) -> Dims {
        let first = |along: &Along| if along.own.runs() > 0 { along.own.at(0) } else { 0..0 };
        let most = |along: &Along| along.alike(&first(along)).len().max(1);
        self.0.iter().map(|along| along.wide.min(most(along))).collect()
    }

    /// How many strips there are.
    pub(crate) fn count(&self) -> usize {
        self.0.iter().fold(1, |count, along| count.saturating_mul(along.strips()))
    }

    /// The numbers of the chunks of a strip, in ascending order.
    pub(crate) fn chunks(&self, mut strip: usize) -> Vec<usize> {
        let mut window = Window::whole(&Dims::from_elem(0, self.0.len()));
        for (axis, along) in self.0.iter().enumerate().rev() {
            window.set(axis, along.chunks(strip % along.strips()));
            strip /= along.strips();
        }
        let (len, rows) = crate::tile::rows(&window);
        let number = |row: &Dims| {
            row.iter().zip(&self.0).fold(0, |number, (i, along)| number * along.count + i)
        };
        rows.map(|row| number(&row)).flat_map(|first| first..first + len).collect()
    }
}

/// Strips of several lists, one list behind another. A rank has few, or one for each row of a symmetric layout.
#[derive(Debug)]
pub(crate) struct Lists {
    lists: Vec<Strips>,
    /// How many strips there are up to the end of each.
    ends: Vec<usize>,
}

impl Lists {
    pub(crate) fn new(lists: Vec<Strips>) -> Self {
        let mut count = 0_usize;
        let ends = lists.iter().map(|strips| {
            count = count.saturating_add(strips.count());
            count
        });
        Self { ends: ends.collect(), lists }
    }

    /// How many strips there are.
    pub(crate) fn count(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The numbers of the chunks of a strip, which there is.
    pub(crate) fn chunks(&self, strip: usize) -> Vec<usize> {
        let list = self.ends.partition_point(|&end| end <= strip);
        let before = list.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.lists[list].chunks(strip - before)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_chunk_is_in_one_strip_with_its_like(
            axes in prop::collection::vec((0..20_usize, 1..6_usize, 0..6_usize, 1..6_usize), 0..4),
        ) {
            // Of one size, or the first of another.
            let cut = |&(len, size, first, _): &(usize, usize, usize, usize)| match first {
                0 => AxisChunks::even(len, size).unwrap(),
                _ => AxisChunks::of_sizes([vec![first], vec![size; len / size]].concat()),
            };
            let chunks = Chunks::new(axes.iter().map(cut));
            let wide: Dims = axes.iter().map(|&(.., wide)| wide).collect();
            let strips = Strips::new(&chunks, &wide);
            let mut all: Vec<usize> = vec![];
            for strip in 0..strips.count() {
                let numbers = strips.chunks(strip);
                prop_assert!(numbers.is_sorted());
                let mut shapes: Vec<_> = numbers.iter().map(|&chunk| chunks.window(chunk).shape().to_vec()).collect();
                prop_assert!(shapes.len() <= strips.wide().iter().product());
                shapes.dedup();
                prop_assert_eq!(shapes.len(), 1);
                // They fill the box from the first to the last.
                let [first, last] = [0, numbers.len() - 1].map(|at| chunks.window(numbers[at]));
                let hull = (0..axes.len()).map(|axis| last.range(axis).end - first.range(axis).start);
                let elements = numbers.iter().map(|&chunk| chunks.window(chunk).len()).sum::<usize>();
                prop_assert_eq!(elements, hull.product::<usize>());
                all.extend(numbers);
            }
            all.sort_unstable();
            prop_assert_eq!(all, (0..chunks.count()).collect::<Vec<_>>());
        }
    }

    /// As many lists as a symmetric layout has of a large matrix, some of them empty: to go through them for each strip would
    /// be to count 2 * 10^10 times.
    #[test]
    fn strips_of_many_lists_are_found_at_once() {
        let count = 200_000;
        let chunks = Chunks::even(&[count, 3], &[1, 1]).unwrap();
        let lists = (0..count).map(|row| {
            let own = [Dealt::run(row..row + 1), Dealt::run(0..row % 3)];
            Strips::within(&chunks, &[1, 1], &own)
        });
        let lists = Lists::new(lists.collect());
        let expected: Vec<usize> =
            (0..count).flat_map(|row| (0..row % 3).map(move |at| 3 * row + at)).collect();
        assert_eq!(lists.count(), expected.len());
        let all: Vec<usize> = (0..lists.count()).flat_map(|strip| lists.chunks(strip)).collect();
        assert!(all == expected);
        assert_eq!(Lists::new(vec![]).count(), 0);
    }

    #[test]
    fn strips_of_a_matrix() {
        let chunks = Chunks::even(&[7, 9], &[2, 2]).unwrap();
        let strips = Strips::new(&chunks, &[2, 3]);
        assert_eq!(strips.count(), 3 * 3);
        assert_eq!(strips.chunks(0), [0, 1, 2, 5, 6, 7]);
        assert_eq!(strips.chunks(8), [19]);
        assert_eq!(Strips::new(&Chunks::one(&[]), &[]).chunks(0), [0]);
        // As a slice from the second element on is cut.
        let moved = Chunks::new([AxisChunks::of_sizes([1, 2, 2, 2, 1])]);
        let strips = Strips::new(&moved, &[2]);
        let all: Vec<_> = (0..strips.count()).map(|strip| strips.chunks(strip)).collect();
        assert_eq!(all, [vec![0], vec![1, 2], vec![3], vec![4]]);
    }
}
