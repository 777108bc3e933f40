//! Functions of elements.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{DimMax, Dimension};

use super::broadcast::{broadcast, common_chunks, common_shape};
use super::operand::{Operand, Side, key_of, with_number};
use crate::array::Array;
use crate::element::Element;
use crate::function::{Binary, Each, Function, Unary};
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
        Ok(Array::made(op, inputs, chunks, key.with(name), origin))
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
        self.unary("map", Identity::of_function(&f), f, Location::caller())
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

    /// A function of slices: it gets some elements at a time, and fills as many of the result. So a kernel of
    /// `tenfold-kernel` is run, whose vector instructions need more than one element. Where a slice begins and ends
    /// must make no difference. The name is as that of [`map_named`](Self::map_named).
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    /// use tenfold_kernel::kernel;
    ///
    /// #[kernel]
    /// fn logistic(x: f64) -> f64 {
    ///     1.0 / (1.0 + (-x).exp())
    /// }
    ///
    /// let x = Array::from_ndarray(array![0.0, f64::INFINITY], "auto");
    /// let y = x.map_slices("logistic", |x, out| logistic::into(x, out).unwrap());
    /// assert_eq!(y.compute()?, array![0.5, 1.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map_slices<R: Element>(
        &self,
        name: &str,
        f: impl Fn(&[T], &mut [R]) + Send + Sync + 'static,
    ) -> Array<R, D> {
        self.slices(name, Identity::of("slices"), f, Location::caller())
    }

    pub(crate) fn unary<R: Element>(
        &self,
        name: &str,
        key: Identity,
        f: impl Fn(T) -> R + Send + Sync + 'static,
        origin: Origin,
    ) -> Array<R, D> {
        mapped(name, key, Arc::new(Each::<(T,), R, _>::new(f)), &[&self.node], origin)
    }

    pub(crate) fn slices<R: Element>(
        &self,
        name: &str,
        key: Identity,
        f: impl Fn(&[T], &mut [R]) + Send + Sync + 'static,
        origin: Origin,
    ) -> Array<R, D> {
        mapped(name, key, Arc::new(Unary::new(f)), &[&self.node], origin)
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
        self.binary(other, "zip_map", Identity::of_function(&f), f, Location::caller())
    }

    /// A function of the elements of three arrays, which are broadcast.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let (a, b) = (Array::arange(0..3_i64, 2), Array::full([3], 10_i64, 2));
    /// assert_eq!(a.zip_map3(&b, &a, |a, b, c| a * b + c).compute()?, array![0, 11, 22]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn zip_map3<B: Element, C: Element, R: Element, E: Dimension, F: Dimension>(
        &self,
        second: &Array<B, E>,
        third: &Array<C, F>,
        f: impl Fn(T, B, C) -> R + Send + Sync + 'static,
    ) -> Array<R, <<D as DimMax<E>>::Output as DimMax<F>>::Output>
    where
        D: DimMax<E>,
        <D as DimMax<E>>::Output: DimMax<F>,
    {
        let nodes = [&self.node, &second.node, &third.node];
        ternary("zip_map3", Identity::of_function(&f), nodes, f, Location::caller())
    }

    /// A function of slices of two arrays, as [`map_slices`](Self::map_slices).
    #[track_caller]
    #[must_use]
    pub fn zip_map_slices<B: Element, R: Element, E: Dimension>(
        &self,
        other: &Array<B, E>,
        name: &str,
        f: impl Fn(&[T], &[B], &mut [R]) + Send + Sync + 'static,
    ) -> Array<R, <D as DimMax<E>>::Output>
    where
        D: DimMax<E>,
    {
        let function = Arc::new(Binary::new(f));
        let nodes = [&self.node, &other.node];
        mapped(name, Identity::of("slices"), function, &nodes, Location::caller())
    }

    pub(crate) fn binary<B: Element, R: Element, E: Dimension, O: Dimension>(
        &self,
        other: &Array<B, E>,
        name: &str,
        key: Identity,
        f: impl Fn(T, B) -> R + Send + Sync + 'static,
        origin: Origin,
    ) -> Array<R, O> {
        let function = Arc::new(Each::<(T, B), R, _>::new(f));
        mapped(name, key, function, &[&self.node, &other.node], origin)
    }

    /// A built-in function of an element and the operand's: the same name is the same function.
    pub(crate) fn with<R: Element, O: Operand<T, D>>(
        &self,
        other: O,
        name: &str,
        f: impl Fn(T, T) -> R + Send + Sync + 'static,
        origin: Origin,
    ) -> Array<R, O::Dim> {
        match other.side() {
            Side::Array(node) => {
                let function = Arc::new(Each::<(T, T), R, _>::new(f));
                mapped(name, Identity::of(()), function, &[&self.node, &node], origin)
            }
            Side::Number(number) => {
                let function = Arc::new(Each::<(T,), R, _>::new(move |a| f(a, number)));
                mapped(name, key_of(number), function, &[&self.node], origin)
            }
        }
    }

    /// The same of a function of slices.
    pub(crate) fn slices_with<R: Element, O: Operand<T, D>>(
        &self,
        other: O,
        name: &str,
        f: impl Fn(&[T], &[T], &mut [R]) + Send + Sync + 'static,
        origin: Origin,
    ) -> Array<R, O::Dim> {
        match other.side() {
            Side::Array(node) => {
                let function = Arc::new(Binary::new(f));
                mapped(name, Identity::of(()), function, &[&self.node, &node], origin)
            }
            Side::Number(number) => {
                let function = Arc::new(Unary::new(with_number(number, f)));
                mapped(name, key_of(number), function, &[&self.node], origin)
            }
        }
    }
}

/// An array of a function of the elements of three.
pub(crate) fn ternary<A: Element, B: Element, C: Element, R: Element, D: Dimension>(
    name: &str,
    key: Identity,
    nodes: [&Arc<Node>; 3],
    f: impl Fn(A, B, C) -> R + Send + Sync + 'static,
    origin: Origin,
) -> Array<R, D> {
    mapped(name, key, Arc::new(Each::<(A, B, C), R, _>::new(f)), &nodes, origin)
}
