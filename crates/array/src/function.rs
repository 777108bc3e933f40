//! Functions of elements, as a plan calls them: a tile at a time.

use std::marker::PhantomData;

use tenfold_kernel::{Loop, vectorized};

use crate::buffer::{Buffer, Part};
use crate::element::Element;

/// A function of elements whose types the graph has checked. It fills `out`, which has as many elements as each
/// input.
pub(crate) trait Function: Send + Sync {
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer);
}

/// A function of one array's elements.
pub(crate) struct Unary<A, R, F>(F, PhantomData<fn(A) -> R>);

impl<A: Element, R: Element, F: Fn(&[A], &mut [R]) + Send + Sync> Unary<A, R, F> {
    pub(crate) fn new(f: F) -> Self {
        Self(f, PhantomData)
    }
}

impl<A: Element, R: Element, F: Fn(&[A], &mut [R]) + Send + Sync> Function for Unary<A, R, F> {
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer) {
        if let [a] = inputs {
            self.0(a.elements(), out.elements_mut());
        }
    }
}

/// A function of two arrays' elements.
pub(crate) struct Binary<A, B, R, F>(F, PhantomData<fn(A, B) -> R>);

impl<A: Element, B: Element, R: Element, F> Binary<A, B, R, F>
where
    F: Fn(&[A], &[B], &mut [R]) + Send + Sync,
{
    pub(crate) fn new(f: F) -> Self {
        Self(f, PhantomData)
    }
}

impl<A: Element, B: Element, R: Element, F> Function for Binary<A, B, R, F>
where
    F: Fn(&[A], &[B], &mut [R]) + Send + Sync,
{
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer) {
        if let [a, b] = inputs {
            self.0(a.elements(), b.elements(), out.elements_mut());
        }
    }
}

/// A function of single elements: of `(A,)`, `(A, B)` or `(A, B, C)`. Its loops are compiled for all instruction sets,
/// and give the same bits with all.
pub(crate) struct Each<I, R, F>(F, PhantomData<fn(I) -> R>);

impl<I, R, F> Each<I, R, F> {
    pub(crate) fn new(f: F) -> Self {
        Self(f, PhantomData)
    }
}

impl<A: Element, R: Element, F: Fn(A) -> R + Send + Sync> Function for Each<(A,), R, F> {
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer) {
        if let [a] = inputs {
            vectorized(Singles { f: &self.0, a: a.elements::<A>(), out: out.elements_mut::<R>() });
        }
    }
}

impl<A: Element, B: Element, R: Element, F> Function for Each<(A, B), R, F>
where
    F: Fn(A, B) -> R + Send + Sync,
{
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer) {
        if let [a, b] = inputs {
            let (a, b) = (a.elements(), b.elements());
            vectorized(Pairs { f: &self.0, a, b, out: out.elements_mut() });
        }
    }
}

impl<A: Element, B: Element, C: Element, R: Element, F> Function for Each<(A, B, C), R, F>
where
    F: Fn(A, B, C) -> R + Send + Sync,
{
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer) {
        if let [a, b, c] = inputs {
            let (a, b, c) = (a.elements(), b.elements(), c.elements());
            vectorized(Triples { f: &self.0, a, b, c, out: out.elements_mut() });
        }
    }
}

/// Fills `out` with a function of the elements of a slice that is as long.
pub(crate) fn each<A: Copy, R>(f: impl Fn(A) -> R, a: &[A], out: &mut [R]) {
    vectorized(Singles { f: &f, a, out });
}

/// Fills `out` with a function of the elements of two slices that are as long.
pub(crate) fn each_pair<A: Copy, B: Copy, R>(
    f: impl Fn(A, B) -> R,
    a: &[A],
    b: &[B],
    out: &mut [R],
) {
    vectorized(Pairs { f: &f, a, b, out });
}

struct Singles<'a, A, R, F> {
    f: &'a F,
    a: &'a [A],
    out: &'a mut [R],
}

impl<A: Copy, R, F: Fn(A) -> R> Loop for Singles<'_, A, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { f, a, out } = self;
        for (out, &a) in out.iter_mut().zip(a) {
            *out = f(a);
        }
    }
}

struct Pairs<'a, A, B, R, F> {
    f: &'a F,
    a: &'a [A],
    b: &'a [B],
    out: &'a mut [R],
}

impl<A: Copy, B: Copy, R, F: Fn(A, B) -> R> Loop for Pairs<'_, A, B, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { f, a, b, out } = self;
        for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
            *out = f(a, b);
        }
    }
}

struct Triples<'a, A, B, C, R, F> {
    f: &'a F,
    a: &'a [A],
    b: &'a [B],
    c: &'a [C],
    out: &'a mut [R],
}

impl<A: Copy, B: Copy, C: Copy, R, F: Fn(A, B, C) -> R> Loop for Triples<'_, A, B, C, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { f, a, b, c, out } = self;
        for (((out, &a), &b), &c) in out.iter_mut().zip(a).zip(b).zip(c) {
            *out = f(a, b, c);
        }
    }
}
