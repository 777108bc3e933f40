//! Elements along some axes taken together.
//!
//! A chunk is folded into accumulators, one for each element of the result, in the order of its tiles; the accumulators
//! of chunks are merged in a binary tree over the number of the chunk. So the order depends on shape and chunks
//! alone: never on threads, on what else is computed, or on memory.

mod fold;
mod tree;

use std::any::Any;
use std::marker::PhantomData;

use smallvec::SmallVec;

pub(crate) use self::fold::{Extreme, Fold, Mean, Sum};
pub use self::fold::{Real, Summable};
pub(crate) use self::tree::Tree;

use crate::buffer::{Buffer, Part};
use crate::chunks::{AxisChunks, Chunks};
use crate::element::{DType, Element};
use crate::tile::{RUN, rows};
use crate::window::{Dims, Window};

/// The accumulators of a chunk of the result.
pub(crate) type Accumulators = Box<dyn Any + Send>;

/// A [`Fold`] of elements whose types the graph has checked.
pub(crate) trait Reducer: Send + Sync {
    fn name(&self) -> &str;

    /// How many bytes an accumulator takes.
    fn bytes(&self) -> usize;

    /// Accumulators that have seen nothing.
    fn start(&self, len: usize) -> Accumulators;

    /// Folds a tile into the accumulators of its chunk.
    fn fold(&self, to: &mut Accumulators, kept: &Kept<'_>, tile: &Window, elements: &Part<'_>);

    /// Takes what `other` has seen, which comes after what `to` has.
    fn merge(&self, to: &mut Accumulators, other: Accumulators);

    /// The results, when `count` elements were folded into each.
    fn finish(&self, from: Accumulators, count: usize, out: &mut Buffer);

    /// The elements of the results.
    fn result(&self) -> DType;
}

/// Which accumulator an element goes to, and its number among those that go there.
#[derive(Debug)]
pub(crate) struct Kept<'a> {
    /// The axes that are reduced, in ascending order.
    pub(crate) axes: &'a [usize],
    /// The shape of what is reduced.
    pub(crate) shape: &'a [usize],
    /// The chunk that the accumulators are for.
    pub(crate) chunk: &'a Window,
}

impl Kept<'_> {
    /// The accumulator of the element at an index, and the element's number among those of its accumulator.
    fn place(&self, index: &[usize]) -> (usize, u64) {
        let (mut accumulator, mut number) = (0, 0);
        for (axis, &i) in index.iter().enumerate() {
            if self.axes.contains(&axis) {
                number = number * self.shape[axis] as u64 + i as u64;
            } else {
                accumulator = accumulator * self.chunk.shape()[axis] + i - self.chunk.start()[axis];
            }
        }
        (accumulator, number)
    }

    /// How many accumulators there are.
    pub(crate) fn len(&self) -> usize {
        let kept = (0..self.chunk.ndim()).filter(|axis| !self.axes.contains(axis));
        kept.map(|axis| self.chunk.shape()[axis]).product()
    }
}

/// How the result of a reduction is cut: as its input, without the axes that are reduced.
pub(crate) fn result_chunks(of: &Chunks, axes: &[usize]) -> Chunks {
    let kept = (0..of.ndim()).filter(|axis| !axes.contains(axis));
    Chunks::new(kept.map(|axis| of.axis(axis).clone()))
}

/// The number of the chunk of the result that a chunk goes to, its number among the chunks that go there, and how many
/// those are.
pub(crate) fn destination(
    chunks: &Chunks,
    axes: &[usize],
    mut number: usize,
) -> (usize, usize, usize) {
    let counts: SmallVec<[usize; 4]> = chunks.axes().iter().map(AxisChunks::count).collect();
    let mut index = counts.clone();
    for axis in (0..counts.len()).rev() {
        index[axis] = number % counts[axis];
        number /= counts[axis];
    }
    let (mut to, mut among, mut of) = (0, 0, 1);
    for (axis, (&i, &count)) in index.iter().zip(&counts).enumerate() {
        if axes.contains(&axis) {
            among = among * count + i;
            of *= count;
        } else {
            to = to * count + i;
        }
    }
    (to, among, of)
}

/// How many elements go into each element of the result.
pub(crate) fn reduced_len(shape: &[usize], axes: &[usize]) -> usize {
    axes.iter().map(|&axis| shape[axis]).product()
}

/// The shape that is left when axes are reduced.
pub(crate) fn kept_shape(shape: &[usize], axes: &[usize]) -> Dims {
    (0..shape.len()).filter(|axis| !axes.contains(axis)).map(|axis| shape[axis]).collect()
}

/// A fold as a plan calls it.
pub(crate) struct Folded<T, R, F> {
    name: &'static str,
    fold: F,
    types: PhantomData<fn(T) -> R>,
}

impl<T: Element, R: Element, F: Fold<T, R>> Folded<T, R, F> {
    pub(crate) fn new(name: &'static str, fold: F) -> Self {
        Self { name, fold, types: PhantomData }
    }

    fn own<'a>(&self, accumulators: &'a mut Accumulators) -> &'a mut Vec<F::Acc> {
        match accumulators.downcast_mut() {
            Some(own) => own,
            None => unreachable!("the accumulators of another fold than {}", self.name),
        }
    }
}

impl<T: Element, R: Element, F: Fold<T, R>> Reducer for Folded<T, R, F> {
    fn name(&self) -> &str {
        self.name
    }

    fn bytes(&self) -> usize {
        size_of::<F::Acc>()
    }

    fn start(&self, len: usize) -> Accumulators {
        Box::new(vec![self.fold.start(); len])
    }

    fn fold(&self, to: &mut Accumulators, kept: &Kept<'_>, tile: &Window, elements: &Part<'_>) {
        let accumulators = self.own(to);
        let elements = elements.elements::<T>();
        let along = kept.axes.last().is_some_and(|&axis| axis + 1 == tile.ndim());
        let (len, starts) = rows(tile);
        for (row, start) in elements.chunks_exact(len.max(1)).zip(starts) {
            let (place, number) = kept.place(&start);
            if along {
                // Runs begin at multiples of their length from the beginning of the chunk, whatever the tile.
                let mut number = number;
                for run in row.chunks(RUN) {
                    self.fold.run(&mut accumulators[place], run, number);
                    number += run.len() as u64;
                }
            } else {
                self.fold.each(&mut accumulators[place..place + len], row, number);
            }
        }
    }

    fn merge(&self, to: &mut Accumulators, mut other: Accumulators) {
        let other = std::mem::take(self.own(&mut other));
        for (to, other) in self.own(to).iter_mut().zip(other) {
            self.fold.merge(to, other);
        }
    }

    fn finish(&self, mut from: Accumulators, count: usize, out: &mut Buffer) {
        let from = std::mem::take(self.own(&mut from));
        for (to, accumulator) in out.elements_mut().iter_mut().zip(from) {
            *to = self.fold.finish(accumulator, count);
        }
    }

    fn result(&self) -> DType {
        R::DTYPE
    }
}
