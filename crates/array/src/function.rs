//! Functions of elements, as a plan calls them: a tile at a time.

use std::marker::PhantomData;
use std::ops::Range;

use tenfold_kernel::{Loop, vectorized};

use crate::buffer::{Buffer, Part, Rows};
use crate::element::Element;
use crate::prefetch::Prefetch;

/// A function of elements whose types the graph has checked. It fills `out`, which has as many elements as each
/// input; those of an input may lie in rows. Between, it asks for what is needed soon.
pub(crate) trait Function: Send + Sync {
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer, soon: &mut Prefetch);
}

/// How many elements lie together in each of some inputs. Those are of one tile, so that a row of one has a whole number of
/// rows of another.
pub(crate) fn together(inputs: &[Part<'_>]) -> usize {
    inputs.iter().map(Part::row).min().unwrap_or(1).max(1)
}

/// The numbers of so many elements, of so many at a time.
pub(crate) fn ranges(len: usize, row: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(row).map(move |start| start..start + row)
}

/// A function of one array's elements.
pub(crate) struct Unary<A, R, F>(F, PhantomData<fn(A) -> R>);

impl<A: Element, R: Element, F: Fn(&[A], &mut [R]) + Send + Sync> Unary<A, R, F> {
    pub(crate) fn new(f: F) -> Self {
        Self(f, PhantomData)
    }
}

impl<A: Element, R: Element, F: Fn(&[A], &mut [R]) + Send + Sync> Function for Unary<A, R, F> {
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer, soon: &mut Prefetch) {
        if let [a] = inputs {
            let row = soon.between(together(inputs));
            for (out, a) in out.elements_mut().chunks_mut(row).zip(a.rows().pieces(row)) {
                soon.some(row);
                self.0(a, out);
            }
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
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer, soon: &mut Prefetch) {
        if let [a, b] = inputs {
            let row = soon.between(together(inputs));
            let inputs = a.rows().pieces(row).zip(b.rows().pieces(row));
            for (out, (a, b)) in out.elements_mut().chunks_mut(row).zip(inputs) {
                soon.some(row);
                self.0(a, b, out);
            }
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
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer, soon: &mut Prefetch) {
        if let [a] = inputs {
            let (a, out) = (a.rows::<A>(), out.elements_mut::<R>());
            vectorized(Singles { f: &self.0, row: soon.between(together(inputs)), a, out, soon });
        }
    }
}

impl<A: Element, B: Element, R: Element, F> Function for Each<(A, B), R, F>
where
    F: Fn(A, B) -> R + Send + Sync,
{
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer, soon: &mut Prefetch) {
        if let [a, b] = inputs {
            let row = soon.between(together(inputs));
            let (a, b) = (a.rows(), b.rows());
            vectorized(Pairs { f: &self.0, row, a, b, out: out.elements_mut(), soon });
        }
    }
}

impl<A: Element, B: Element, C: Element, R: Element, F> Function for Each<(A, B, C), R, F>
where
    F: Fn(A, B, C) -> R + Send + Sync,
{
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer, soon: &mut Prefetch) {
        if let [a, b, c] = inputs {
            let row = soon.between(together(inputs));
            let (a, b, c) = (a.rows(), b.rows(), c.rows());
            vectorized(Triples { f: &self.0, row, a, b, c, out: out.elements_mut(), soon });
        }
    }
}

/// Fills `out` with a function of the elements of a slice that is as long.
pub(crate) fn each<A: Copy, R>(f: impl Fn(A) -> R, a: &[A], out: &mut [R]) {
    let soon = &mut Prefetch::nothing();
    vectorized(Singles { f: &f, row: out.len().max(1), a: a.into(), out, soon });
}

/// Fills `out` with a function of the elements of two slices that are as long.
pub(crate) fn each_pair<A: Copy, B: Copy, R>(
    f: impl Fn(A, B) -> R,
    a: &[A],
    b: &[B],
    out: &mut [R],
) {
    let (row, soon) = (out.len().max(1), &mut Prefetch::nothing());
    vectorized(Pairs { f: &f, row, a: a.into(), b: b.into(), out, soon });
}

struct Singles<'a, A, R, F> {
    f: &'a F,
    /// How many elements are computed between asking for others.
    row: usize,
    a: Rows<'a, A>,
    out: &'a mut [R],
    soon: &'a mut Prefetch,
}

impl<A: Copy, R, F: Fn(A) -> R> Loop for Singles<'_, A, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { f, row, a, out, soon } = self;
        for (out, a) in out.chunks_mut(row).zip(a.pieces(row)) {
            soon.some(row);
            for (out, &a) in out.iter_mut().zip(a) {
                *out = f(a);
            }
        }
    }
}

struct Pairs<'a, A, B, R, F> {
    f: &'a F,
    /// How many elements lie together in both.
    row: usize,
    a: Rows<'a, A>,
    b: Rows<'a, B>,
    out: &'a mut [R],
    soon: &'a mut Prefetch,
}

impl<A: Copy, B: Copy, R, F: Fn(A, B) -> R> Loop for Pairs<'_, A, B, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { f, row, a, b, out, soon } = self;
        for ((out, a), b) in out.chunks_mut(row).zip(a.pieces(row)).zip(b.pieces(row)) {
            soon.some(row);
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *out = f(a, b);
            }
        }
    }
}

struct Triples<'a, A, B, C, R, F> {
    f: &'a F,
    /// How many elements lie together in all.
    row: usize,
    a: Rows<'a, A>,
    b: Rows<'a, B>,
    c: Rows<'a, C>,
    out: &'a mut [R],
    soon: &'a mut Prefetch,
}

impl<A: Copy, B: Copy, C: Copy, R, F: Fn(A, B, C) -> R> Loop for Triples<'_, A, B, C, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { f, row, a, b, c, out, soon } = self;
        let inputs = a.pieces(row).zip(b.pieces(row)).zip(c.pieces(row));
        for (out, ((a, b), c)) in out.chunks_mut(row).zip(inputs) {
            soon.some(row);
            for (((out, &a), &b), &c) in out.iter_mut().zip(a).zip(b).zip(c) {
                *out = f(a, b, c);
            }
        }
    }
}
