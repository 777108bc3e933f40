//! Reductions: of all elements, and along an axis.

mod function;
mod kernel;
mod of_kernels;
mod op;
mod pieces;
mod steps;
#[cfg(test)]
mod tests;
mod walk;

use ndarray::{Axis, Dimension, Ix1, RemoveAxis};

pub use self::of_kernels::{Reduction, Reductions};
use self::op::Op;
use self::steps::Job;
pub(crate) use self::steps::totals;
use crate::adapter::Feature;
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::run::{Run, Ty, around};

/// Reductions.
///
/// Those of all elements wait for a number; `flatten` and `sum_axis` of axis 0 and the like give it as an
/// array on the device without waiting. Arrays that are not row-major and dense are copied first.
///
/// A result has the same bits in each run and on each device: elements are joined by a tree that depends
/// on the shape alone. The error of a sum grows with the logarithm of its length. Integers wrap.
///
/// The smallest and the largest number are never NaN, unless all numbers are; -0.0 is less than 0.0 there.
/// NaN is not 0, so it counts as true.
///
/// ```
/// use tenfold_gpu::{Device, Select, ndarray::{Axis, array}};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![[1.0_f32, 5.0, 3.0], [4.0, f32::NAN, 6.0]])?;
/// assert_eq!(x.max()?, 6.0);
/// assert_eq!(x.argmin()?, 0);
/// assert_eq!(x.max_axis(Axis(0))?.to_array()?, array![4.0, 5.0, 6.0]);
/// assert_eq!(x.argmax_axis(Axis(1))?.to_array()?, array![1, 2]);
/// assert!(x.all()?);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
impl<T: Element, D: Dimension> DeviceArray<T, D> {
    /// The sum of all elements; 0 of none.
    ///
    /// # Errors
    /// There is no memory for what lies between, or the device is lost.
    pub fn sum(&self) -> Result<T> {
        self.reduced(Op::Sum)
    }

    /// The product of all elements; 1 of none.
    ///
    /// # Errors
    /// As of [`sum`](Self::sum).
    pub fn prod(&self) -> Result<T> {
        self.reduced(Op::Prod)
    }

    /// The sum divided by the number of elements; of integers cut off, and of what is left of a sum that wrapped.
    ///
    /// # Errors
    /// As of [`sum`](Self::sum), or there are no elements, or more than `T` has integers for.
    pub fn mean(&self) -> Result<T> {
        if self.is_empty() {
            return Err(empty(Op::Mean, &of_array(self.shape())));
        }
        check_count(Op::Mean, Ty::of::<T>(), self.len())?;
        Ok(self.sum()?.share(self.len()))
    }

    /// The smallest element.
    ///
    /// # Errors
    /// As of [`sum`](Self::sum), or there are no elements.
    pub fn min(&self) -> Result<T> {
        self.reduced(Op::Min)
    }

    /// The largest element.
    ///
    /// # Errors
    /// As of [`sum`](Self::sum), or there are no elements.
    pub fn max(&self) -> Result<T> {
        self.reduced(Op::Max)
    }

    /// The place of the first smallest element in row-major order; 0 if all are NaN.
    ///
    /// # Errors
    /// As of [`sum`](Self::sum), or there are no elements, or 2^32 and more.
    pub fn argmin(&self) -> Result<usize> {
        Ok(self.reduced::<u32>(Op::ArgMin)? as usize)
    }

    /// The place of the first largest element in row-major order; 0 if all are NaN.
    ///
    /// # Errors
    /// As of [`argmin`](Self::argmin).
    pub fn argmax(&self) -> Result<usize> {
        Ok(self.reduced::<u32>(Op::ArgMax)? as usize)
    }

    /// Whether an element is not 0.
    ///
    /// # Errors
    /// As of [`sum`](Self::sum).
    pub fn any(&self) -> Result<bool> {
        Ok(self.reduced::<u32>(Op::Any)? != 0)
    }

    /// Whether no element is 0.
    ///
    /// # Errors
    /// As of [`sum`](Self::sum).
    pub fn all(&self) -> Result<bool> {
        Ok(self.reduced::<u32>(Op::All)? != 0)
    }

    fn reduced<R: Element>(&self, op: Op) -> Result<R> {
        let flat: DeviceArray<T, Ix1> = match self.is_empty() {
            true if !op.has_identity() => return Err(empty(op, &of_array(self.shape()))),
            _ => self.flatten()?,
        };
        let result: DeviceArray<R, _> = flat.reduced_axis(op, Axis(0))?;
        Ok(result.to_array()?.into_scalar())
    }
}

/// Along an axis: the result has the other axes.
impl<T: Element, D: RemoveAxis> DeviceArray<T, D> {
    /// The sums along an axis.
    ///
    /// # Errors
    /// There is no such axis, or no memory.
    pub fn sum_axis(&self, axis: Axis) -> Result<DeviceArray<T, D::Smaller>> {
        self.reduced_axis(Op::Sum, axis)
    }

    /// The products along an axis.
    ///
    /// # Errors
    /// As of [`sum_axis`](Self::sum_axis).
    pub fn prod_axis(&self, axis: Axis) -> Result<DeviceArray<T, D::Smaller>> {
        self.reduced_axis(Op::Prod, axis)
    }

