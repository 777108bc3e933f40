//! More elements around an array, made of those that it has.

use std::panic::Location;

use ndarray::{Dimension, IxDyn};

use super::Real;
use crate::array::Array;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::node::Origin;

/// What stands around an array, made of all elements along an axis: modes of `numpy.pad`. Those that repeat elements
/// are borders of [`Array::pad`], and [`Array::pad_symmetric`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum PadMode {
    /// The greatest.
    Maximum,
    /// The least.
    Minimum,
    /// The mean.
    Mean,
    /// The median.
    Median,
    /// What lies on the line from the first and the last to this number, which is the outermost.
    LinearRamp(f64),
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// Checks widths, and goes through the axes that have any.
    fn padded_by(
        &self,
        widths: &[(usize, usize)],
        origin: Origin,
        pad: impl Fn(&Array<T, IxDyn>, usize, (usize, usize)) -> Result<Array<T, IxDyn>>,
    ) -> Self {
        Self::or_invalid(origin, || {
            self.one_each("widths", widths.len())?;
            let mut padded = self.clone().into_dyn();
            for (axis, &width) in widths.iter().enumerate().filter(|(_, width)| **width != (0, 0)) {
                if padded.shape()[axis] == 0 {
                    let sentence = format!(
                        "argument `widths` is {width:?} for axis {axis}, but it has no element to pad with"
                    );
                    return Err(Error::new(ErrorKind::Empty, sentence));
                }
                padded = pad(&padded, axis, width)?;
                padded.check()?;
            }
            Ok(Self::of(padded.node))
        })
    }

    /// With more elements around, in which those that there are come back and forth, the first and the last twice each: so
    /// many before and after each axis. `widths` has a pair for each axis.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..3, 2);
    /// assert_eq!(x.pad_symmetric(&[(2, 4)]).compute()?, array![1, 0, 0, 1, 2, 2, 1, 0, 0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn pad_symmetric(&self, widths: &[(usize, usize)]) -> Self {
        self.padded_by(widths, Location::caller(), |x, axis, (before, after)| {
            let there_and_back = Array::concatenate(axis, &[x.clone(), x.flip(axis)]);
            let len = x.shape()[axis];
            // The second half of what goes before ends where the array begins.
            Ok(there_and_back.repeated_around(axis, len, before, after))
        })
    }
}

impl<T: Real, D: Dimension> Array<T, D> {
    /// With more elements around, made of those along the axis: so many before and after each axis. `widths` has a pair for
    /// each axis; where several axes have them, later ones go along what earlier ones have made, as in NumPy.
    ///
    /// ```
    /// use tenfold_array::{Array, PadMode, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![4.0, 2.0, 6.0], 2);
    /// assert_eq!(x.pad_with(&[(1, 2)], PadMode::Mean).compute()?, array![4.0, 4.0, 2.0, 6.0, 4.0, 4.0]);
    /// let ramp = x.pad_with(&[(2, 1)], PadMode::LinearRamp(0.0));
    /// assert_eq!(ramp.compute()?, array![0.0, 2.0, 4.0, 2.0, 6.0, 0.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn pad_with(&self, widths: &[(usize, usize)], mode: PadMode) -> Self {
        let origin = Location::caller();
        self.padded_by(widths, origin, |x, axis, (before, after)| {
            let part = |width: usize, is_after: bool| match mode {
                PadMode::LinearRamp(end) => x.ramp(axis, width, end, is_after, origin),
                _ => x.summary(axis, mode).repeat(axis, width),
            };
            let parts = [part(before, false), x.clone(), part(after, true)];
            Ok(Array::concatenate(axis, &parts))
        })
    }
}

impl<T: Real> Array<T, IxDyn> {
    /// What the elements along an axis come to, which stays, with one element.
    fn summary(&self, axis: usize, mode: PadMode) -> Self {
        let of = match mode {
            PadMode::Maximum => self.max_axis(axis),
            PadMode::Minimum => self.min_axis(axis),
            PadMode::Median => self.median_axis(axis),
            PadMode::Mean | PadMode::LinearRamp(_) => self.mean_axis(axis),
        };
        of.insert_axis(axis)
    }

    /// Steps from a number to the first or the last element of an axis, which is not among them.
    fn ramp(&self, axis: usize, width: usize, end: f64, is_after: bool, origin: Origin) -> Self {
        let len = self.shape()[axis];
        let edge = if is_after { len - 1..len } else { 0..1 };
        let edge = self.part_of_axis(axis, edge, origin);
        let mut shape = vec![1; self.ndim()];
        shape[axis] = width;
        let steps = Array::arange(0..width as u64, "auto").reshape(shape.as_slice());
        let steps = if is_after { steps.flip(axis) } else { steps };
        #[expect(clippy::cast_precision_loss, reason = "more than 2^53 elements would take years")]
        let f = move |edge: T, step: u64| {
            T::narrow((edge.widen() - end) / width as f64 * step as f64 + end)
        };
        let key = crate::hash::Identity::of((width, end.to_bits()));
        edge.binary(&steps, "ramp", key, f, origin)
    }
}
