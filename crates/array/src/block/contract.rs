//! Products of matrices and what is written as such.

use std::marker::PhantomData;
use std::ops::Range;

use super::{Block, Grain, Needs, Read};
use crate::buffer::Buffer;
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::Result;
use crate::ops::Number;
use crate::program::MULTIPLIED;
use crate::tile::parts;
use crate::window::{Dims, Window, count};

/// How many bytes of both inputs are multiplied at a time: about a chunk's. More saves little, since a product of so
/// many elements costs much more than reading them.
const STEP: usize = 8 << 20;

/// How many elements along the axes that are summed over are multiplied at a time at least.
const LEAST: usize = 64;

/// How many columns are multiplied at a time, for each of which the left matrix is packed anew: of 2 KiB, or 256.
/// `matrixmultiply` allocates what it packs of them for each call, aligned, of which glibc keeps some blocks that it does
/// not use again: so they should be smaller than those of the 1024 columns that it takes itself.
pub(crate) fn columns<T>() -> usize {
    (2048 / size_of::<T>()).max(256)
}

/// How many elements `matrixmultiply` packs of a product: of the left matrix at most 64 x 256, of the right one 256 for
/// each column, and what it rounds them up to. Eight times, since glibc keeps as many aligned blocks before it joins them.
fn packed<T>(rows: usize, inner: usize, cols: usize) -> usize {
    8 * (rows.min(64) + cols.min(columns::<T>()) + 16) * inner.min(256)
}

/// Sums over the products of elements of two arrays: `[batch.., rows.., inner..]` and `[batch.., inner.., cols..]`
/// give `[batch.., rows.., cols..]`.
///
/// The sum goes on step by step along `inner` in place, so that a part of each input is held, and never a part of
/// the sum. The steps depend on shape and chunks alone, and so does the result, bit for bit.
pub(crate) struct Contract<T> {
    /// How many axes there are of each sort.
    batch: usize,
    rows: usize,
    cols: usize,
    inner: Dims,
    /// How far a step goes along each of the `inner`.
    step: Dims,
    /// The shape of the result.
    shape: Dims,
    kernel: Kernel,
    element: PhantomData<fn() -> T>,
}

/// How two matrices are multiplied. It is chosen by the shapes as a whole, so that it is the same for any window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kernel {
    /// The left one has a row.
    Row,
    /// The right one has a column.
    Column,
    General,
}

impl<T: Number> Contract<T> {
    /// The operation, and how its result is cut.
    pub(crate) fn new(a: &Chunks, b: &Chunks, batch: usize, inner: usize) -> (Self, Chunks) {
        let (rows, cols) = (a.ndim() - batch - inner, b.ndim() - batch - inner);
        let most = |axis: usize| match a.axis(axis).count() < b.axis(axis).count() {
            true => b.axis(axis).clone(),
            false => a.axis(axis).clone(),
        };
        let of_batch = (0..batch).map(most);
        let (of_rows, of_cols) = (&a.axes()[batch..batch + rows], &b.axes()[batch + inner..]);
        let axes = of_batch.chain(of_rows.iter().cloned()).chain(of_cols.iter().cloned());
        let chunks = Chunks::new(axes);
        let inner: Dims = a.shape()[batch + rows..].into();
        let made = Self {
            batch,
            rows,
            cols,
            step: step::<T>(&chunks, batch, rows, &a.axes()[batch + rows..]),
            inner,
            shape: chunks.shape(),
            kernel: kernel(of_rows, of_cols),
            element: PhantomData,
        };
        (made, chunks)
    }

    /// The windows of both inputs that a window of the result needs of a window of the inner axes.
    fn windows(&self, window: &Window, inner: &Window) -> [Window; 2] {
        let axes = |axes: Range<usize>| axes.map(|axis| window.range(axis));
        let inner = || (0..inner.ndim()).map(|axis| inner.range(axis));
        let first_col = self.batch + self.rows;
        let a = axes(0..first_col).chain(inner());
        let b = axes(0..self.batch).chain(inner()).chain(axes(first_col..first_col + self.cols));
        [Window::new(&a.collect::<Vec<_>>()), Window::new(&b.collect::<Vec<_>>())]
    }
}

/// How far it goes at a time along each axis that is summed over, which the left array is cut along like this.
fn step<T: Element>(chunks: &Chunks, batch: usize, rows: usize, inner: &[AxisChunks]) -> Dims {
    let largest = chunks.largest();
    let [of_batch, of_rows, of_cols] =
        [&largest[..batch], &largest[batch..batch + rows], &largest[batch + rows..]].map(count);
    let each =
        of_batch.saturating_mul(of_rows.saturating_add(of_cols)).saturating_mul(size_of::<T>());
    let mut left = (STEP / each.max(1)).max(LEAST);
    let mut step = Dims::from_elem(1, inner.len());
    for (len, along) in step.iter_mut().zip(inner).rev() {
        *len = by_chunks(left, along).clamp(1, along.len().max(1));
        left /= *len;
    }
    step
}

