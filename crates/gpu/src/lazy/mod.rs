//! Expressions of arrays, computed by one kernel.

use std::fmt;
use std::sync::Arc;

use ndarray::{DimMax, Dimension, IntoDimension, Ix0};

use crate::array::DeviceArray;
use crate::element::Element;
use crate::error::{ErrorKind, Result};

mod chain;
mod formula;
mod functions;
mod methods;
mod operators;
mod plan;
mod text;

pub use formula::{Formula, FormulaArgs, FormulaTypes};
pub use operators::IntoExpr;
pub(crate) use plan::Expressions;

use chain::{Chain, Failure, Op};

/// An expression of arrays and numbers: what is to be computed, of elements of type `T` with axes as of
/// ndarray's dimension `D`. Nothing is computed before it is [evaluated](Self::eval), and then all of it
/// by one kernel that reads each array once and writes the result.
///
/// Operators between arrays and numbers give expressions, and so does
/// [`lazy`](DeviceArray::lazy), for what begins with a function. Operands are broadcast as in NumPy, and
/// views of any layout are read where they lie.
///
/// ```
/// use tenfold_gpu::{Device, Select, ndarray::array};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// # let _ = "
/// let device = Device::open(Select::env())?;
/// # ";
/// let x = device.upload(&array![[1.0_f32, 4.0], [9.0, 16.0]])?;
/// let row = device.upload(&array![10.0_f32, 20.0])?;
/// let y = (x.lazy().sqrt() * 2.0 + &row).eval()?;
/// assert_eq!(y.to_array()?, array![[12.0, 24.0], [16.0, 28.0]]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
///
/// # Numbers
/// Types do not mix: [`cast`](Self::cast) converts. Numbers in an expression are parameters of the kernel,
/// so that another number needs no other kernel. Kernels are kept by the structure of the expression.
///
/// Integers are those of tenfold-kernel: `+`, `-`, `*` wrap, shifts take their amount modulo the width,
/// `/` and `%` cut towards zero and by zero give 0, and `MIN / -1` is `MIN`.
///
/// # Determinism
/// Floats are computed in precise mode: each operation is rounded by itself, in the order in which it is
/// written, with NaN, infinities and signed zeros as IEEE 754 has them. `+`, `-`, `*`, comparisons,
/// casts and what selects or rounds have the bits that they have in Rust; so have `/` and `sqrt` of f32 where
/// the device has f64 or rounds them rightly itself. Functions are this crate's own.
/// [`fast`](Self::fast) gives that up.
///
/// # Errors
/// An operator cannot fail. What is wrong with an expression, shapes that do not go together or arrays of
/// two devices, is told when it is evaluated.
///
/// ```
/// # use tenfold_gpu::{Device, ErrorKind, Select, ndarray::array};
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![1, 2, 3])?;
/// let y = device.upload(&array![1, 2])?;
/// let error = (&x + &y).eval().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Shape);
/// assert_eq!(error.to_string(), "shapes [3] and [2] cannot be broadcast together");
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
#[must_use = "an expression computes nothing before `eval`"]
pub struct Expr<T, D> {
    chain: Result<Arc<Chain>, Failure>,
    dim: D,
    _elements: std::marker::PhantomData<T>,
}

impl<T: Element, D: Dimension> DeviceArray<T, D> {
    /// The array as an [`Expr`]ession.
    pub fn lazy(&self) -> Expr<T, D> {
        Expr::of(Ok(Arc::new(Chain::array(self))), self.raw_dim())
    }
}

impl<T, D: Dimension> Expr<T, D> {
    fn of(chain: Result<Arc<Chain>, Failure>, dim: D) -> Self {
        Self { chain, dim, _elements: std::marker::PhantomData }
    }

    /// An operation on each element.
    fn unary<R>(self, op: Op, ty: &'static str) -> Expr<R, D> {
        let chain = self.chain.and_then(|chain| Chain::apply(op, ty, vec![chain]));
        Expr::of(chain.map(Arc::new), self.dim)
    }

    /// An operation on the elements of two.
    fn binary<R, U, E>(
        self,
        other: Expr<U, E>,
        op: Op,
        ty: &'static str,
    ) -> Expr<R, <D as DimMax<E>>::Output>
    where
        D: DimMax<E>,
        E: Dimension,
    {
        let joined = (|| {
            let dim = chain::broadcast(&self.dim, &other.dim)?;
            let chain = Chain::apply(op, ty, vec![self.chain?, other.chain?])?;
            Ok((Arc::new(chain), dim))
        })();
        Expr::joined(joined)
    }

    /// An operation on the elements of three.
    fn ternary<R, U, E, V, F>(
        self,
        (second, third): (Expr<U, E>, Expr<V, F>),
        op: Op,
        ty: &'static str,
    ) -> Expr<R, Max3<D, E, F>>
    where
        D: DimMax<E>,
        E: Dimension,
        Max<D, E>: DimMax<F>,
        F: Dimension,
    {
        let joined = (|| {
            let dim: Max<D, E> = chain::broadcast(&self.dim, &second.dim)?;
            let dim = chain::broadcast(&dim, &third.dim)?;
            let chain = Chain::apply(op, ty, vec![self.chain?, second.chain?, third.chain?])?;
            Ok((Arc::new(chain), dim))
        })();
        Expr::joined(joined)
    }

