//! What elements are folded into.

use std::any::TypeId;

use num_complex::{Complex32, Complex64};

use super::packing::Packing;
use crate::ops::is_nan;

mod arg;
mod extreme;
mod logic;
mod mean;
mod moments;
mod sum;
mod user;

pub(crate) use self::arg::Arg;
pub(crate) use self::extreme::Extreme;
pub(crate) use self::logic::{All, Any, Count};
pub use self::mean::Averageable;
pub(crate) use self::mean::{Mean, NanMean, to_f32, to_f64};
pub(crate) use self::moments::{Std, Var};
pub use self::sum::Summable;
pub(crate) use self::sum::{Prod, Sum};
pub(crate) use self::user::User;

/// Folds elements of `T` into accumulators, and those into results of `R`. What sees elements is `#[inline(always)]`, so that
/// it is compiled for the instruction set of the loop that calls it.
pub(crate) trait Fold<T, R>: Send + Sync + 'static {
    /// What has been seen so far.
    type Acc: Clone + Send + 'static;

    /// Whether it matters which number an element has among those that its accumulator sees.
    const NUMBERED: bool = false;

    /// Nothing seen.
    fn start(&self) -> Self::Acc;

    /// Sees elements that follow each other. `number` is that of the first among all that the accumulator sees.
    fn run(&self, acc: &mut Self::Acc, elements: &[T], number: u64);

    /// Each accumulator sees one element. `number` is that of the element among those that its accumulator sees.
    fn each(&self, accs: &mut [Self::Acc], elements: &[T], number: u64);

    /// Takes what another one has seen, which comes after what `acc` has.
    fn merge(&self, acc: &mut Self::Acc, other: Self::Acc);

    /// The result of an accumulator that has seen `count` elements.
    fn finish(&self, acc: Self::Acc, count: usize) -> R;

    /// How an accumulator goes to another rank, if it can.
    fn packing(&self) -> Option<Packing<Self::Acc>>;
}

/// How many accumulations of a run go on side by side, so that one need not wait for the one before.
const SIDE_BY_SIDE: usize = 16;

/// Whether it makes a difference in which order such numbers are taken together.
#[inline(always)]
fn rounds<A: 'static>() -> bool {
    let inexact = [
        TypeId::of::<f32>(),
        TypeId::of::<f64>(),
        TypeId::of::<Complex32>(),
        TypeId::of::<Complex64>(),
    ];
    inexact.contains(&TypeId::of::<A>())
}

/// Whether there is NaN in a run, by a loop without branches.
#[inline(always)]
fn has_nan<T: Copy + PartialEq>(elements: &[T]) -> bool {
    elements.iter().fold(false, |has, &x| has | is_nan(x))
}

/// Folds a run, in an order that depends on its length alone: side by side, and those in a tree.
#[inline(always)]
pub(crate) fn side_by_side<T: Copy, A: Copy + 'static>(
    elements: &[T],
    start: A,
    see: impl Fn(A, T) -> A,
    merge: impl Fn(A, A) -> A,
) -> A {
    // Where no order is kept the compiler has its own, and makes something slow of this one.
    if elements.len() < SIDE_BY_SIDE || !rounds::<A>() {
        return elements.iter().fold(start, |acc, &element| see(acc, element));
    }
    let (groups, rest) = elements.as_chunks::<SIDE_BY_SIDE>();
    let mut accs = [start; SIDE_BY_SIDE];
    for group in groups {
        for (acc, &element) in accs.iter_mut().zip(group) {
            *acc = see(*acc, element);
        }
    }
    for (acc, &element) in accs.iter_mut().zip(rest) {
        *acc = see(*acc, element);
    }
    let mut half = SIDE_BY_SIDE / 2;
    while half > 0 {
        for i in 0..half {
            accs[i] = merge(accs[i], accs[i + half]);
        }
        half /= 2;
    }
    accs[0]
}
