//! Elements of an axis by a list of indices.

use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use super::{Block, Needs, Read, Reads};
use crate::buffer::Buffer;
use crate::element::Element;
use crate::error::Result;
use crate::window::{Dims, Window, bytes_of, count};

/// How many bytes are read in vain rather than that the input is asked once more.
const GAP: usize = 4096;

/// How many bytes are read at a time, if a row does not have more.
const READ: usize = 1 << 20;

/// Which index of the input an index of the result shows.
#[derive(Debug, Clone)]
pub(crate) enum Index {
    /// As listed, in the order of the result.
    Listed(Arc<[Run]>),
    /// Each so often before the next.
    Repeated(usize),
    /// What the first so many would show, and then again; the result begins at `phase` of them. It shows all of the
    /// input about so many times.
    Periodic { pattern: Arc<[Run]>, period: usize, phase: usize, times: usize },
}

/// Indices of the result that follow each other, and what they show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first of them.
    pub(crate) at: usize,
    pub(crate) len: usize,
    /// What the first shows, if they show an element of the input.
    pub(crate) from: Option<usize>,
    /// How far the next one shows: 1, 0 or -1.
    pub(crate) step: isize,
}

impl Run {
    /// The part of it that lies in a range.
    fn within(self, range: &Range<usize>) -> Option<Self> {
        let at = self.at.max(range.start);
        let end = (self.at + self.len).min(range.end);
        let shown = |from: usize| crate::view::moved(from, self.step, at - self.at);
        (at < end).then(|| Self { at, len: end - at, from: self.from.map(shown), step: self.step })
    }

    /// The indices of the input that it shows.
    fn shown(&self) -> Option<Range<usize>> {
        let first = self.from?;
        let last = crate::view::moved(first, self.step, self.len - 1);
        Some(first.min(last)..first.max(last) + 1)
    }
}

/// A list of indices as runs. `None` shows nothing.
pub(crate) fn runs(indices: impl IntoIterator<Item = Option<usize>>) -> Arc<[Run]> {
    let mut runs: Vec<Run> = vec![];
    for (at, from) in indices.into_iter().enumerate() {
        if let Some(run) = runs.last_mut()
            && let Some(step) = continued(run, from)
        {
            *run = Run { len: run.len + 1, step, ..*run };
        } else {
            runs.push(Run { at, len: 1, from, step: 1 });
        }
    }
    runs.into()
}

/// The step of a run that an index continues.
fn continued(run: &Run, from: Option<usize>) -> Option<isize> {
    let (Some(first), Some(from)) = (run.from, from) else {
        return (run.from == from).then_some(run.step);
    };
    let continues = |step| crate::view::moved(first, step, run.len) == from;
    if run.len > 1 {
        continues(run.step).then_some(run.step)
    } else {
        [1, 0, -1].into_iter().find(|&step| continues(step))
    }
}

impl Index {
    /// Calls `each` with what a range of the result shows, in order.
    fn each(&self, range: &Range<usize>, mut each: impl FnMut(Run)) {
        match self {
            Self::Listed(runs) => {
                let first = runs.partition_point(|run| run.at + run.len <= range.start);
                runs[first..].iter().map_while(|run| run.within(range)).for_each(each);
            }
            &Self::Repeated(times) => {
                for from in range.start / times..range.end.div_ceil(times) {
                    let run = Run { at: from * times, len: times, from: Some(from), step: 0 };
                    run.within(range).into_iter().for_each(&mut each);
                }
            }
            Self::Periodic { pattern, period, phase, .. } => {
                let range = range.start + phase..range.end + phase;
                for tile in range.start / period..range.end.div_ceil(*period) {
                    for run in pattern.iter() {
                        let run = Run { at: tile * period + run.at, ..*run };
                        let run = run.within(&range).map(|run| Run { at: run.at - phase, ..run });
                        run.into_iter().for_each(&mut each);
                    }
                }
            }
        }
    }
}

/// Picks the elements of an axis: `take`, `compress`, `repeat`, `tile`, `roll` and `pad` are this.
///
/// What lies close together in the input is read at once, whatever its order in the result.
pub(crate) struct Pick<T> {
    pub(crate) name: &'static str,
    pub(crate) axis: usize,
    /// The length of the axis of the input.
    pub(crate) len: usize,
    pub(crate) index: Index,
    /// What stands where no element is shown.
    pub(crate) fill: T,
}

