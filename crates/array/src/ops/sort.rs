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

/// A number in the same order, which compares faster: NaN has the last. Of 0 and -0 the second is less.
#[inline]
pub(crate) fn sort_key<T: Ordered>(x: T) -> u64 {
    if is_nan(x) { u64::MAX } else { x.key() }
}

/// A function whose lanes have `len` elements, and which takes as many of so many bytes besides.
fn moved(name: &'static str, len: usize, bytes: usize, function: Box<LanesFunction>) -> OfLanes {
    let scratch = len.saturating_mul(bytes);
    OfLanes { name, key: Identity::of("lanes"), len, scratch, function }
}

impl<T: Ordered, D: Dimension> Array<T, D> {
    /// The elements in ascending order along an axis, NaN last, and -0 before 0.
    ///
    /// A lane is in memory as a whole: what does not fit is refused by a plan.
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
            out.sort_unstable_by_key(|&x| sort_key(x));
            Ok(())
        };
        self.of_each_lane(axis, |len| Ok(moved("sort", len, 0, one(f))))
    }

    /// The places of the elements along an axis in ascending order, NaN last: what is equal stays in its order, 0 and -0 too.
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
            let key = |x: T| sort_key(if x == T::default() { T::default() } else { x });
            let mut keys: Vec<(u64, i64)> = lane.iter().map(|&x| key(x)).zip(0..).collect();
            // With their places no two are equal, so that what is equal stays in its order.
            keys.sort_unstable();
            out.iter_mut().zip(keys).for_each(|(out, (_, at))| *out = at);
            Ok(())
        };
        self.of_each_lane(axis, |len| Ok(moved("argsort", len, size_of::<(u64, i64)>(), one(f))))
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

#[cfg(test)]
mod tests {
    use ndarray::Array1;
    use proptest::prelude::*;

    use super::*;

    /// Floats with all that is special, many of them equal.
    fn float(bits: u64) -> f64 {
        match bits % 9 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => -0.0,
            4 => 0.0,
            5 => f64::from_bits(bits) / 4.0,
            _ => f64::from(u8::try_from(bits >> 8 & 7).unwrap_or(0)) - 3.0,
        }
    }

    fn check<T: Ordered>(elements: &[T]) {
        let x = Array::from_ndarray(Array1::from(elements.to_vec()), 7);
        let mut sorted = elements.to_vec();
        sorted.sort_by(order);
        let same = |a: &T, b: &T| order(a, b) == Ordering::Equal;
        let made = x.sort(0).compute().unwrap();
        assert!(made.iter().zip(&sorted).all(|(a, b)| same(a, b)), "{made:?} {sorted:?}");
        let mut places: Vec<usize> = (0..elements.len()).collect();
        places.sort_by(|&a, &b| order(&elements[a], &elements[b]));
        let found = x.argsort(0).compute().unwrap();
        assert!(
            found.iter().zip(&places).all(|(a, b)| usize::try_from(*a) == Ok(*b)),
            "{found:?} {places:?}"
        );
        sorted.dedup_by(|a, b| same(a, b));
        let unique = x.unique().compute().unwrap();
        assert!(
            unique.len() == sorted.len() && unique.iter().zip(&sorted).all(|(a, b)| same(a, b)),
            "{unique:?} {sorted:?}"
        );
    }

    proptest! {
        #[test]
        fn keys_sort_as_an_order_does(
            bits in prop::collection::vec(any::<u64>(), 0..60),
            ints in prop::collection::vec(any::<i64>(), 0..60),
            small in prop::collection::vec(any::<i8>(), 0..60),
        ) {
            check(&bits.iter().map(|&bits| float(bits)).collect::<Vec<_>>());
            check(&bits.iter().map(|&bits| bits % 3 == 0).collect::<Vec<_>>());
            check(&bits);
            check(&ints);
            check(&small);
        }
    }
}
