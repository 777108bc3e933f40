//! Reductions of tenfold-kernel: which operation of a device each of them is.

use ndarray::{Axis, Dimension, IxDyn};
use tenfold_kernel::__private::reduction::{All, Any, Arg, Count, Max, Mean, Min, Prod, Sum};
use tenfold_kernel::__private::{Elementwise as IsElementwise, Reducing};
use tenfold_kernel::Kernel;

use super::function::Function;
use super::op::Op;
use crate::array::DeviceArray;
use crate::element::Element;
use crate::elementwise::Elementwise;
use crate::error::{Error, ErrorKind, Result};
use crate::operand::{IntoKernelArgs, KernelArgs};
use crate::scalar::Scalar;

/// A reduction of tenfold-kernel that devices have, of results of type `T`: all but compensated sums and
/// those of a kernel's own (`fold = ..`).
#[diagnostic::on_unimplemented(
    message = "devices do not have the reduction `{Self}` of `{T}`",
    note = "they have sum, prod, mean, min, max, argmin, argmax, any, all and count of f32, f64, i32, i64, \
            u32, u64 and bool; compensated sums and `fold = ..` run on the processor"
)]
pub trait Reduction<T> {
    /// One number, as the function on the processor gives it.
    type Result;
    /// What an array of such numbers holds: `u32` for `bool`, counts and places.
    type Stored: Element;
    #[doc(hidden)]
    const OP: Op;
    /// Of the number that each part gave, and of how many elements those are.
    #[doc(hidden)]
    fn result(parts: &[Self::Stored], len: usize) -> Self::Result;
}

/// The number of the only part.
fn only<T: Element>(parts: &[T]) -> T {
    parts.first().copied().unwrap_or_default()
}

macro_rules! of_numbers {
    ($($Name:ty, $op:ident, |$x:ident, $len:ident| $result:expr;)*) => {$(
        impl<T: Element> Reduction<T> for $Name {
            type Result = T;
            type Stored = T;
            const OP: Op = Op::$op;
            fn result(parts: &[T], $len: usize) -> T {
                let $x = only(parts);
                $result
            }
        }
    )*};
}
of_numbers! {
    Sum, Sum, |x, _len| x;
    Prod, Prod, |x, _len| x;
    Min, Min, |x, _len| x;
    Max, Max, |x, _len| x;
    Mean<Sum>, Mean, |x, len| x.share(len);
}

macro_rules! of_bools {
    ($($Name:ty, $op:ident, $result:ty, |$parts:ident| $of:expr;)*) => {$(
        impl Reduction<bool> for $Name {
            type Result = $result;
            type Stored = u32;
            const OP: Op = Op::$op;
            fn result($parts: &[u32], _: usize) -> $result {
                $of
            }
        }
    )*};
}
of_bools! {
    Any, Any, bool, |parts| only(parts) != 0;
    All, All, bool, |parts| only(parts) != 0;
    Count, Count, u64, |parts| parts.iter().copied().map(u64::from).sum();
}

impl<T: Element, const MAX: bool> Reduction<T> for Arg<MAX> {
    type Result = u64;
    type Stored = u32;
    const OP: Op = if MAX { Op::ArgMax } else { Op::ArgMin };
    fn result(parts: &[u32], _: usize) -> u64 {
        only(parts).into()
    }
}

/// The reductions of a kernel, one for each of its results of types `Out`.
#[diagnostic::on_unimplemented(
    message = "devices do not have the reductions `{Self}` of `{Out}`",
    note = "they have sum, prod, mean, min, max, argmin, argmax, any, all and count of f32, f64, i32, i64, \
            u32, u64 and bool; compensated sums and `fold = ..` run on the processor"
)]
pub trait Reductions<Out> {
    /// A number, or a tuple of them.
    type Numbers;
    /// An array with these axes, or a tuple of them.
    type Arrays<D: Dimension>;
    #[doc(hidden)]
    fn numbers(function: &Function) -> Result<Self::Numbers>;
    #[doc(hidden)]
    fn arrays<D: Dimension>(function: &Function, axis: Axis, dim: &D) -> Result<Self::Arrays<D>>;
}

