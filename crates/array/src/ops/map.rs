//! Functions of elements.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{DimMax, Dimension};

use super::broadcast::{broadcast, common_chunks, common_shape};
use crate::array::Array;
use crate::element::Element;
use crate::function::{Binary, Function, Unary};
use crate::hash::Identity;
use crate::node::{Node, Op, Origin};

/// An array of a function of others, which are broadcast.
pub(crate) fn mapped<R: Element, D: Dimension>(
    name: &str,
    key: Identity,
    function: Arc<dyn Function>,
    inputs: &[&Arc<Node>],
    origin: Origin,
) -> Array<R, D> {
    Array::or_invalid(origin, || {
        if let Some(error) = inputs.iter().find_map(|input| input.error()) {
            return Err(error.clone());
        }
        let mut shape = inputs[0].shape();
        for input in &inputs[1..] {
            shape = common_shape(&shape, &input.shape())?;
        }
        let inputs: Vec<Arc<Node>> =
            inputs.iter().map(|input| broadcast(input, &shape, origin)).collect();
        let chunks = common_chunks(&inputs);
        let op = Op::Map { name: name.into(), function };
        Ok(Array::made(op, inputs, chunks, Identity::of((name, key)), origin))
    })
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// A function of each element. Another array of the same function counts as another: the function may be any
    /// closure. [`map_named`](Self::map_named) can be told apart.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..4_i64, 2);
    /// assert_eq!(x.map(|x| x * x > 3).compute()?, array![false, false, true, true]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map<R: Element>(&self, f: impl Fn(T) -> R + Send + Sync + 'static) -> Array<R, D> {
        self.unary("map", Identity::unique(), f, Location::caller())
    }

    /// A function of each element that has a name: of the same array and name it is the same array, which a plan
    /// computes once. Two functions of one name are the user's mistake, and one of them is taken.
    #[track_caller]
    #[must_use]
    pub fn map_named<R: Element>(
        &self,
        name: &str,
        f: impl Fn(T) -> R + Send + Sync + 'static,
    ) -> Array<R, D> {
        self.unary(name, Identity::of("named"), f, Location::caller())
    }

    pub(crate) fn unary<R: Element>(
        &self,
        name: &str,
        key: Identity,
        f: impl Fn(T) -> R + Send + Sync + 'static,
        origin: Origin,
    ) -> Array<R, D> {
        let function = Unary::new(move |a: &[T], out: &mut [R]| {
            for (out, &a) in out.iter_mut().zip(a) {
                *out = f(a);
            }
        });
        mapped(name, key, Arc::new(function), &[&self.node], origin)
    }

    /// A function of the elements of two arrays, which are broadcast.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let (x, y) = (Array::arange(0..3_i64, 2), Array::arange(0.5..3.0, 2));
    /// assert_eq!(x.zip_map(&y, |x, y| x as f64 * y).compute()?, array![0.0, 1.5, 5.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn zip_map<B: Element, R: Element, E: Dimension>(
        &self,
        other: &Array<B, E>,
        f: impl Fn(T, B) -> R + Send + Sync + 'static,
    ) -> Array<R, <D as DimMax<E>>::Output>
    where
        D: DimMax<E>,
    {
        self.binary(other, "zip_map", Identity::unique(), f, Location::caller())
    }

    pub(crate) fn binary<B: Element, R: Element, E: Dimension, O: Dimension>(
        &self,
        other: &Array<B, E>,
        name: &str,
        key: Identity,
        f: impl Fn(T, B) -> R + Send + Sync + 'static,
        origin: Origin,
    ) -> Array<R, O> {
        let function = Binary::new(move |a: &[T], b: &[B], out: &mut [R]| {
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *out = f(a, b);
            }
        });
        mapped(name, key, Arc::new(function), &[&self.node, &other.node], origin)
    }
}
