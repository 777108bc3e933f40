//! Which elements of an array have come.

use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;

use crate::window::{Dims, Window};

/// What has come of an array, window by window, to the element.
///
/// It takes some 100 bytes for each window that has no neighbour yet. Windows that come about in the order of a grid,
/// on whichever of its axes and from several threads, are soon one. Those in no grid take more: where one begins or
/// ends along an axis, all that lies there along the axes behind is held twice. Their time grows with the square of
/// their number.
#[derive(Debug)]
pub(super) struct Coverage {
    shape: Dims,
    part: Part,
}

impl Coverage {
    /// Of an array of which nothing has come.
    pub(super) fn new(shape: &[usize]) -> Self {
        Self { shape: shape.into(), part: Part::Nothing }
    }

    /// Takes a window that lies in the array, or says which element of it has come before.
    pub(super) fn take(&mut self, window: &Window) -> Result<(), Dims> {
        let axes = self.long_axes(window);
        match self.first(window, true) {
            Some(index) => Err(index),
            None if window.len() == 0 => Ok(()),
            None => {
                self.part.set(&axes, true);
                Ok(())
            }
        }
    }

    /// Takes back a window that was taken.
    pub(super) fn give_back(&mut self, window: &Window) {
        if window.len() > 0 {
            self.part.set(&self.long_axes(window), false);
        }
    }

    /// The first element that has not come.
    pub(super) fn missing(&self) -> Option<Dims> {
        self.first(&Window::whole(&self.shape), false)
    }

    /// The first element of a window that has come, or has not.
    fn first(&self, window: &Window, came: bool) -> Option<Dims> {
        if window.len() == 0 {
            return None;
        }
        let found = self.part.first(&self.long_axes(window), came)?;
        let mut found = found.into_iter().rev();
        let lens = self.shape.iter();
        Some(lens.map(|&len| if len == 1 { 0 } else { found.next().unwrap_or(0) }).collect())
    }

    /// The axes of a window but for those of length 1. Of those there can be thousands, of others at most 63, so that
    /// calls are never nested deeper.
    fn long_axes(&self, window: &Window) -> Vec<Along> {
        let axes = self.shape.iter().enumerate().filter(|&(_, &len)| len != 1);
        axes.map(|(axis, &len)| Along { range: window.range(axis), len }).collect()
    }
}

/// What a window takes of an axis.
#[derive(Debug)]
struct Along {
    range: Range<usize>,
    /// Of the axis.
    len: usize,
}

/// What has come of an array, or of the last axes of one. The same elements have one form only.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Nothing,
    All,
    /// From each of these indices of the first axis to the next: what of the axes behind it.
    Runs(BTreeMap<usize, Part>),
}

impl Part {
    /// Says of a window that it came, or that it did not.
    fn set(&mut self, window: &[Along], came: bool) {
        let Some((Along { range, len }, behind)) = window.split_first() else {
            *self = if came { Self::All } else { Self::Nothing };
            return;
        };
        let mut runs = match mem::replace(self, Self::Nothing) {
            Self::Runs(runs) => runs,
            same => BTreeMap::from([(0, same)]),
        };
        for cut in [range.start, range.end] {
            if let Some((&start, run)) = runs.range(..=cut).next_back()
                && start < cut
                && cut < *len
            {
                let run = run.clone();
                runs.insert(cut, run);
            }
        }
        runs.range_mut(range.clone()).for_each(|(_, run)| run.set(behind, came));
        join(&mut runs, range);
        *self = match runs.first_key_value() {
            Some((_, all @ (Self::All | Self::Nothing))) if runs.len() == 1 => all.clone(),
            _ => Self::Runs(runs),
        };
    }

    /// The first index of a window that came, or that did not; its last axis first.
    fn first(&self, window: &[Along], came: bool) -> Option<Vec<usize>> {
        let Self::Runs(runs) = self else {
            let is_found = came == (*self == Self::All);
            return is_found.then(|| window.iter().rev().map(|axis| axis.range.start).collect());
        };
        let (Along { range, .. }, behind) = window.split_first()?;
        let (&first, _) = runs.range(..=range.start).next_back()?;
        runs.range(first..range.end).find_map(|(&start, run)| {
            let mut index = run.first(behind, came)?;
            index.push(start.max(range.start));
            Some(index)
        })
    }
}

