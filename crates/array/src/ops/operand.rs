//! What stands on the right of an operation: an array or a number.

use std::sync::Arc;

use ndarray::{DimMax, Dimension, Ix0};

use crate::array::Array;
use crate::element::Element;
use crate::hash::Identity;
use crate::node::{Node, Origin};

/// An array or a number, as the other side of an operation on an array with the axes of `D`.
pub trait Operand<T, D>: SealedOperand<T> {
    /// The axes of the result.
    type Dim: Dimension;
}

/// What an operand is. Not for others.
#[expect(unnameable_types, reason = "it keeps others from being operands")]
pub trait SealedOperand<T> {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn side(self) -> Side<T>;
}

/// The two sorts of operands.
pub(crate) enum Side<T> {
    Array(Arc<Node>),
    Number(T),
}

impl<T: Element, D: Dimension> Operand<T, D> for T {
    type Dim = D;
}

impl<T: Element> SealedOperand<T> for T {
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn side(self) -> Side<T> {
        Side::Number(self)
    }
}

impl<T: Element, D: Dimension + DimMax<E>, E: Dimension> Operand<T, D> for &Array<T, E> {
    type Dim = <D as DimMax<E>>::Output;
}

impl<T: Element, E: Dimension> SealedOperand<T> for &Array<T, E> {
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn side(self) -> Side<T> {
        Side::Array(Arc::clone(&self.node))
    }
}

impl<T: Element> Side<T> {
    /// An array in any case: of a number one without axes.
    pub(crate) fn node(self, origin: Origin) -> Arc<Node> {
        match self {
            Self::Array(node) => node,
            Self::Number(number) => Array::<T, Ix0>::filled(Ix0(), number, 1, origin).node,
        }
    }
}

/// What tells a number from others.
pub(crate) fn key_of<T: Element>(number: T) -> Identity {
    Identity::of(("number", T::as_bytes(&[number])))
}

/// The same number, as often as slices that go with it have elements at a time.
pub(crate) fn with_number<T: Element, R>(
    number: T,
    f: impl Fn(&[T], &[T], &mut [R]),
) -> impl Fn(&[T], &mut [R]) {
    let same = [number; 256];
    move |a, out| {
        for (a, out) in a.chunks(same.len()).zip(out.chunks_mut(same.len())) {
            f(a, &same[..a.len()], out);
        }
    }
}