    fn joined(joined: Result<(Arc<Chain>, D), Failure>) -> Self {
        match joined {
            Ok((chain, dim)) => Self::of(Ok(chain), dim),
            Err(failure) => Self::of(Err(failure), D::zeros(D::NDIM.unwrap_or(0))),
        }
    }

    /// The same with all operations as the device is fastest with, in the whole expression that this
    /// becomes a part of.
    ///
    /// What is lost is what [`Elementwise::fast`](crate::Elementwise::fast) loses: products and sums may be
    /// rounded together, functions of f32 are the device's own, and NaN, infinities and signs of zeros need not
    /// come out. WGSL promises of f32: `+`, `-` and `*` are rounded, `/` is within 2.5 units in the last place
    /// for divisors from 2^-126 to 2^126, `exp` within `3 + 2 |x|` units, `sin` and `cos` within 2^-11 where |x|
    /// is at most pi, `ln` within 3 units outside of 0.5 to 2 and within 2^-21 there, `atan` within 4096 units,
    /// and others as they follow from these. Functions of f64 are the same as in precise mode.
    pub fn fast(mut self) -> Self {
        if let Ok(chain) = &mut self.chain {
            Arc::make_mut(chain).is_fast = true;
        }
        self
    }

    /// The lengths of the axes of the result.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.dim.slice()
    }

    /// The same elements in a larger shape, in which axes of length 1 and missing ones in front are
    /// repeated.
    pub fn broadcast<E: IntoDimension>(self, shape: E) -> Expr<T, E::Dim> {
        let dim = shape.into_dimension();
        let chain =
            self.chain.and_then(|chain| match chain::broadcast::<_, _, E::Dim>(&self.dim, &dim) {
                Ok(both) if both == dim => Ok(chain),
                _ => {
                    let (from, to) = (self.dim.slice(), dim.slice());
                    let message =
                        format!("an expression of shape {from:?} cannot be broadcast to {to:?}");
                    Err(Failure::new(ErrorKind::Shape, message))
                }
            });
        Expr::of(chain, dim)
    }
}

impl<T: Element, D: Dimension> Expr<T, D> {
    /// Computes the expression into a new array, row-major and dense.
    ///
    /// # Errors
    /// The expression is wrong, there is no memory for the result, or the device lacks a type or precise
    /// mode, without which there is [`fast`](Self::fast).
    pub fn eval(&self) -> Result<DeviceArray<T, D>> {
        let chain = self.chain.clone()?;
        plan::device(&chain)?.uninit::<T, D>(self.dim.clone()).and_then(|new| {
            plan::run(&chain, &new)?;
            Ok(new)
        })
    }

    /// Computes the expression into an array of its shape, or of one that it is broadcast to.
    ///
    /// The memory of the array is written if nothing else shows it: no clone, no view, and not the
    /// expression itself. Else the array gets other memory, and whoever shows the old one sees what was
    /// there. A graph that was recorded with the array reads and writes the memory that it had then.
    ///
    /// # Errors
    /// As of [`eval`](Self::eval), or the shapes do not go together. Then the array is as it was.
    pub fn eval_into<E: Dimension>(&self, out: &mut DeviceArray<T, E>) -> Result<()> {
        let to = self.clone().broadcast(out.raw_dim());
        let chain = to.chain.clone()?;
        if plan::device(&chain)?.is(out.device()) && out.is_own() {
            return plan::run(&chain, out);
        }
        *out = to.eval()?;
        Ok(())
    }
}

impl<D: Dimension> Expr<bool, D> {
    /// Computes the expression into a new array: 1 where it is true, else 0.
    ///
    /// # Errors
    /// As of other expressions.
    pub fn eval(&self) -> Result<DeviceArray<u32, D>> {
        self.clone().cast::<u32>().eval()
    }
}

/// The axes of two that are broadcast together.
type Max<D, E> = <D as DimMax<E>>::Output;
/// Those of three.
type Max3<D, E, F> = Max<Max<D, E>, F>;

impl<T, D: Clone> Clone for Expr<T, D> {
    fn clone(&self) -> Self {
        let (chain, dim) = (self.chain.clone(), self.dim.clone());
        Self { chain, dim, _elements: std::marker::PhantomData }
    }
}

impl<T, D: Dimension> fmt::Debug for Expr<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.chain {
            Ok(chain) => {
                let steps = chain.steps.len();
                write!(f, "Expr {:?} of {} arrays, {steps} steps", self.shape(), chain.arrays.len())
            }
            Err(failure) => write!(f, "Expr({failure:?})"),
        }
    }
}

impl<T: Element> Expr<T, Ix0> {
    fn number(value: T) -> Self {
        Self::of(Ok(Arc::new(Chain::number(value))), Ix0())
    }
}