/// What is read at a time: indices of the input, and the runs that they are for.
type Group<'a> = (Range<usize>, &'a [Run]);

impl<T: Element> Pick<T> {
    /// What a window shows, in its order.
    fn runs(&self, window: &Window) -> SmallVec<[Run; 4]> {
        let mut runs = SmallVec::new();
        self.index.each(&window.range(self.axis), |run| runs.push(run));
        runs
    }

    /// The same in pieces that show at most so many indices.
    fn pieces(&self, window: &Window, most: usize) -> SmallVec<[Run; 4]> {
        let mut pieces = SmallVec::new();
        self.index.each(&window.range(self.axis), |run| {
            let is_one = run.step == 0 || run.from.is_none() || run.len <= most;
            let ends = (run.at..run.at + run.len).step_by(if is_one { run.len } else { most });
            pieces.extend(
                ends.filter_map(|at| {
                    run.within(&(at..if is_one { at + run.len } else { at + most }))
                }),
            );
        });
        pieces
    }

    /// The part of a window, the same along the axis, that is made at a time: as many of the first indices as have so
    /// many bytes as are read at a time, which lie together.
    fn band(&self, shape: &[usize]) -> Dims {
        let mut band = Dims::from(shape);
        for axis in 0..self.axis {
            let all = bytes_of(&band, size_of::<T>());
            if all > READ {
                band[axis] = (READ / (all / band[axis])).clamp(1, shape[axis]);
            }
        }
        band
    }

    /// Runs that show something, in the order of the input, unless all of it can be read at once.
    fn in_order(
        &self,
        mut runs: SmallVec<[Run; 4]>,
        shape: &[usize],
        most: usize,
    ) -> SmallVec<[Run; 4]> {
        runs.retain(|run| run.from.is_some());
        if self.hull(&runs, shape, most).is_some() {
            return runs;
        }
        let key = |run: &Run| run.shown().map_or(usize::MAX, |shown| shown.start);
        if !runs.is_sorted_by_key(key) {
            runs.sort_unstable_by_key(key);
        }
        runs
    }

    /// All indices of the input that runs show, if reading them at once reads no more in vain than a gap for each.
    fn hull(&self, runs: &[Run], shape: &[usize], most: usize) -> Option<Range<usize>> {
        let mut shown = runs.iter().filter_map(Run::shown);
        let first = shown.next()?;
        let hull = shown.fold(first, |a, b| a.start.min(b.start)..a.end.max(b.end));
        let of_runs: usize = runs.iter().map(|run| run.len).sum();
        let in_vain = hull.len().saturating_sub(of_runs).saturating_mul(self.row(shape));
        let is_small = hull.len() <= most && in_vain <= GAP.saturating_mul(runs.len());
        is_small.then_some(hull)
    }

