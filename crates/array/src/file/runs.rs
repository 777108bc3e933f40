//! The contiguous runs of a window in a file.

use smallvec::SmallVec;

use super::layout::Layout;
use crate::window::Window;

/// An axis along which one walks through a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) len: usize,
    /// The bytes from one index to the next in the file, or what is read of it.
    pub(super) file: usize,
    /// And in memory.
    pub(super) memory: usize,
}

pub(super) type Axes = SmallVec<[Axis; 4]>;

/// How a window that has elements lies in a file.
#[derive(Debug)]
pub(super) struct Runs {
    /// From the widest step in the file to the narrowest.
    pub(super) axes: Axes,
    /// The bytes that lie together both in the file and in memory.
    pub(super) bytes: usize,
    /// Where in the file the window begins.
    pub(super) start: u64,
}

impl Runs {
    pub(super) fn of(layout: &Layout, window: &Window) -> Self {
        Self::among(layout, window, window.shape())
    }

    /// The same where it is a part of what is dense in memory, which has so many elements along each axis.
    pub(super) fn among(layout: &Layout, window: &Window, shape: &[usize]) -> Self {
        let mut axes = Axes::new();
        let (mut memory, mut start) = (layout.dtype.bytes(), layout.offset);
        for axis in (0..window.ndim()).rev() {
            let (len, file) = (window.shape()[axis], layout.strides[axis]);
            axes.push(Axis { len, file, memory });
            memory *= shape[axis];
            start += (window.start()[axis] * file) as u64;
        }
        if !layout.is_fortran {
            axes.reverse();
        }
        let (axes, bytes) = together(axes, layout.dtype.bytes());
        Self { axes, bytes, start }
    }

    /// Calls `visit` with where each run begins in the file and in memory.
    pub(super) fn each<E>(
        &self,
        mut visit: impl FnMut(u64, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let ones = SmallVec::<[usize; 4]>::from_elem(1, self.axes.len());
        each_block(&self.axes, &ones, |file, memory, _| visit(self.start + file as u64, memory))
    }
}

/// Makes one axis of two that are one, and a run of what lies together.
fn together(axes: Axes, element: usize) -> (Axes, usize) {
    let mut merged = Axes::new();
    for axis in axes.into_iter().filter(|axis| axis.len != 1) {
        match merged.last_mut() {
            Some(last)
                if last.file == axis.file * axis.len && last.memory == axis.memory * axis.len =>
            {
                *last = Axis { len: last.len * axis.len, ..axis };
            }
            _ => merged.push(axis),
        }
    }
    match merged.last() {
        Some(&last) if last.file == element && last.memory == element => {
            merged.pop();
            (merged, last.len * element)
        }
        _ => (merged, element),
    }
}

/// Calls `visit` for each block of indices: `blocks` has how many of each axis are taken at a time. It gets where
/// the block begins in the file and in memory, and how many of each axis there are.
pub(super) fn each_block<E>(
    axes: &[Axis],
    blocks: &[usize],
    mut visit: impl FnMut(usize, usize, &[usize]) -> Result<(), E>,
) -> Result<(), E> {
    let mut at = SmallVec::<[usize; 4]>::from_elem(0, axes.len());
    let mut lens = at.clone();
    loop {
        let (mut file, mut memory) = (0, 0);
        for (i, axis) in axes.iter().enumerate() {
            lens[i] = blocks[i].min(axis.len - at[i]);
            file += at[i] * axis.file;
            memory += at[i] * axis.memory;
        }
        visit(file, memory, &lens)?;
        // The next block: the last axis turns first.
        let Some(turned) = (0..axes.len()).rev().find(|&i| at[i] + blocks[i] < axes[i].len) else {
            return Ok(());
        };
        at[turned] += blocks[turned];
        at[turned + 1..].fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::DType;

    fn runs(shape: &[usize], fortran: bool, window: &[std::ops::Range<usize>]) -> Runs {
        let layout = Layout::new(shape, DType::F64, 100).unwrap();
        let layout = if fortran { layout.fortran().unwrap() } else { layout };
        Runs::of(&layout, &Window::new(window))
    }

    #[test]
    fn whole_axes_are_one_run() {
        let runs = runs(&[5, 4, 3], false, &[1..3, 0..4, 0..3]);
        assert_eq!((runs.bytes, runs.start, runs.axes.len()), (2 * 12 * 8, 100 + 12 * 8, 0));
    }

    #[test]
    fn a_part_of_what_is_in_memory_lies_in_its_rows() {
        let layout = Layout::new(&[5, 4], DType::F64, 100).unwrap();
        let runs = Runs::among(&layout, &Window::new(&[1..3, 0..4]), &[9, 6]);
        assert_eq!(
            (runs.bytes, &runs.axes[..]),
            (32, &[Axis { len: 2, file: 32, memory: 48 }][..])
        );
        let runs = Runs::among(&layout, &Window::new(&[1..3, 0..4]), &[9, 4]);
        assert_eq!((runs.bytes, runs.axes.len()), (64, 0));
    }

    #[test]
    fn rows_of_a_window_are_runs() {
        let runs = runs(&[5, 4], false, &[1..3, 1..3]);
        let mut places = Vec::new();
        runs.each(|file, memory| {
            places.push((file, memory));
            Ok::<_, ()>(())
        })
        .unwrap();
        assert_eq!((runs.bytes, places), (16, vec![(100 + 5 * 8, 0), (100 + 9 * 8, 16)]));
    }

    #[test]
    fn a_column_major_file_is_walked_in_its_order() {
        let runs = runs(&[5, 4], true, &[1..3, 1..3]);
        let file: Vec<_> =
            runs.axes.iter().map(|axis| (axis.len, axis.file, axis.memory)).collect();
        assert_eq!((runs.bytes, file), (8, vec![(2, 40, 8), (2, 8, 16)]));
    }

    #[test]
    fn a_line_lies_the_same_in_both_orders() {
        let runs = runs(&[5, 4], true, &[1..4, 2..3]);
        assert_eq!((runs.bytes, runs.axes.len()), (24, 0));
    }
}
