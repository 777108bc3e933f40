//! The operations of reductions.

use ndarray::{Array, Dimension};

use crate::list::List;
use crate::simd::{Arithmetic, Element, Lanes, Mask, Num, Simd, ramp};

/// An operation on elements of type `T`.
pub trait Op<T: Element>: 'static {
    /// A group of accumulators.
    type Acc<S: Simd>: Copy;
    /// One accumulator.
    type Partial: Copy + Send;
    /// The result.
    type Result: Element;

    /// Accumulators of nothing.
    fn start<S: Simd>(s: S) -> Self::Acc<S>;
    /// Takes a group in; the first lane has the number `index`.
    fn add<S: Simd>(acc: Self::Acc<S>, x: Lanes<S, T>, index: usize) -> Self::Acc<S>;
    /// `a` in the lanes of the mask, else `b`.
    fn select<S: Simd>(mask: Mask<S>, a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S>;
    /// Lane with lane, `a` before `b`.
    fn join<S: Simd>(a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S>;
    /// One lane of accumulators that took groups in by `add_at`.
    fn lane<S: Simd>(acc: Self::Acc<S>, lane: usize) -> Self::Partial;
    /// `a` before `b`.
    fn merge(a: Self::Partial, b: Self::Partial) -> Self::Partial;
    /// Of no elements, if the operation has an identity.
    fn empty() -> Option<Self::Result>;
    /// Of `count` elements.
    fn result(partial: Self::Partial, count: usize) -> Self::Result;

    /// Takes in the lanes of a group that are active.
    #[inline(always)]
    fn add_some<S: Simd>(
        active: Mask<S>,
        acc: Self::Acc<S>,
        x: Lanes<S, T>,
        index: usize,
    ) -> Self::Acc<S> {
        Self::select(active, Self::add(acc, x, index), acc)
    }

    /// Takes a group in whose lanes belong to different results; each has the number `index`.
    #[inline(always)]
    fn add_at<S: Simd>(acc: Self::Acc<S>, x: Lanes<S, T>, index: usize) -> Self::Acc<S> {
        Self::add(acc, x, index)
    }

    /// The results of every lane, of `count` elements each.
    #[inline(always)]
    fn wide_result<S: Simd>(s: S, acc: Self::Acc<S>, count: usize) -> Lanes<S, Self::Result> {
        let mut array = Lanes::splat(s, Self::Result::NIL).to_array();
        let mut i = 0;
        while i < S::LANES {
            array.as_mut()[i] = Self::result(Self::lane(acc, i), count);
            i += 1;
        }
        Lanes::from_array(s, array)
    }

    /// Joins the lanes of a group: i with i + half, and so on.
    #[inline(always)]
    fn fold<S: Simd>(acc: Self::Acc<S>) -> Self::Partial {
        let mut lanes = [Self::lane(acc, 0); 16];
        let mut i = 1;
        while i < S::LANES {
            lanes[i] = Self::lane(acc, i);
            i += 1;
        }
        let mut half = S::LANES / 2;
        while half > 0 {
            let mut i = 0;
            while i < half {
                lanes[i] = Self::merge(lanes[i], lanes[i + half]);
                i += 1;
            }
            half /= 2;
        }
        lanes[0]
    }
}

/// The operations whose accumulator is an element.
macro_rules! simple {
    ($(
        $(#[$doc:meta])* $Name:ident<$T:ident: $Bound:ident>($a:ident, $b:ident)
        start $start:expr, empty $empty:expr, wide $wide:expr, one $one:expr;
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $Name;

        impl<$T: $Bound> Op<$T> for $Name {
            type Acc<S: Simd> = Lanes<S, $T>;
            type Partial = $T;
            type Result = $T;

            #[inline(always)]
            fn start<S: Simd>(s: S) -> Lanes<S, $T> {
                Lanes::splat(s, $start)
            }
            #[inline(always)]
            fn add<S: Simd>($a: Lanes<S, $T>, $b: Lanes<S, $T>, _: usize) -> Lanes<S, $T> {
                $wide
            }
            #[inline(always)]
            fn select<S: Simd>(mask: Mask<S>, a: Lanes<S, $T>, b: Lanes<S, $T>) -> Lanes<S, $T> {
                Lanes::select(mask, a, b)
            }
            #[inline(always)]
            fn join<S: Simd>($a: Lanes<S, $T>, $b: Lanes<S, $T>) -> Lanes<S, $T> {
                $wide
            }
            #[inline(always)]
            fn lane<S: Simd>(acc: Lanes<S, $T>, lane: usize) -> $T {
                acc.lane(lane)
            }
            #[inline(always)]
            fn merge($a: $T, $b: $T) -> $T {
                $one
            }
            #[inline(always)]
            fn empty() -> Option<$T> {
                $empty
            }
            #[inline(always)]
            fn result(partial: $T, _: usize) -> $T {
                partial
            }
        }
    )*};
}
simple! {
    /// The sum; integers wrap. 0 of nothing.
    Sum<T: Arithmetic>(a, b) start T::NIL, empty Some(T::NIL), wide a + b, one crate::ops::add(a, b);
    /// The product; integers wrap. 1 of nothing.
    Prod<T: Arithmetic>(a, b) start T::UNIT, empty Some(T::UNIT), wide a * b, one crate::ops::mul(a, b);
    /// The smallest; NaN only if all are.
    Min<T: Num>(a, b) start T::HIGHEST, empty None, wide a.min(b), one crate::ops::min(a, b);
    /// The largest; NaN only if all are.
    Max<T: Num>(a, b) start T::LOWEST, empty None, wide a.max(b), one crate::ops::max(a, b);
}

macro_rules! of_bools {
    ($($(#[$doc:meta])* $Name:ident $identity:literal $operator:tt;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $Name;

        impl Op<bool> for $Name {
            type Acc<S: Simd> = Mask<S>;
            type Partial = bool;
            type Result = bool;

            #[inline(always)]
            fn start<S: Simd>(s: S) -> Mask<S> {
                Mask::splat(s, $identity)
            }
            #[inline(always)]
            fn add<S: Simd>(acc: Mask<S>, x: Mask<S>, _: usize) -> Mask<S> {
                acc $operator x
            }
            #[inline(always)]
            fn select<S: Simd>(mask: Mask<S>, a: Mask<S>, b: Mask<S>) -> Mask<S> {
                Lanes::select(mask, a, b)
            }
            #[inline(always)]
            fn join<S: Simd>(a: Mask<S>, b: Mask<S>) -> Mask<S> {
                a $operator b
            }
            #[inline(always)]
            fn lane<S: Simd>(acc: Mask<S>, lane: usize) -> bool {
                acc.lane(lane)
            }
            #[inline(always)]
            fn merge(a: bool, b: bool) -> bool {
                a $operator b
            }
            #[inline(always)]
            fn empty() -> Option<bool> {
                Some($identity)
            }
            #[inline(always)]
            fn result(partial: bool, _: usize) -> bool {
                partial
            }
        }
    )*};
}
of_bools! {
    /// Whether one is true.
    Any false |;
    /// Whether all are true.
    All true &;
}

/// How many are true.
#[derive(Debug)]
pub struct Count;

impl Op<bool> for Count {
    /// Those counted lane by lane, and those counted a group at a time.
    type Acc<S: Simd> = (Lanes<S, u64>, u64);
    type Partial = u64;
    type Result = u64;

    #[inline(always)]
    fn start<S: Simd>(s: S) -> Self::Acc<S> {
        (Lanes::splat(s, 0), 0)
    }
    #[inline(always)]
    fn add<S: Simd>(acc: Self::Acc<S>, x: Mask<S>, _: usize) -> Self::Acc<S> {
        (acc.0, acc.1 + u64::from(x.bits().count_ones()))
    }
    #[inline(always)]
    fn add_some<S: Simd>(
        active: Mask<S>,
        acc: Self::Acc<S>,
        x: Mask<S>,
        index: usize,
    ) -> Self::Acc<S> {
        Self::add(acc, x & active, index)
    }
    #[inline(always)]
    fn add_at<S: Simd>(acc: Self::Acc<S>, x: Mask<S>, _: usize) -> Self::Acc<S> {
        (Lanes::select(x, acc.0 + 1, acc.0), acc.1)
    }
    #[inline(always)]
    fn select<S: Simd>(mask: Mask<S>, a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S> {
        // What was counted a group at a time is nobody's lane: `add_some` does without.
        (Lanes::select(mask, a.0, b.0), b.1)
    }
    #[inline(always)]
    fn join<S: Simd>(a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S> {
        (a.0 + b.0, a.1 + b.1)
    }
    #[inline(always)]
    fn lane<S: Simd>(acc: Self::Acc<S>, lane: usize) -> u64 {
        acc.0.lane(lane)
    }
    #[inline(always)]
    fn fold<S: Simd>(acc: Self::Acc<S>) -> u64 {
        let mut sum = acc.1;
        let mut i = 0;
        while i < S::LANES {
            sum += acc.0.lane(i);
            i += 1;
        }
        sum
    }
    #[inline(always)]
    fn merge(a: u64, b: u64) -> u64 {
        a + b
    }
    #[inline(always)]
    fn empty() -> Option<u64> {
        Some(0)
    }
    #[inline(always)]
    fn result(partial: u64, _: usize) -> u64 {
        partial
    }
}

/// The sum divided by the number of elements.
#[derive(Debug)]
pub struct Mean<O>(std::marker::PhantomData<O>);

impl<T: Arithmetic, O: Op<T, Result = T>> Op<T> for Mean<O> {
    type Acc<S: Simd> = O::Acc<S>;
    type Partial = O::Partial;
    type Result = T;

    #[inline(always)]
    fn start<S: Simd>(s: S) -> O::Acc<S> {
        O::start(s)
    }
    #[inline(always)]
    fn add<S: Simd>(acc: O::Acc<S>, x: Lanes<S, T>, index: usize) -> O::Acc<S> {
        O::add(acc, x, index)
    }
    #[inline(always)]
    fn select<S: Simd>(mask: Mask<S>, a: O::Acc<S>, b: O::Acc<S>) -> O::Acc<S> {
        O::select(mask, a, b)
    }
    #[inline(always)]
    fn join<S: Simd>(a: O::Acc<S>, b: O::Acc<S>) -> O::Acc<S> {
        O::join(a, b)
    }
    #[inline(always)]
    fn lane<S: Simd>(acc: O::Acc<S>, lane: usize) -> O::Partial {
        O::lane(acc, lane)
    }
    #[inline(always)]
    fn merge(a: O::Partial, b: O::Partial) -> O::Partial {
        O::merge(a, b)
    }
    #[inline(always)]
    fn empty() -> Option<T> {
        None
    }
    #[expect(clippy::cast_precision_loss, reason = "no array has 2^53 elements")]
    #[inline(always)]
    fn result(partial: O::Partial, count: usize) -> T {
        O::result(partial, count).share(count as f64)
    }
}

/// The sum with what rounding lost of every addition kept beside it (Knuth's TwoSum): as if in
/// twice the precision.
#[derive(Debug)]
pub struct CompensatedSum;

/// `a + b` and its rounding error.
#[inline(always)]
fn two_sum<S: Simd, T: Arithmetic>(a: Lanes<S, T>, b: Lanes<S, T>) -> (Lanes<S, T>, Lanes<S, T>) {
    let sum = a + b;
    let from_b = sum - a;
    (sum, (a - (sum - from_b)) + (b - from_b))
}

impl<T: Arithmetic> Op<T> for CompensatedSum {
    type Acc<S: Simd> = (Lanes<S, T>, Lanes<S, T>);
    type Partial = (T, T);
    type Result = T;

    #[inline(always)]
    fn start<S: Simd>(s: S) -> Self::Acc<S> {
        (Lanes::splat(s, T::NIL), Lanes::splat(s, T::NIL))
    }
    #[inline(always)]
    fn add<S: Simd>(acc: Self::Acc<S>, x: Lanes<S, T>, _: usize) -> Self::Acc<S> {
        let (sum, error) = two_sum(acc.0, x);
        (sum, acc.1 + error)
    }
    #[inline(always)]
    fn select<S: Simd>(mask: Mask<S>, a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S> {
        (Lanes::select(mask, a.0, b.0), Lanes::select(mask, a.1, b.1))
    }
    #[inline(always)]
    fn join<S: Simd>(a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S> {
        let (sum, error) = two_sum(a.0, b.0);
        (sum, (a.1 + b.1) + error)
    }
    #[inline(always)]
    fn lane<S: Simd>(acc: Self::Acc<S>, lane: usize) -> (T, T) {
        (acc.0.lane(lane), acc.1.lane(lane))
    }
    #[inline(always)]
    fn merge(a: (T, T), b: (T, T)) -> (T, T) {
        use crate::simd::Portable;
        let up = |x| Lanes::splat(Portable::<1>, x);
        let (sum, error) = <Self as Op<T>>::join((up(a.0), up(a.1)), (up(b.0), up(b.1)));
        (sum.lane(0), error.lane(0))
    }
    #[inline(always)]
    fn empty() -> Option<T> {
        Some(T::NIL)
    }
    #[inline(always)]
    fn result(partial: (T, T), _: usize) -> T {
        // An infinite or NaN sum has no error to add.
        let sum = crate::ops::add(partial.0, partial.1);
        if crate::ops::sub(sum, sum) == T::NIL { sum } else { partial.0 }
    }
}

/// The number of the first smallest (`MAX = false`) or largest element. NaN is neither, unless all
/// are: then 0.
#[derive(Debug)]
pub struct Arg<const MAX: bool>;

impl<T: Num, const MAX: bool> Op<T> for Arg<MAX> {
    type Acc<S: Simd> = (Lanes<S, T>, Lanes<S, u64>);
    type Partial = (T, u64);
    type Result = u64;

    #[inline(always)]
    fn start<S: Simd>(s: S) -> Self::Acc<S> {
        // No element yet: the number that all others are below.
        (Lanes::splat(s, T::ZERO), Lanes::splat(s, u64::MAX))
    }
    #[inline(always)]
    fn add<S: Simd>(acc: Self::Acc<S>, x: Lanes<S, T>, index: usize) -> Self::Acc<S> {
        let s = x.token();
        let numbers = Lanes::splat(s, index as u64) + ramp::<S, u64>(s);
        <Self as Op<T>>::join(acc, (x, numbers))
    }
    #[inline(always)]
    fn add_at<S: Simd>(acc: Self::Acc<S>, x: Lanes<S, T>, index: usize) -> Self::Acc<S> {
        <Self as Op<T>>::join(acc, (x, Lanes::splat(x.token(), index as u64)))
    }
    #[inline(always)]
    fn select<S: Simd>(mask: Mask<S>, a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S> {
        (Lanes::select(mask, a.0, b.0), Lanes::select(mask, a.1, b.1))
    }
    #[inline(always)]
    fn join<S: Simd>(a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S> {
        let none = Lanes::splat(a.0.token(), u64::MAX);
        let beats = if MAX { b.0.gt(a.0) } else { b.0.lt(a.0) };
        let comes_first = b.0.eq(a.0) & b.1.lt(a.1);
        // NaN loses against all, and nothing against NaN.
        let is_better = beats | comes_first | a.1.eq(none) | (a.0.ne(a.0) & b.0.eq(b.0));
        let is_better = is_better & b.1.ne(none);
        <Self as Op<T>>::select(is_better, b, a)
    }
    #[inline(always)]
    fn lane<S: Simd>(acc: Self::Acc<S>, lane: usize) -> (T, u64) {
        (acc.0.lane(lane), acc.1.lane(lane))
    }
    #[inline(always)]
    fn merge(a: (T, u64), b: (T, u64)) -> (T, u64) {
        use crate::simd::Portable;
        let one = Portable::<1>;
        let a = (Lanes::splat(one, a.0), Lanes::splat(one, a.1));
        let b = (Lanes::splat(one, b.0), Lanes::splat(one, b.1));
        <Self as Op<T>>::lane(<Self as Op<T>>::join(a, b), 0)
    }
    #[inline(always)]
    fn empty() -> Option<u64> {
        None
    }
    #[expect(clippy::eq_op, reason = "NaN")]
    #[inline(always)]
    fn result(partial: (T, u64), _: usize) -> u64 {
        if partial.0 == partial.0 { partial.1 } else { 0 }
    }
}

/// Operations of all results of a kernel.
pub trait Ops<L: List>: 'static {
    /// Groups of accumulators.
    type Acc<S: Simd>: Copy;
    /// One of each.
    type Partial: Copy + Send;
    /// The results.
    type Results;
    /// Their types.
    type Outs: List;
    /// See [`Op`].
    fn start<S: Simd>(s: S) -> Self::Acc<S>;
    /// See [`Op`].
    fn add<S: Simd>(acc: Self::Acc<S>, x: L::Wide<S>, index: usize) -> Self::Acc<S>;
    /// See [`Op`].
    fn add_some<S: Simd>(
        active: Mask<S>,
        acc: Self::Acc<S>,
        x: L::Wide<S>,
        index: usize,
    ) -> Self::Acc<S>;
    /// See [`Op`].
    fn join<S: Simd>(a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S>;
    /// See [`Op`].
    fn fold<S: Simd>(acc: Self::Acc<S>) -> Self::Partial;
    /// See [`Op`].
    fn merge(a: Self::Partial, b: Self::Partial) -> Self::Partial;
    /// See [`Op`].
    fn empty() -> Option<Self::Results>;
    /// See [`Op`].
    fn results(partial: Self::Partial, count: usize) -> Self::Results;
    /// See [`Op`].
    fn add_at<S: Simd>(acc: Self::Acc<S>, x: L::Wide<S>, index: usize) -> Self::Acc<S>;
    /// See [`Op`].
    fn wide_results<S: Simd>(
        s: S,
        acc: Self::Acc<S>,
        count: usize,
    ) -> <Self::Outs as List>::Wide<S>;
    /// One result of each, in every lane.
    fn results_wide<S: Simd>(
        s: S,
        partial: Self::Partial,
        count: usize,
    ) -> <Self::Outs as List>::Wide<S>;
    /// Arrays full of one result of each.
    fn filled<D: Dimension>(results: Self::Results, shape: &D) -> <Self::Outs as List>::Arrays<D>;
}

impl Ops<()> for () {
    type Acc<S: Simd> = ();
    type Partial = ();
    type Results = ();
    type Outs = ();
    #[inline(always)]
    fn start<S: Simd>(_: S) {}
    #[inline(always)]
    fn add<S: Simd>((): (), (): (), _: usize) {}
    #[inline(always)]
    fn add_some<S: Simd>(_: Mask<S>, (): (), (): (), _: usize) {}
    #[inline(always)]
    fn join<S: Simd>((): (), (): ()) {}
    #[inline(always)]
    fn fold<S: Simd>((): ()) {}
    #[inline(always)]
    fn merge((): (), (): ()) {}
    #[inline(always)]
    fn empty() -> Option<()> {
        Some(())
    }
    #[inline(always)]
    fn results((): (), _: usize) {}
    #[inline(always)]
    fn add_at<S: Simd>((): (), (): (), _: usize) {}
    #[inline(always)]
    fn wide_results<S: Simd>(_: S, (): (), _: usize) {}
    #[inline(always)]
    fn results_wide<S: Simd>(_: S, (): (), _: usize) {}
    fn filled<D: Dimension>((): (), _: &D) {}
}

impl<T: Element, R: List, A: Op<T>, B: Ops<R>> Ops<(T, R)> for (A, B) {
    type Acc<S: Simd> = (A::Acc<S>, B::Acc<S>);
    type Partial = (A::Partial, B::Partial);
    type Results = (A::Result, B::Results);
    type Outs = (A::Result, B::Outs);
    #[inline(always)]
    fn start<S: Simd>(s: S) -> Self::Acc<S> {
        (A::start(s), B::start(s))
    }
    #[inline(always)]
    fn add<S: Simd>(acc: Self::Acc<S>, x: (Lanes<S, T>, R::Wide<S>), index: usize) -> Self::Acc<S> {
        (A::add(acc.0, x.0, index), B::add(acc.1, x.1, index))
    }
    #[inline(always)]
    fn add_some<S: Simd>(
        active: Mask<S>,
        acc: Self::Acc<S>,
        x: (Lanes<S, T>, R::Wide<S>),
        index: usize,
    ) -> Self::Acc<S> {
        (A::add_some(active, acc.0, x.0, index), B::add_some(active, acc.1, x.1, index))
    }
    #[inline(always)]
    fn join<S: Simd>(a: Self::Acc<S>, b: Self::Acc<S>) -> Self::Acc<S> {
        (A::join(a.0, b.0), B::join(a.1, b.1))
    }
    #[inline(always)]
    fn fold<S: Simd>(acc: Self::Acc<S>) -> Self::Partial {
        (A::fold(acc.0), B::fold(acc.1))
    }
    #[inline(always)]
    fn merge(a: Self::Partial, b: Self::Partial) -> Self::Partial {
        (A::merge(a.0, b.0), B::merge(a.1, b.1))
    }
    #[inline(always)]
    fn empty() -> Option<Self::Results> {
        Some((A::empty()?, B::empty()?))
    }
    #[inline(always)]
    fn results(partial: Self::Partial, count: usize) -> Self::Results {
        (A::result(partial.0, count), B::results(partial.1, count))
    }
    #[inline(always)]
    fn add_at<S: Simd>(
        acc: Self::Acc<S>,
        x: (Lanes<S, T>, R::Wide<S>),
        index: usize,
    ) -> Self::Acc<S> {
        (A::add_at(acc.0, x.0, index), B::add_at(acc.1, x.1, index))
    }
    #[inline(always)]
    fn wide_results<S: Simd>(
        s: S,
        acc: Self::Acc<S>,
        count: usize,
    ) -> <Self::Outs as List>::Wide<S> {
        (A::wide_result(s, acc.0, count), B::wide_results(s, acc.1, count))
    }
    #[inline(always)]
    fn results_wide<S: Simd>(
        s: S,
        partial: Self::Partial,
        count: usize,
    ) -> <Self::Outs as List>::Wide<S> {
        let first = Lanes::splat(s, A::result(partial.0, count));
        (first, B::results_wide(s, partial.1, count))
    }
    fn filled<D: Dimension>(results: Self::Results, shape: &D) -> <Self::Outs as List>::Arrays<D> {
        (Array::from_elem(shape.clone(), results.0), B::filled(results.1, shape))
    }
}
