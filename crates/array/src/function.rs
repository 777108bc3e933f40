//! Functions of elements, as a plan calls them: a tile at a time.

use std::marker::PhantomData;

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

/// A function of three arrays' elements.
pub(crate) struct Ternary<A, B, C, R, F>(F, PhantomData<fn(A, B, C) -> R>);

impl<A: Element, B: Element, C: Element, R: Element, F> Ternary<A, B, C, R, F>
where
    F: Fn(&[A], &[B], &[C], &mut [R]) + Send + Sync,
{
    pub(crate) fn new(f: F) -> Self {
        Self(f, PhantomData)
    }
}

impl<A: Element, B: Element, C: Element, R: Element, F> Function for Ternary<A, B, C, R, F>
where
    F: Fn(&[A], &[B], &[C], &mut [R]) + Send + Sync,
{
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer) {
        if let [a, b, c] = inputs {
            self.0(a.elements(), b.elements(), c.elements(), out.elements_mut());
        }
    }
}