macro_rules! lists {
    ($($nested:ty, $reductions:ty, $numbers:ty, $arrays:ty, $($T:ident $P:ident $at:literal),*;)*) => {$(
        impl<$($T: Scalar, $P: Reduction<$T>),*> Reductions<$nested> for $reductions {
            type Numbers = $numbers;
            type Arrays<D: Dimension> = $arrays;
            fn numbers(function: &Function) -> Result<Self::Numbers> {
                let numbers = ($(function.number::<$T, $P>($at)?),*);
                Ok(numbers)
            }
            fn arrays<D: Dimension>(
                function: &Function,
                axis: Axis,
                dim: &D,
            ) -> Result<Self::Arrays<D>> {
                let arrays = ($(function.array::<$T, $P, D>($at, axis, dim)?),*);
                Ok(arrays)
            }
        }
    )*};
}
lists! {
    (A, ()), (P, ()), P::Result, DeviceArray<P::Stored, D>, A P 0;
    (A, (B, ())), (P, (Q, ())), (P::Result, Q::Result),
        (DeviceArray<P::Stored, D>, DeviceArray<Q::Stored, D>), A P 0, B Q 1;
    (A, (B, (C, ()))), (P, (Q, (R, ()))), (P::Result, Q::Result, R::Result),
        (DeviceArray<P::Stored, D>, DeviceArray<Q::Stored, D>, DeviceArray<R::Stored, D>),
        A P 0, B Q 1, C R 2;
    (A, (B, (C, (E, ())))), (P, (Q, (R, (S, ())))), (P::Result, Q::Result, R::Result, S::Result),
        (
            DeviceArray<P::Stored, D>,
            DeviceArray<Q::Stored, D>,
            DeviceArray<R::Stored, D>,
            DeviceArray<S::Stored, D>,
        ),
        A P 0, B Q 1, C R 2, E S 3;
}

/// The axes that arguments of a kernel have together, without one.
type Left<K, T, A> =
    <<<A as IntoKernelArgs>::Nested as KernelArgs<<K as IsElementwise<T>>::In>>::Dim as Dimension>::Smaller;

/// What is reduced how, by a kernel `#[kernel(reduce(..))]`.
type Of<K, T> = <K as Reducing<T>>::Ops;

