//! Folds into several results.

mod bins;
mod top;

use std::marker::PhantomData;

pub(crate) use self::bins::Bins;
pub(crate) use self::top::{ArgTop, Top};

use super::packing::{Packed, Packing};
use super::{Accumulators, Along, Kept, Reducer, Turns};
use crate::buffer::{Buffer, Part};
use crate::element::{DType, Element};
use crate::hash::Identity;
use crate::window::Window;

/// Folds elements of `T` into several results of `R`, which are the last axis of what a reduction makes. Accumulators
/// are plain numbers, a row of them for each element of the result without that axis.
pub(crate) trait SeveralFold<T, R>: Send + Sync + 'static {
    /// What has been seen so far, as several of these.
    type Acc: Copy + Packed + Send + 'static;

    /// How many results and accumulators there are.
    fn len(&self) -> usize;

    /// Nothing seen.
    fn start(&self) -> Self::Acc;

    /// Sees an element, which has a number among those that these accumulators see.
    fn see(&self, accs: &mut [Self::Acc], element: T, number: u64);

    /// Takes what others have seen.
    fn merge(&self, accs: &mut [Self::Acc], others: &[Self::Acc]);

    /// Puts accumulators that have seen all in the order of their results.
    fn arrange(&self, _: &mut [Self::Acc]) {}

    /// The result of an accumulator.
    fn finish(&self, acc: Self::Acc) -> R;
}

/// A fold into several results as a plan calls it.
pub(crate) struct Several<T, R, F> {
    name: &'static str,
    key: Identity,
    fold: F,
    types: PhantomData<fn(T) -> R>,
}

impl<T: Element, R: Element, F: SeveralFold<T, R>> Several<T, R, F> {
    pub(crate) fn new(name: &'static str, key: Identity, fold: F) -> Self {
        Self { name, key, fold, types: PhantomData }
    }

    fn own<'a>(&self, accumulators: &'a mut Accumulators) -> &'a mut Vec<F::Acc> {
        match accumulators.downcast_mut() {
            Some(own) => own,
            None => unreachable!("the accumulators of another fold than {}", self.name),
        }
    }
}

impl<T: Element, R: Element, F: SeveralFold<T, R>> Reducer for Several<T, R, F> {
    fn name(&self) -> &str {
        self.name
    }

    fn key(&self) -> Identity {
        self.key.with(self.fold.len())
    }

    /// With what they become, twice: a plan counts one result for each.
    fn bytes(&self) -> usize {
        self.fold.len().saturating_mul(size_of::<F::Acc>() + 2 * size_of::<R>())
    }

    fn start(&self, len: usize) -> Accumulators {
        Box::new(vec![self.fold.start(); len.saturating_mul(self.fold.len())])
    }

    fn fold(&self, to: &mut Accumulators, kept: &Kept<'_>, tile: &Window, elements: &Part<'_>) {
        let (accs, len) = (self.own(to), self.fold.len());
        let (loops, first, number) = kept.loops(tile, true);
        let one = Along { len: 1, is_reduced: true, accumulator: 0, number: 0 };
        let (inner, outer) = loops.split_first().map_or((one, &[][..]), |(&row, rest)| (row, rest));
        let mut turns = Turns::new(outer, first, number);
        for row in elements.rows::<T>().iter() {
            for (row, (place, number)) in row.chunks_exact(inner.len).zip(&mut turns) {
                for (i, &element) in row.iter().enumerate() {
                    let at = place + i * inner.accumulator;
                    let number = number + i as u64 * inner.number;
                    self.fold.see(&mut accs[at * len..][..len], element, number);
                }
            }
        }
    }

    fn merge(&self, to: &mut Accumulators, mut other: Accumulators) {
        let (to, len) = (self.own(to), self.fold.len());
        let other = std::mem::take(match other.downcast_mut::<Vec<F::Acc>>() {
            Some(own) => own,
            None => unreachable!("the accumulators of another fold than {}", self.name),
        });
        for (to, other) in to.chunks_exact_mut(len.max(1)).zip(other.chunks_exact(len.max(1))) {
            self.fold.merge(to, other);
        }
    }

    fn finish(&self, mut from: Accumulators, _: usize, out: &mut Buffer) {
        let (own, len) = (self.own(&mut from), self.fold.len());
        own.chunks_exact_mut(len.max(1)).for_each(|accs| self.fold.arrange(accs));
        for (to, &acc) in out.elements_mut().iter_mut().zip(&*own) {
            *to = self.fold.finish(acc);
        }
    }

    fn result(&self) -> DType {
        R::DTYPE
    }

    fn travels(&self) -> bool {
        true
    }

    fn write(&self, accumulators: &Accumulators, to: &mut Vec<u8>) {
        if let Some(own) = accumulators.downcast_ref::<Vec<F::Acc>>() {
            Packing::<F::Acc>::own().write_all(own, to);
        }
    }

    fn read(&self, from: &[u8]) -> Option<Accumulators> {
        Some(Box::new(Packing::<F::Acc>::own().read_all(from)?))
    }
}
