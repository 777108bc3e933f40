//! Differences along an axis.

use std::ops::Range;
use std::panic::Location;

use ndarray::{Dimension, Ix1};

use super::{Arithmetic, Real};
use crate::array::Array;
use crate::error::{Error, ErrorKind};

impl<T: Real, D: Dimension> Array<T, D> {
    /// The derivative along an axis whose elements are `spacing` apart: differences of both neighbours, and at the ends
    /// those to the one that there is.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![0.0, 1.0, 4.0, 9.0], 2);
    /// assert_eq!(x.gradient(0, 0.5).compute()?, array![2.0, 4.0, 8.0, 10.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn gradient(&self, axis: usize, spacing: f64) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            self.checked_axis(axis)?;
            let len = self.shape()[axis];
            if len < 2 {
                let sentence =
                    format!("`gradient` is of two elements at least, but axis {axis} has {len}");
                return Err(Error::new(ErrorKind::Empty, sentence));
            }
            let part = |range: Range<usize>| self.part_of_axis(axis, range, origin);
            let slope = |from: Range<usize>, to: Range<usize>, steps: f64| {
                (part(to) - part(from)) / T::narrow(spacing * steps)
            };
            let inner = slope(0..len - 2, 2..len, 2.0);
            let ends = [slope(0..1, 1..2, 1.0), slope(len - 2..len - 1, len - 1..len, 1.0)];
            let [first, last] = ends;
            let all = Self::concatenate(axis, &[first, inner, last]);
            all.check()?;
            Ok(all.rechunk(self.chunks()))
        })
    }
}

impl<T: Arithmetic, D: Dimension> Array<T, D> {
    /// The differences of neighbours in row-major order.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 4], [9, 16]], 1);
    /// assert_eq!(x.ediff1d().compute()?, array![3, 5, 7]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn ediff1d(&self) -> Array<T, Ix1> {
        self.ravel().diff(1, 0)
    }
}
