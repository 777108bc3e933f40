//! Elements in order.

use std::cmp::Ordering;
use std::panic::Location;

use ndarray::Dimension;

use super::lanes::{OfLanes, of_lanes, side_by_side};
use super::{Index, Ordered, is_nan};
use crate::array::Array;
use crate::block::lanes::{LanesFunction, one, two};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::hash::Identity;

/// NumPy's order: NaN comes last.
#[inline]
pub(crate) fn order<T: Ordered>(a: &T, b: &T) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| is_nan(*a).cmp(&is_nan(*b)))
}

/// A function whose lanes have `len` elements, and which takes as many of so many bytes besides.
fn moved(name: &'static str, len: usize, bytes: usize, function: Box<LanesFunction>) -> OfLanes {
    let scratch = len.saturating_mul(bytes);
    OfLanes { name, key: Identity::of("lanes"), len, scratch, function }
}

impl<T: Ordered, D: Dimension> Array<T, D> {
    /// The elements in ascending order along an axis, NaN last. What is equal stays in its order.
    ///
    /// A lane is in memory as a whole, and as much again: what does not fit is refused by a plan.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[3.0, f64::NAN, 1.0], [2.0, 5.0, -1.0]], 1);
    /// assert_eq!(x.sort(0).compute()?.row(0), array![2.0, 5.0, -1.0]);
    /// assert_eq!(x.sort(1).compute()?.row(1), array![-1.0, 2.0, 5.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn sort(&self, axis: usize) -> Self {
        let f = |lane: &[T], out: &mut [T]| {
            out.copy_from_slice(lane);
            out.sort_by(order);
            Ok(())
        };
        self.of_each_lane(axis, |len| Ok(moved("sort", len, size_of::<T>(), one(f))))
    }

    /// The places of the elements along an axis in the order that [`sort`](Self::sort) gives them.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![30, 10, 20, 10], 2);
    /// let places = x.argsort(0);
    /// assert_eq!(places.compute()?, array![1, 3, 2, 0]);
    /// assert_eq!(x.take_along_axis(0, &places).compute()?, array![10, 10, 20, 30]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn argsort(&self, axis: usize) -> Array<i64, D> {
        let f = |lane: &[T], out: &mut [i64]| {
            out.iter_mut().zip(0..).for_each(|(out, at)| *out = at);
            let at = |&at: &i64| &lane[usize::try_from(at).unwrap_or(0)];
            out.sort_by(|a, b| order(at(a), at(b)));
            Ok(())
        };
        self.of_each_lane(axis, |len| Ok(moved("argsort", len, size_of::<i64>(), one(f))))
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// The elements of each lane along an axis that the lane of `indices` at the same place names; they count from the
    /// end if they are negative. The other axes are broadcast.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2, 3], [4, 5, 6]], 2);
    /// let which = Array::from_ndarray(array![[2], [-3]], 1);
    /// assert_eq!(x.take_along_axis(1, &which).compute()?, array![[3], [4]]);
    /// let error = x.take_along_axis(0, &which).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("index 2 of argument `indices` is beyond axis 0 of 2 elements"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn take_along_axis<I: Index>(&self, axis: usize, indices: &Array<I, D>) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            let inputs = side_by_side(&self.with_last(axis)?, &indices.with_last(axis)?, origin)?;
            let (len, out) = (self.shape()[axis], indices.shape()[axis]);
            let f = move |lane: &[T], which: &[I], to: &mut [T]| {
                for (to, which) in to.iter_mut().zip(which) {
                    *to = which.within(len).map(|at| lane[at]).ok_or_else(|| {
                        let sentence = format!(
                            "index {which:?} of argument `indices` is beyond axis {axis} of {len} elements"
                        );
                        Error::new(ErrorKind::Index, sentence)
                    })?;
                }
                Ok(())
            };
            let of = moved("take_along_axis", out, 0, two(f));
            Ok(of_lanes::<T, D>(&inputs, of, origin)?.with_last_at(axis))
        })
    }
}
