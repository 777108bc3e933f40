//! Elements along some axes taken together.
//!
//! A chunk is folded into accumulators, one for each element of the result, in the order of its tiles; the accumulators
//! of chunks are merged in a binary tree over the number of the chunk. So the order depends on shape and chunks
//! alone: never on threads, on what else is computed, or on memory. Tiles are those of the whole chunk, however it is
//! cut into portions.

mod fold;
mod packing;
mod several;
mod tree;

use std::marker::PhantomData;

use smallvec::SmallVec;
use tenfold_kernel::{Loop, vectorized};

pub(crate) use self::fold::{
    All, Any, Arg, Count, Extreme, Fold, Mean, NanMean, Prod, Std, Sum, User, Var, side_by_side,
    to_f64,
};
pub use self::fold::{Averageable, Summable};
pub(crate) use self::packing::Packing;
pub(crate) use self::several::{ArgTop, Bins, Several, SeveralFold, Top};
pub(crate) use self::tree::{Subtree, Tree, height};

use crate::buffer::{Buffer, Part, Rows};
use crate::chunks::{AxisChunks, Chunks};
use crate::element::{DType, Element};
use crate::hash::Identity;
use crate::window::{Dims, Window};

/// The accumulators of a chunk of the result.
pub(crate) type Accumulators = Box<dyn std::any::Any + Send>;

/// A [`Fold`] of elements whose types the graph has checked.
pub(crate) trait Reducer: Send + Sync {
    fn name(&self) -> &str;

    /// What tells it from others of its name: its parameters.
    fn key(&self) -> Identity;

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

    /// Whether accumulators can go to another rank.
    fn travels(&self) -> bool;

    /// Writes accumulators, to be read on another rank.
    fn write(&self, accumulators: &Accumulators, to: &mut Vec<u8>);

    /// Reads what was written.
    fn read(&self, from: &[u8]) -> Option<Accumulators>;
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

/// How long a loop must be for it to be worth going to rows of it where they lie: it is not made longer.
pub(crate) const TOGETHER: usize = 64;

/// A loop over the elements of a tile along an axis, or several that go on like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Along {
    len: usize,
    is_reduced: bool,
    /// How far the accumulators of neighbours lie apart.
    accumulator: usize,
    /// How far the numbers of neighbours lie apart.
    number: u64,
}

impl Along {
    /// Takes a loop around this one into it, if both go on like one. Numbers count where they matter.
    fn joins(&mut self, outer: &Self, numbered: bool) -> bool {
        let joins = self.len < TOGETHER
            && self.is_reduced == outer.is_reduced
            && outer.accumulator == self.accumulator * self.len
            && (!numbered || outer.number == self.number * self.len as u64);
        if joins {
            self.len *= outer.len;
        }
        joins
    }
}

impl Kept<'_> {
    /// The loops over a tile, the innermost first, and the accumulator and the number of its first element.
    fn loops(&self, tile: &Window, numbered: bool) -> (SmallVec<[Along; 4]>, usize, u64) {
        let mut loops = SmallVec::<[Along; 4]>::new();
        let (mut accumulator, mut number) = (1, 1);
        let (mut first, mut first_number) = (0, 0);
        for axis in (0..tile.ndim()).rev() {
            let (len, start) = (tile.shape()[axis], tile.start()[axis]);
            let is_reduced = self.axes.contains(&axis);
            let mut along = Along { len, is_reduced, accumulator: 0, number: 0 };
            if is_reduced {
                along.number = number;
                first_number += number * start as u64;
                number *= self.shape[axis] as u64;
            } else {
                along.accumulator = accumulator;
                first += accumulator * (start - self.chunk.start()[axis]);
                accumulator *= self.chunk.shape()[axis];
            }
            // The innermost loop is over neighbours, even if the tile has one of them alone.
            let is_no_loop = self.shape[axis] == 1 || (len == 1 && !loops.is_empty());
            let joins = |inner: &mut Along| inner.joins(&along, numbered);
            if !is_no_loop && !loops.last_mut().is_some_and(joins) {
                loops.push(along);
            }
        }
        (loops, first, first_number)
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

/// The other way round: the number of the chunk that is number `among` of those that go to a chunk of the result.
pub(crate) fn origin(chunks: &Chunks, axes: &[usize], to: usize, among: usize) -> usize {
    let (mut to, mut among) = (to, among);
    let (mut number, mut step) = (0, 1);
    for (axis, cut) in chunks.axes().iter().enumerate().rev() {
        let from = if axes.contains(&axis) { &mut among } else { &mut to };
        number += *from % cut.count() * step;
        *from /= cut.count();
        step *= cut.count();
    }
    number
}

/// How many elements go into each element of the result.
pub(crate) fn reduced_len(shape: &[usize], axes: &[usize]) -> usize {
    axes.iter().map(|&axis| shape[axis]).product()
}

/// The shape that is left when axes are reduced.
pub(crate) fn kept_shape(shape: &[usize], axes: &[usize]) -> Dims {
    (0..shape.len()).filter(|axis| !axes.contains(axis)).map(|axis| shape[axis]).collect()
}

/// The turns of some loops, the innermost first: for each the place and the number at which it begins.
struct Turns<'a> {
    loops: &'a [Along],
    index: Dims,
    /// Of the next turn, if there is one.
    next: Option<(usize, u64)>,
}