/// About so many elements, but whole chunks, if that takes no more than a quarter of one in addition: what a chunk has is
/// then read in one piece.
fn by_chunks(len: usize, along: &AxisChunks) -> usize {
    let chunk = along.largest().max(1);
    match (len.saturating_add(chunk / 4)) / chunk {
        0 => len,
        chunks => chunks * chunk,
    }
}

fn kernel(rows: &[AxisChunks], cols: &[AxisChunks]) -> Kernel {
    let len = |cuts: &[AxisChunks]| count(&cuts.iter().map(AxisChunks::len).collect::<Dims>());
    match (len(rows), len(cols)) {
        (_, 1) => Kernel::Column,
        (1, _) => Kernel::Row,
        _ => Kernel::General,
    }
}

impl<T: Number> Block for Contract<T> {
    fn name(&self) -> &str {
        "matmul"
    }

    fn needs(&self, window: &Window) -> Needs {
        if self.inner.contains(&0) {
            return Needs::new();
        }
        self.windows(window, &Window::whole(&self.inner)).into_iter().enumerate().collect()
    }

    #[cfg(feature = "ranks")]
    fn asks(&self, window: &Window) -> Vec<(usize, Window)> {
        let mut asks = vec![];
        let done: Result<()> = parts(&Window::whole(&self.inner), &self.step, |step| {
            asks.extend(self.windows(window, step).into_iter().enumerate());
            Ok(())
        });
        debug_assert!(done.is_ok());
        asks
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let [a, b] = self.windows(&Window::whole(shape), &Window::whole(&self.step));
        let inputs = input(0, a.shape()).saturating_add(input(1, b.shape()));
        let (of_rows, of_cols) = shape[self.batch..].split_at(self.rows);
        let packed = match self.kernel {
            Kernel::General => {
                packed::<T>(count(of_rows), count(&self.step), count(of_cols)) * size_of::<T>()
            }
            Kernel::Row | Kernel::Column => 0,
        };
        inputs.saturating_add(packed)
    }

    fn grain(&self) -> Grain {
        Grain::Window
    }

    fn nanoseconds(&self) -> f64 {
        self.inner.iter().fold(MULTIPLIED, |each, &len| each * len as f64)
    }

    /// Each window of columns reads the first anew, each of rows the second.
    fn passes(&self, input: usize, at_a_time: &[usize]) -> usize {
        let (cols, rows) =
            (self.batch + self.rows..self.shape.len(), self.batch..self.batch + self.rows);
        let windows = |axis: usize| self.shape[axis].div_ceil(at_a_time[axis].max(1));
        let along = if input == 0 { cols } else { rows };
        along.fold(1, |passes: usize, axis| passes.saturating_mul(windows(axis)))
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        out.elements_mut::<T>().fill(T::default());
        if self.inner.contains(&0) {
            return Ok(());
        }
        let len = |axes: &[usize]| axes.iter().product::<usize>();
        let (batch, rest) = window.shape().split_at(self.batch);
        let (rows, cols) = rest.split_at(self.rows);
        let (batch, rows, cols) = (len(batch), len(rows), len(cols));
        parts(&Window::whole(&self.inner), &self.step, |step| {
            let [of_a, of_b] = self.windows(window, step);
            inputs.get(0, &of_a)?;
            inputs.get(1, &of_b)?;
            let (a, b) = (inputs.got(0), inputs.got(1));
            let inner = step.len();
            for i in 0..batch {
                <T as Number>::multiply(
                    self.kernel,
                    &a.elements()[i * rows * inner..][..rows * inner],
                    &b.elements()[i * inner * cols..][..inner * cols],
                    &mut out.elements_mut()[i * rows * cols..][..rows * cols],
                    [rows, inner, cols],
                );
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_whole_chunks_if_those_are_not_much_more() {
        let by = |len, of, chunk| by_chunks(len, &AxisChunks::even(of, chunk).unwrap());
        assert_eq!(by(963, 8192, 1024), 1024);
        assert_eq!(by(963, 8192, 500), 1000);
        assert_eq!(by(963, 8192, 400), 800);
        assert_eq!(by(963, 8192, 2000), 963, "a part of a chunk");
        assert_eq!(by(963, 8192, 1), 963);
        assert_eq!(by(963, 0, 5), 963);
    }
}