    /// The means along an axis. On a GPU without f64 the quotients of f32 may err by 2.5 units in the last
    /// place.
    ///
    /// # Errors
    /// As of [`sum_axis`](Self::sum_axis), or the axis has length 0, or is longer than `T` has integers for.
    pub fn mean_axis(&self, axis: Axis) -> Result<DeviceArray<T, D::Smaller>> {
        self.reduced_axis(Op::Mean, axis)
    }

    /// The smallest elements along an axis.
    ///
    /// # Errors
    /// As of [`sum_axis`](Self::sum_axis), or the axis has length 0.
    pub fn min_axis(&self, axis: Axis) -> Result<DeviceArray<T, D::Smaller>> {
        self.reduced_axis(Op::Min, axis)
    }

    /// The largest elements along an axis.
    ///
    /// # Errors
    /// As of [`min_axis`](Self::min_axis).
    pub fn max_axis(&self, axis: Axis) -> Result<DeviceArray<T, D::Smaller>> {
        self.reduced_axis(Op::Max, axis)
    }

    /// The places of the first smallest elements along an axis.
    ///
    /// # Errors
    /// As of [`min_axis`](Self::min_axis), or the axis is 2^32 long or longer.
    pub fn argmin_axis(&self, axis: Axis) -> Result<DeviceArray<u32, D::Smaller>> {
        self.reduced_axis(Op::ArgMin, axis)
    }

    /// The places of the first largest elements along an axis.
    ///
    /// # Errors
    /// As of [`argmin_axis`](Self::argmin_axis).
    pub fn argmax_axis(&self, axis: Axis) -> Result<DeviceArray<u32, D::Smaller>> {
        self.reduced_axis(Op::ArgMax, axis)
    }

    /// Along an axis 1 where an element is not 0, and 0 where all are.
    ///
    /// # Errors
    /// As of [`sum_axis`](Self::sum_axis).
    pub fn any_axis(&self, axis: Axis) -> Result<DeviceArray<u32, D::Smaller>> {
        self.reduced_axis(Op::Any, axis)
    }

    /// Along an axis 0 where an element is 0, and 1 where none is.
    ///
    /// # Errors
    /// As of [`sum_axis`](Self::sum_axis).
    pub fn all_axis(&self, axis: Axis) -> Result<DeviceArray<u32, D::Smaller>> {
        self.reduced_axis(Op::All, axis)
    }

    fn reduced_axis<R: Element>(&self, op: Op, axis: Axis) -> Result<DeviceArray<R, D::Smaller>> {
        let device = self.device();
        let shape = around(self.shape(), axis.index())?;
        check(device, op, Ty::of::<T>(), shape[1])?;
        let dim = self.raw_dim().remove_axis(axis);
        if let Some(array) = of_nothing(device, op, shape, &dim, || of_array(self.shape()))? {
            return Ok(array);
        }
        let out = device.uninit::<R, _>(dim)?;
        let dense = self.to_standard_layout()?;
        Job::new(device, op, T::of(shape[1]), Run::of(&out)).reduce(Run::of(&dense), shape)?;
        Ok(out)
    }
}

/// An error if a device does not have what an operation on so many elements of a type needs.
fn check(device: &Device, op: Op, of: Ty, len: usize) -> Result<()> {
    check_count(op, of, len)?;
    // Keys of `f64` are `u64`.
    if op.is_keyed(of) && of.bytes == 8 { device.require(Feature::I64) } else { Ok(()) }
}

/// An error if so many elements of a type are more than what counts them has numbers for.
fn check_count(op: Op, of: Ty, len: usize) -> Result<()> {
    let (what, most) = match (op, of.name) {
        (Op::Mean, "i32") => ("i32", i32::MAX.cast_unsigned()),
        (Op::Mean, "u32") => ("u32", u32::MAX),
        (Op::Mean, _) => return Ok(()),
        _ if op.is_place() || op == Op::Count => ("u32", u32::MAX),
        _ => return Ok(()),
    };
    if u32::try_from(len).is_ok_and(|len| len <= most) {
        return Ok(());
    }
    let message = format!(
        "{} counts elements by {what}, which goes to {most}, and there are {len}",
        op.name()
    );
    Err(Error::new(ErrorKind::TooLarge, message))
}

/// The results if they are of no elements, or if there are none; nothing if there is something to do. `what`
/// is empty, for errors.
fn of_nothing<R: Element, D: Dimension>(
    device: &Device,
    op: Op,
    [outer, len, inner]: [usize; 3],
    dim: &D,
    what: impl FnOnce() -> String,
) -> Result<Option<DeviceArray<R, D>>> {
    if len > 0 && outer > 0 && inner > 0 {
        return Ok(None);
    }
    if len == 0 && !op.has_identity() {
        return Err(empty(op, &what()));
    }
    let identity = op.of_nothing::<R>().filter(|_| outer > 0 && inner > 0);
    let Some(identity) = identity else { return device.uninit(dim.clone()).map(Some) };
    let one = device.constant_of(identity)?;
    one.broadcast(dim.clone())?.copied().map(Some)
}

/// What is empty, for errors.
fn of_array(shape: &[usize]) -> String {
    format!("the array has shape {shape:?}")
}

fn empty(op: Op, what: &str) -> Error {
    Error::new(ErrorKind::Shape, format!("there is no {} of nothing: {what}", op.name()))
}