/// Makes one run of neighbours that are the same, where they may have become so.
fn join(runs: &mut BTreeMap<usize, Part>, range: &Range<usize>) {
    let starts: Vec<_> = runs.range(range.start..=range.end).map(|(&start, _)| start).collect();
    for start in starts {
        let before = runs.range(..start).next_back();
        if before.is_some_and(|(_, before)| *before == runs[&start]) {
            runs.remove(&start);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many runs there are.
    fn runs(part: &Part) -> usize {
        match part {
            Part::Runs(parts) => parts.len() + parts.values().map(runs).sum::<usize>(),
            _ => 0,
        }
    }

    fn grid(shape: [usize; 2], chunk: [usize; 2]) -> Vec<Window> {
        let starts = |axis: usize| (0..shape[axis]).step_by(chunk[axis]);
        let range = |axis: usize, start: usize| start..(start + chunk[axis]).min(shape[axis]);
        let windows = starts(0).flat_map(|row| {
            starts(1).map(move |column| Window::new(&[range(0, row), range(1, column)]))
        });
        windows.collect()
    }

    /// In the order of rows, of columns, and from both ends.
    #[test]
    fn neighbours_are_soon_one() {
        let by_rows = grid([1000, 900], [10, 9]);
        let mut by_columns = by_rows.clone();
        by_columns.sort_by_key(|window| (window.start()[1], window.start()[0]));
        let (front, back) = by_rows.split_at(5000);
        let from_both = front.iter().zip(back.iter().rev()).flat_map(|(a, b)| [a, b]).cloned();
        for windows in [by_rows.clone(), by_columns, from_both.collect()] {
            let (mut coverage, mut most) = (Coverage::new(&[1000, 900]), 0);
            for window in &windows {
                coverage.take(window).unwrap();
                most = most.max(runs(&coverage.part));
            }
            assert_eq!((coverage.part, most < 16), (Part::All, true), "{most}");
        }
    }

    #[test]
    fn short_axes_do_not_count() {
        let mut shape = vec![1; 20_000];
        shape[7] = 2;
        let mut coverage = Coverage::new(&shape);
        let mut half = Window::whole(&shape);
        half.set(7, 0..1);
        coverage.take(&half).unwrap();
        assert_eq!(coverage.take(&half).unwrap_err().len(), 20_000);
        assert_eq!(coverage.missing().unwrap()[7], 1);
        half.set(7, 1..2);
        coverage.take(&half).unwrap();
        assert_eq!(coverage.missing(), None);
    }

    #[test]
    fn arrays_of_one_and_of_no_element() {
        let mut one = Coverage::new(&[]);
        assert_eq!(one.missing(), Some(Dims::new()));
        one.take(&Window::whole(&[])).unwrap();
        assert_eq!(one.take(&Window::whole(&[])), Err(Dims::new()));
        one.give_back(&Window::whole(&[]));
        assert_eq!(one.missing(), Some(Dims::new()));
        let mut none = Coverage::new(&[3, 0]);
        assert_eq!(none.missing(), None);
        none.take(&Window::whole(&[3, 0])).unwrap();
        none.take(&Window::whole(&[3, 0])).unwrap();
    }

    proptest! {
        /// Beside a set of elements.
        #[test]
        fn elements_are_counted_by_one(
            shape in prop::collection::vec(1..6_usize, 1..4),
            windows in prop::collection::vec(prop::collection::vec((0..6_usize, 0..6_usize), 3), 1..40),
        ) {
            let all: Vec<Dims> = indices(&Window::whole(&shape));
            let mut coverage = Coverage::new(&shape);
            let mut came = std::collections::BTreeSet::new();
            for ends in windows {
                let ranges: Vec<_> = shape.iter().zip(ends).map(|(&len, (a, b))| {
                    let (a, b) = (a % (len + 1), b % (len + 1));
                    a.min(b)..a.max(b)
                }).collect();
                let window = Window::new(&ranges);
                let elements = indices(&window);
                match elements.iter().find(|index| came.contains(*index)) {
                    Some(index) => prop_assert_eq!(coverage.take(&window), Err(index.clone())),
                    None => {
                        prop_assert_eq!(coverage.take(&window), Ok(()));
                        came.extend(elements.iter().cloned());
                        if ranges[0].start == 1 {
                            coverage.give_back(&window);
                            elements.iter().for_each(|index| { came.remove(index); });
                        }
                    }
                }
                let missing = all.iter().find(|index| !came.contains(*index));
                prop_assert_eq!(coverage.missing(), missing.cloned());
            }
            prop_assert_eq!(coverage.part == Part::All, came.len() == all.len());
        }
    }

    /// In row-major order.
    fn indices(window: &Window) -> Vec<Dims> {
        let mut all = vec![Dims::new()];
        for axis in 0..window.ndim() {
            all = all
                .into_iter()
                .flat_map(|index| {
                    window.range(axis).map(move |i| {
                        let mut index = index.clone();
                        index.push(i);
                        index
                    })
                })
                .collect();
        }
        all
    }
}
