//! Functions of bands of rows.

use std::sync::Arc;

use faer::Mat;
use ndarray::Ix2;
use smallvec::SmallVec;

use super::kernel::{Linear, matrix};
use crate::array::Array;
use crate::block::{Block, Grain, Needs, Read};
use crate::buffer::Buffer;
use crate::chunks::{AxisChunks, Chunks};
use crate::error::Result;
use crate::hash::Identity;
use crate::node::{Op, Origin};
use crate::program::MULTIPLIED;
use crate::window::{Window, bytes_of, count};

/// What is seen of an input for a band of the result.
pub(super) enum Seen {
    /// The band of the same number.
    Band(AxisChunks),
    All,
}

/// Makes each band of rows of its result of what is seen of its inputs.
pub(super) struct Bands<T> {
    pub(super) name: &'static str,
    pub(super) seen: SmallVec<[Seen; 2]>,
    /// The bands of the result, and how long rows are.
    pub(super) to: AxisChunks,
    pub(super) cols: usize,
    /// How many elements the function takes, with what it is given.
    pub(super) scratch: usize,
    /// How many numbers it multiplies and adds for the largest band.
    pub(super) work: f64,
    pub(super) function: Box<Function<T>>,
}

/// Fills a band in row-major order, given what is seen.
type Function<T> = dyn Fn(SmallVec<[Mat<T>; 2]>, &mut [T]) -> Result<()> + Send + Sync;

impl<T: Linear> Bands<T> {
    /// The array of this function of others.
    pub(super) fn of(
        self,
        inputs: &[&Array<T, Ix2>],
        key: Identity,
        origin: Origin,
    ) -> Array<T, Ix2> {
        let shapes: SmallVec<[Sized; 2]> = inputs
            .iter()
            .map(|input| {
                let shape = input.shape();
                Sized { rows: shape[0], cols: shape[1] }
            })
            .collect();
        let chunks = Chunks::new([self.to.clone(), AxisChunks::one(self.cols)]);
        let nodes = inputs.iter().map(|input| Arc::clone(&input.node));
        let op = Op::Block(Arc::new(OfBands { bands: self, shapes, origin }));
        Array::made(op, nodes, chunks, key, origin)
    }
}

/// The shape of an input.
struct Sized {
    rows: usize,
    cols: usize,
}

struct OfBands<T> {
    bands: Bands<T>,
    shapes: SmallVec<[Sized; 2]>,
    origin: Origin,
}

impl<T: Linear> OfBands<T> {
    /// What is seen of an input for some bands that follow each other.
    fn shown(&self, input: usize, bands: std::ops::Range<usize>) -> Window {
        let Sized { rows, cols } = self.shapes[input];
        let rows = match &self.bands.seen[input] {
            Seen::All => 0..rows,
            Seen::Band(cut) => cut.range(bands.start).start..cut.range(bands.end - 1).end,
        };
        Window::new(&[rows, 0..cols])
    }

    /// The bands that a window shows.
    fn numbers(&self, window: &Window) -> std::ops::Range<usize> {
        let (rows, to) = (window.range(0), &self.bands.to);
        to.chunk_of(rows.start)..to.chunk_of(rows.end - 1) + 1
    }

    fn largest(&self) -> usize {
        bytes_of(&[self.bands.to.largest(), self.bands.cols], size_of::<T>())
    }
}

impl<T: Linear> Block for OfBands<T> {
    fn name(&self) -> &str {
        self.bands.name
    }

    fn needs(&self, window: &Window) -> Needs {
        let shown = (0..self.shapes.len()).map(|i| (i, self.shown(i, self.numbers(window))));
        shown.filter(|(_, shown)| shown.len() > 0).collect()
    }

    fn bytes(&self, _: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let inputs = self.shapes.iter().enumerate().map(|(i, &Sized { rows, cols })| {
            let rows = match &self.bands.seen[i] {
                Seen::All => rows,
                Seen::Band(cut) => cut.largest(),
            };
            input(i, &[rows, cols])
        });
        let scratch = self.bands.scratch.saturating_mul(size_of::<T>());
        inputs.fold(scratch.saturating_add(self.largest()), usize::saturating_add)
    }

    fn grain(&self) -> Grain {
        Grain::Chunk
    }

    fn nanoseconds(&self) -> f64 {
        let elements = count(&[self.bands.to.largest(), self.bands.cols]).max(1);
        MULTIPLIED * self.bands.work / elements as f64
    }

    /// What is seen as a whole is read for each band anew.
    fn passes(&self, input: usize, _: &[usize]) -> usize {
        match self.bands.seen[input] {
            Seen::Band(_) => 1,
            Seen::All => self.bands.to.count(),
        }
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        let Bands { to, cols, .. } = &self.bands;
        let function = |seen, out: &mut [T]| {
            (self.bands.function)(seen, out).map_err(|error| error.at(self.origin))
        };
        for number in self.numbers(window) {
            let mut seen = SmallVec::new();
            for (i, &Sized { cols, .. }) in self.shapes.iter().enumerate() {
                let shown = self.shown(i, number..number + 1);
                seen.push(match shown.len() {
                    0 => Mat::zeros(shown.shape()[0], cols),
                    _ => matrix(inputs.get(i, &shown)?.elements(), shown.shape()[0], cols),
                });
            }
            let band = Window::new(&[to.range(number), 0..*cols]);
            if band == *window {
                return function(seen, out.elements_mut());
            }
            let mut made = Buffer::new(T::DTYPE);
            made.resize(band.len());
            function(seen, made.elements_mut())?;
            copy(&made, &band, out, window);
        }
        Ok(())
    }
}

/// Copies what two windows have in common.
fn copy(from: &Buffer, band: &Window, out: &mut Buffer, window: &Window) {
    let (rows, cols) = (window.range(0), window.range(1));
    let common = rows.start.max(band.range(0).start)..rows.end.min(band.range(0).end);
    for row in common {
        let start = (row - band.start()[0]) * band.shape()[1] + cols.start;
        let to = Window::new(&[row..row + 1, cols.clone()]);
        from.part(start..start + cols.len()).copy_into(out, window, &to);
    }
}