    /// What is read at once, of at most so many indices, and the runs that it is for.
    fn groups<'a>(
        &self,
        runs: &'a [Run],
        shape: &[usize],
        most: usize,
    ) -> SmallVec<[Group<'a>; 4]> {
        if let Some(hull) = self.hull(runs, shape, most) {
            return [(hull, runs)].into_iter().collect();
        }
        let gap = GAP / self.row(shape);
        let mut groups: SmallVec<[(Range<usize>, Range<usize>); 4]> = SmallVec::new();
        for (at, run) in runs.iter().enumerate() {
            let Some(shown) = run.shown() else { break };
            if let Some((read, members)) = groups.last_mut()
                && shown.start <= read.end.saturating_add(gap)
                && shown.end.max(read.end) - read.start <= most
            {
                read.end = read.end.max(shown.end);
                members.end = at + 1;
            } else {
                groups.push((shown, at..at + 1));
            }
        }
        groups.into_iter().map(|(read, members)| (read, &runs[members])).collect()
    }

    /// How many indices of the input are read at a time at most.
    fn longest(&self, shape: &[usize]) -> usize {
        self.len.min((READ / self.row(shape)).max(1))
    }

    /// How many bytes a window has for each index of the axis, at least 1.
    fn row(&self, shape: &[usize]) -> usize {
        let outer = count(&shape[..self.axis]);
        bytes_of(&shape[self.axis + 1..], size_of::<T>()).saturating_mul(outer).max(1)
    }

    /// Puts the fill where runs show nothing.
    fn fill(&self, runs: &[Run], window: &Window, out: &mut [T]) {
        let inner: usize = window.shape()[self.axis + 1..].iter().product();
        let (start, len) = (window.start()[self.axis], window.shape()[self.axis]);
        for run in runs.iter().filter(|run| run.from.is_none()) {
            for outer in out.chunks_exact_mut(len * inner) {
                outer[(run.at - start) * inner..][..run.len * inner].fill(self.fill);
            }
        }
    }

    /// Reads what is shown, and copies it, band by band.
    fn read_bands(&self, window: &Window, inputs: &mut dyn Read, out: &mut [T]) -> Result<()> {
        let mut rest = out;
        crate::tile::parts(window, &self.band(window.shape()), |band| {
            let (to, after) = std::mem::take(&mut rest).split_at_mut(band.len());
            rest = after;
            self.read_groups(band, inputs, to)
        })
    }

    fn read_groups(&self, window: &Window, inputs: &mut dyn Read, out: &mut [T]) -> Result<()> {
        let inner: usize = window.shape()[self.axis + 1..].iter().product();
        let (start, len) = (window.start()[self.axis], window.shape()[self.axis]);
        let most = self.longest(window.shape());
        let runs = self.in_order(self.pieces(window, most), window.shape(), most);
        for (along, runs) in self.groups(&runs, window.shape(), most) {
            let part = inputs.get(0, &self.read(window, along.clone()))?;
            let from = part.elements::<T>().chunks_exact(along.len() * inner);
            let to = out.chunks_exact_mut(len * inner);
            for (from, to) in from.zip(to) {
                runs.iter().for_each(|run| show(run, from, along.start, to, start, inner));
            }
        }
        Ok(())
    }

    fn read(&self, window: &Window, along: Range<usize>) -> Window {
        let mut read = window.clone();
        read.set(self.axis, along);
        read
    }
}

impl<T: Element> Block for Pick<T> {
    fn name(&self) -> &str {
        self.name
    }

    fn needs(&self, window: &Window) -> Needs {
        // However large the window is: what is read at a time is left to those who read.
        let runs = self.in_order(self.runs(window), window.shape(), usize::MAX);
        let groups = self.groups(&runs, window.shape(), usize::MAX);
        groups.into_iter().map(|(along, _)| (0, self.read(window, along))).collect()
    }

    fn reads(&self, window: &Window) -> SmallVec<[Reads; 4]> {
        let range = window.range(self.axis);
        let shown = match &self.index {
            &Index::Repeated(times) => range.start / times..range.end.div_ceil(times),
            // As many elements as it shows, all of the input again and again.
            Index::Periodic { pattern, period, .. } if range.len() >= *period => {
                let mut shown = pattern.iter().filter_map(Run::shown);
                let Some(first) = shown.next() else { return SmallVec::new() };
                let hull = shown.fold(first, |a, b| a.start.min(b.start)..a.end.max(b.end));
                let (hull, elements) = (self.read(window, hull), window.len() as u128);
                return smallvec::smallvec![Reads { input: 0, hull, elements }];
            }
            Index::Listed(_) | Index::Periodic { .. } => {
                let needs = self.needs(window).into_iter();
                return needs.map(|(input, hull)| Reads::all(input, hull)).collect();
            }
        };
        smallvec::smallvec![Reads::all(0, self.read(window, shown))]
    }