impl<'a> Turns<'a> {
    fn new(loops: &'a [Along], place: usize, number: u64) -> Self {
        Self { loops, index: Dims::from_elem(0, loops.len()), next: Some((place, number)) }
    }
}

impl Iterator for Turns<'_> {
    type Item = (usize, u64);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, u64)> {
        let this = self.next?;
        let (mut place, mut number) = this;
        self.next = None;
        for (along, index) in self.loops.iter().zip(&mut self.index) {
            *index += 1;
            place += along.accumulator;
            number += along.number;
            if *index < along.len {
                self.next = Some((place, number));
                break;
            }
            *index = 0;
            place -= along.len * along.accumulator;
            number -= along.len as u64 * along.number;
        }
        Some(this)
    }
}

/// The loops over a tile, compiled for all instruction sets.
struct Turned<'a, T, R, F: Fold<T, R>> {
    fold: &'a F,
    accumulators: &'a mut [F::Acc],
    elements: Rows<'a, T>,
    inner: Along,
    turns: Turns<'a>,
}

impl<T, R, F: Fold<T, R>> Loop for Turned<'_, T, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { fold, accumulators, elements, inner, mut turns } = self;
        for row in elements.iter() {
            for (row, (place, number)) in row.chunks_exact(inner.len).zip(&mut turns) {
                if inner.is_reduced {
                    fold.run(&mut accumulators[place], row, number);
                } else {
                    fold.each(&mut accumulators[place..place + inner.len], row, number);
                }
            }
        }
    }
}

/// A fold as a plan calls it.
pub(crate) struct Folded<T, R, F> {
    name: Box<str>,
    key: Identity,
    fold: F,
    types: PhantomData<fn(T) -> R>,
}

impl<T: Element, R: Element, F: Fold<T, R>> Folded<T, R, F> {
    pub(crate) fn new(name: &str, key: Identity, fold: F) -> Self {
        Self { name: name.into(), key, fold, types: PhantomData }
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
        &self.name
    }

    fn key(&self) -> Identity {
        self.key
    }

    fn bytes(&self) -> usize {
        size_of::<F::Acc>()
    }

    fn start(&self, len: usize) -> Accumulators {
        Box::new(vec![self.fold.start(); len])
    }

    fn fold(&self, to: &mut Accumulators, kept: &Kept<'_>, tile: &Window, elements: &Part<'_>) {
        let accumulators = self.own(to);
        let (loops, first, number) = kept.loops(tile, F::NUMBERED);
        let one = Along { len: 1, is_reduced: true, accumulator: 0, number: 0 };
        let (inner, outer) = loops.split_first().map_or((one, &[][..]), |(&row, rest)| (row, rest));
        vectorized(Turned {
            fold: &self.fold,
            accumulators,
            elements: elements.rows(),
            inner,
            turns: Turns::new(outer, first, number),
        });
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

    fn travels(&self) -> bool {
        self.fold.packing().is_some()
    }

    fn write(&self, accumulators: &Accumulators, to: &mut Vec<u8>) {
        if let (Some(own), Some(packing)) =
            (accumulators.downcast_ref::<Vec<F::Acc>>(), self.fold.packing())
        {
            packing.write_all(own, to);
        }
    }

    fn read(&self, from: &[u8]) -> Option<Accumulators> {
        Some(Box::new(self.fold.packing()?.read_all(from)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_chunk_is_found_again(
            axes in prop::collection::vec((1..9_usize, 1..4_usize, any::<bool>()), 0..4),
        ) {
            let lens: Vec<usize> = axes.iter().map(|axis| axis.0).collect();
            let sizes: Vec<usize> = axes.iter().map(|axis| axis.1).collect();
            let chunks = Chunks::even(&lens, &sizes).unwrap();
            let reduced: Vec<usize> = (0..axes.len()).filter(|&axis| axes[axis].2).collect();
            for number in 0..chunks.count() {
                let (to, among, of) = destination(&chunks, &reduced, number);
                prop_assert!(among < of);
                prop_assert_eq!(origin(&chunks, &reduced, to, among), number);
            }
        }
    }
}