/// Kernels that reduce, `#[kernel(reduce(..))]`.
///
/// The kernel's function is called where the first step of the reduction takes an element in, so that nothing
/// is stored between; of several results each is reduced by itself, and the function called for each. Arguments
/// are those of [`map`](Self::map). Work-groups have 256 invocations, whatever
/// [`workgroup_size`](Self::workgroup_size) says.
///
/// In [precise](Self::precise) mode a result has the same bits in each run and on each device, as far as the
/// function has: elements are joined by a tree that depends on the shapes and strides of the arguments alone.
/// It is another tree than on the processor. So sums, products and means of floats differ from those there by
/// rounding: a sum of `f32` is off by at most 7 log2(n) / 2^24 of the sum of the n magnitudes, one of `f64` by
/// as much of 2^53. Integers, counts, places, smallest and largest numbers, `any` and `all` are the same,
/// but for the sign of a zero that is the smallest or the largest: -0.0 is less than 0.0 here.
///
/// ```
/// use tenfold_gpu::{Device, OnDevice as _, Select, ndarray::{Axis, array}};
/// use tenfold_kernel::kernel;
///
/// #[kernel(reduce(sum))]
/// fn dot(x: f32, y: f32) -> f32 {
///     x * y
/// }
///
/// /// Of numbers below the bound, how many there are, and which is the largest.
/// #[kernel(reduce(count, max))]
/// fn below(bound: i32, x: i32) -> (bool, i32) {
///     (x < bound, if x < bound { x } else { i32::MIN })
/// }
///
/// #[kernel(reduce(count))]
/// fn inside(i: u32, n: u32) -> bool {
///     let x = (i % n) as f32 / n as f32;
///     let y = (i / n) as f32 / n as f32;
///     x * x + y * y < 1.0
/// }
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![[1.0_f32, 2.0], [3.0, 4.0]])?;
/// let y = device.upload(&array![10.0_f32, 20.0])?;
/// assert_eq!(dot::on(&device).reduce((&x, &y))?, 160.0);
/// let rows = dot::on(&device).reduce_axis(Axis(1), (&x, &y))?;
/// assert_eq!(rows.to_array()?, array![50.0, 110.0]);
/// let n = device.upload(&array![3, 1, 4, 1, 5, 9, 2, 6])?;
/// assert_eq!(below::on(&device).reduce((6, &n))?, (6, 5));
/// // A range is an array that lies nowhere.
/// let of_million = inside::on(&device).reduce((0..1_000_000, 1000))?;
/// assert!((of_million as f64 / 250_000.0 - std::f64::consts::PI).abs() < 0.01);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
impl<K: Kernel<T> + Reducing<T>, T> Elementwise<K, T> {
    /// One number of all elements, or a tuple of them, of the types that the kernel gives on the processor; it
    /// waits for it.
    ///
    /// # Errors
    /// As of [`map`](Self::map); there are no elements, and no sum, product, count, `any` or `all` of them is
    /// asked for; there are 2^32 or more, and places are asked for, or more than 2^47, and counts are; the
    /// device is lost.
    pub fn reduce<A>(&self, args: A) -> Result<<Of<K, T> as Reductions<K::Out>>::Numbers>
    where
        A: IntoKernelArgs,
        A::Nested: KernelArgs<K::In>,
        Of<K, T>: Reductions<K::Out>,
    {
        <Of<K, T> as Reductions<K::Out>>::numbers(&self.function(args)?)
    }

    /// Along an axis of the shape that the arguments have together: an array with the other axes, or a tuple
    /// of them. Those of `any`, `all`, `count`, `argmin` and `argmax` are of `u32`. The quotients
    /// of means of f32 may err by 2.5 units in the last place on a GPU without f64.
    ///
    /// # Errors
    /// As of [`map`](Self::map); there is no such axis, or it has length 0, and no sum, product, count, `any`
    /// or `all` is asked for, or it is 2^32 long or longer, and counts or places are.
    #[expect(clippy::type_complexity, reason = "an array, or a tuple of them")]
    pub fn reduce_axis<A>(
        &self,
        axis: Axis,
        args: A,
    ) -> Result<<Of<K, T> as Reductions<K::Out>>::Arrays<Left<K, T, A>>>
    where
        A: IntoKernelArgs,
        A::Nested: KernelArgs<K::In>,
        Of<K, T>: Reductions<K::Out>,
    {
        let function = self.function(args)?;
        let mut left = function.dim.slice().to_vec();
        if axis.index() >= left.len() {
            let (axis, axes) = (axis.index(), left.len());
            let message = format!("axis {axis} was named of arguments of {axes} axes together");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        left.remove(axis.index());
        let mut dim = Left::<K, T, A>::zeros(left.len());
        dim.slice_mut().copy_from_slice(&left);
        <Of<K, T> as Reductions<K::Out>>::arrays(&function, axis, &dim)
    }

    fn function<A>(&self, args: A) -> Result<Function>
    where
        A: IntoKernelArgs,
        A::Nested: KernelArgs<K::In>,
    {
        let source = K::SOURCE;
        source.portable()?;
        let arguments = self.arguments(args);
        let dim = IxDyn(&arguments.shape(self.device())?);
        let device = self.device().clone();
        Ok(Function {
            device,
            name: K::NAME,
            source,
            is_precise: self.is_precise(),
            arguments,
            dim,
        })
    }
}