    fn keeps_rows(&self) -> bool {
        true
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        // A window that shows one run is read at once, straight to where it belongs.
        let mut run = Dims::from(shape);
        run[self.axis] = run[self.axis].min(self.len);
        let at_once = input(0, &run).saturating_sub(bytes_of(&run, size_of::<T>()));
        // Of narrower windows more indices are read at a time, and no more bytes than of one that is short along the axis,
        // of which a band has the most.
        let mut short = Dims::from(shape);
        short[self.axis] = 1;
        let mut read = self.band(&short);
        read[self.axis] = READ.div_ceil(self.row(&read)).min(self.len);
        let runs = match &self.index {
            Index::Listed(runs) => shape[self.axis].min(runs.len()),
            &Index::Repeated(times) => shape[self.axis] / times + 2,
            Index::Periodic { pattern, period, .. } => {
                (shape[self.axis] / period + 2).saturating_mul(pattern.len())
            }
        };
        let runs = runs.saturating_add(shape[self.axis] / read[self.axis].max(1));
        let each = size_of::<Run>() + size_of::<Group<'_>>();
        // What several runs were read into stays while a window of one is read.
        let kept = bytes_of(&read, size_of::<T>());
        let held = input(0, &read).max(at_once.saturating_add(kept));
        held.saturating_add(runs.saturating_mul(each))
    }

    fn repeats(&self) -> bool {
        matches!(self.index, Index::Periodic { times: 2.., .. })
    }

    fn computes(&self) -> bool {
        false
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        let runs = self.runs(window);
        match &*runs {
            [Run { from: Some(first), step: 1, len, .. }] => {
                return inputs.read(0, &self.read(window, *first..first + len), out);
            }
            // Elements that lie here and there in memory are not worth a window each.
            _ if window.ndim() == 1
                && let Some(all) = inputs.all(0) =>
            {
                let (all, to) = (all.elements::<T>(), out.elements_mut());
                runs.iter().for_each(|run| show(run, all, 0, to, window.start()[0], 1));
            }
            _ => self.read_bands(window, inputs, out.elements_mut())?,
        }
        self.fill(&runs, window, out.elements_mut());
        Ok(())
    }
}

/// Copies what a run shows: `from` begins with index `first` of the input, `to` with index `start` of the result, and
/// an index stands for `inner` elements.
fn show<T: Element>(run: &Run, from: &[T], first: usize, to: &mut [T], start: usize, inner: usize) {
    let Some(shown) = run.from else { return };
    let to = &mut to[(run.at - start) * inner..][..run.len * inner];
    let from = |i| &from[(crate::view::moved(shown, run.step, i) - first) * inner..];
    match (run.step, inner) {
        (1, _) => to.copy_from_slice(&from(0)[..run.len * inner]),
        (0, 1) => to.fill(from(0)[0]),
        (_, 1) => to.iter_mut().enumerate().for_each(|(i, to)| *to = from(i)[0]),
        _ => {
            for (i, to) in to.chunks_exact_mut(inner).enumerate() {
                to.copy_from_slice(&from(i)[..inner]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_show_what_was_listed(
            indices in prop::collection::vec(prop::option::of(0..6_usize), 0..40),
            ends in (0..40_usize, 0..40_usize),
        ) {
            let index = Index::Listed(runs(indices.iter().copied()));
            let range = ends.0.min(indices.len())..ends.1.min(indices.len());
            let mut shown = vec![];
            index.each(&range, |run| {
                let along = |i| run.from.map(|from| crate::view::moved(from, run.step, i));
                shown.extend((0..run.len).map(along));
            });
            prop_assert_eq!(shown, indices.get(range).unwrap_or_default());
        }
    }

    #[test]
    fn a_period_begins_anywhere() {
        let pattern = runs([0, 1, 2, 1].map(Some));
        for phase in 0..4 {
            let index =
                Index::Periodic { pattern: Arc::clone(&pattern), period: 4, phase, times: 3 };
            for start in 0..9 {
                let mut shown = vec![];
                index.each(&(start..12), |run| {
                    let along = |i| run.from.map(|from| crate::view::moved(from, run.step, i));
                    shown.extend((0..run.len).map(|i| (run.at + i, along(i))));
                });
                let expected = (start..12).map(|at| (at, Some([0, 1, 2, 1][(at + phase) % 4])));
                assert_eq!(shown, expected.collect::<Vec<_>>(), "{phase} {start}");
            }
        }
    }

    #[test]
    fn what_follows_is_one_run() {
        let listed = runs([3, 4, 5, 2, 2, 2, 9, 8, 7].map(Some));
        let steps: Vec<_> = listed.iter().map(|run| (run.from, run.len, run.step)).collect();
        assert_eq!(steps, [(Some(3), 3, 1), (Some(2), 3, 0), (Some(9), 3, -1)]);
    }
}
