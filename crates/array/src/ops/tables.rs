//! Elements looked up in tables.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, Ix1};

use super::sort::order;
use super::{Ordered, is_nan};
use crate::array::Array;
use crate::block::search::Search;
use crate::error::{Error, ErrorKind};
use crate::hash::Identity;
use crate::node::Op;
use crate::reduce::Averageable;

impl<T: Averageable<Wide = f64>, D: Dimension> Array<T, D> {
    /// The values at each element of a function that goes in straight lines through points, of which `at` has the
    /// abscissas in ascending order, and `values` the ordinates. Before the first and after the last it is constant, and NaN
    /// for NaN.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![-1.0, 0.5, 2.0, 9.0], 2);
    /// assert_eq!(x.interp(&[0.0, 1.0, 3.0], &[0.0, 10.0, 20.0]).compute()?, array![0.0, 5.0, 15.0, 20.0]);
    /// let error = x.interp(&[0.0, 0.0], &[1.0]).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("argument `values` has 1 elements, but argument `at` has 2"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn interp(&self, at: &[f64], values: &[f64]) -> Array<f64, D> {
        let origin = Location::caller();
        let refuse =
            |sentence: String| Array::invalid(Error::new(ErrorKind::Value, sentence), origin);
        if at.len() != values.len() || at.is_empty() {
            return refuse(format!(
                "argument `values` has {} elements, but argument `at` has {}, and one point is needed",
                values.len(),
                at.len()
            ));
        }
        if let Some(number) =
            (1..at.len()).find(|&i| order(&at[i - 1], &at[i]).is_gt() || is_nan(at[i]))
        {
            return refuse(format!(
                "argument `at` has {} after {} at number {number}, but must ascend",
                at[number],
                at[number - 1]
            ));
        }
        let bits = |of: &[f64]| of.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let key = Identity::of((bits(at), bits(values)));
        let (at, values) = (at.to_vec(), values.to_vec());
        self.unary("interp", key, move |x: T| line_at(&at, &values, x.wide()), origin)
    }
}

/// The value at a place of the line through points, of which there is one at least. The line between two is counted from
/// the lower, or if that is not finite from the upper, as NumPy does it.
fn line_at(at: &[f64], values: &[f64], x: f64) -> f64 {
    if is_nan(x) {
        return x;
    }
    let above = at.partition_point(|&place| place <= x);
    let Some(low) = above.checked_sub(1) else { return values[0] };
    if above == at.len() || at[low] == x {
        return values[low];
    }
    let slope = (values[above] - values[low]) / (at[above] - at[low]);
    let from_low = slope * (x - at[low]) + values[low];
    if !is_nan(from_low) {
        return from_low;
    }
    let from_above = slope * (x - at[above]) + values[above];
    if is_nan(from_above) && values[low] == values[above] { values[low] } else { from_above }
}

impl<T: Ordered, D: Dimension> Array<T, D> {
    /// Which elements are among some values. NaN never is.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..5, 2);
    /// assert_eq!(x.is_in(&[3, 1, 9]).compute()?, array![false, true, false, true, false]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn is_in(&self, values: &[T]) -> Array<bool, D> {
        let mut sorted: Vec<T> = values.iter().copied().filter(|&value| !is_nan(value)).collect();
        sorted.sort_unstable_by(order);
        let key = Identity::of(T::as_bytes(&sorted));
        let f = move |x: T| !is_nan(x) && sorted.binary_search_by(|value| order(value, &x)).is_ok();
        self.unary("is_in", key, f, Location::caller())
    }
}

impl<T: Ordered> Array<T, Ix1> {
    /// Where each of some values belongs in this array, whose elements ascend, NaN last: how many elements come before
    /// it, those that are equal too if `right` says so.
    ///
    /// This array is read piece by piece, once for each window of values.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let sorted = Array::from_ndarray(array![1, 2, 2, 5], 2);
    /// let x = Array::from_ndarray(array![[2, 0], [9, 5]], 1);
    /// assert_eq!(sorted.searchsorted(&x, false).compute()?, array![[1, 0], [4, 3]]);
    /// assert_eq!(sorted.searchsorted(&x, true).compute()?, array![[3, 0], [4, 4]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn searchsorted<D: Dimension>(&self, values: &Array<T, D>, right: bool) -> Array<i64, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            values.check()?;
            let search = Search::<T>::new(self.len(), right, &values.shape());
            let inputs = [Arc::clone(&self.node), Arc::clone(&values.node)];
            let chunks = values.node.chunks.clone();
            let op = Op::Block(Arc::new(search));
            Ok(Array::made(op, inputs, chunks, Identity::of(right), origin))
        })
    }
}
