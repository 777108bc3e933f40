//! Where elements are that are not 0, and what is there.

use std::panic::Location;

use ndarray::{Array1, Array2, Dimension, Ix1};

use crate::array::Array;
use crate::block::pick::Run;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::gathered::places::Places;
use crate::gathered::{Gathered, Limit};
use crate::hash::Identity;
use crate::settings::Settings;

fn to_i64(place: usize) -> i64 {
    place.cast_signed() as i64
}

/// The places of elements that are not 0.
fn places<D: Dimension>(
    mask: &Array<bool, D>,
    settings: &Settings,
    limit: Limit,
) -> Result<Vec<usize>> {
    mask.check()?;
    let places = Places::new(mask.shape(), limit);
    settings.store(mask, &places)?;
    Ok(places.into_sorted())
}

impl<T: Element, D: Dimension + 'static> Array<T, D> {
    #[track_caller]
    fn is_nonzero(&self) -> Array<bool, D> {
        self.unary("nonzero", Identity::of(()), |x: T| x != T::default(), Location::caller())
    }

    /// Where elements are not 0, as NaN is not: their numbers in row-major order.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[0, 5], [7, 0]], 1);
    /// assert_eq!(x.flatnonzero().compute()?, array![1, 2]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn flatnonzero(&self) -> Gathered<Array1<i64>> {
        let mask = self.is_nonzero();
        Gathered::new("flatnonzero", move |settings, limit| {
            Ok(places(&mask, settings, limit)?.into_iter().map(to_i64).collect())
        })
    }

    /// Where elements are not 0, as NaN is not: a row with their index on each axis, in row-major order. NumPy's `nonzero` has
    /// the columns of it.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[0, 5], [7, 0]], 1);
    /// assert_eq!(x.argwhere().compute()?, array![[0, 1], [1, 0]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn argwhere(&self) -> Gathered<Array2<i64>> {
        let mask = self.is_nonzero();
        Gathered::new("argwhere", move |settings, limit| {
            let (places, shape) = (places(&mask, settings, limit)?, mask.shape());
            let each = size_of::<usize>() + shape.len().saturating_mul(size_of::<i64>());
            limit.check(places.len().saturating_mul(each))?;
            let mut all = Array2::zeros([places.len(), shape.len()]);
            for (mut row, mut place) in all.rows_mut().into_iter().zip(places) {
                for (at, len) in row.iter_mut().zip(&shape).rev() {
                    (*at, place) = (to_i64(place % len), place / len);
                }
            }
            Ok(all)
        })
    }

    /// The elements where a mask of the array's shape is true, in row-major order. The mask is computed first, and then what
    /// it shows is read. [`masked`](Self::masked) is of a mask that is known, and lazy.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[0.5, -5.0], [7.0, -0.5]], 1);
    /// assert_eq!(x.select_where(&x.less(0.0)).compute()?, array![-5.0, -0.5]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn select_where(&self, mask: &Array<bool, D>) -> Gathered<Array1<T>> {
        let (x, mask, origin) = (self.clone(), mask.clone(), Location::caller());
        Gathered::new("select_where", move |settings, limit| {
            x.check()?;
            mask.check()?;
            let (own, of) = (x.shape(), mask.shape());
            if own != of {
                let (own, of) = (own.as_slice(), of.as_slice());
                let sentence =
                    format!("argument `mask` has the shape {of:?}, but the array {own:?}");
                return Err(Error::new(ErrorKind::Shape, sentence).at(origin));
            }
            let places = places(&mask, settings, limit)?;
            // An index for each, twice while it is looked up, and the runs that they are, whose list may be as long again
            // while it grows. What is there is counted by the plan that reads it.
            let each = size_of::<isize>() + size_of::<Option<usize>>();
            let apart = places.windows(2).filter(|two| two[0] + 1 != two[1]).count() + 1;
            let runs = apart.saturating_mul(3 * size_of::<Run>());
            limit.check(places.len().saturating_mul(each).saturating_add(runs))?;
            let indices: Vec<isize> = places.into_iter().map(usize::cast_signed).collect();
            let shown: Array<T, Ix1> = x.ravel().take(0, &indices);
            drop(indices);
            settings.compute(&shown)
        })
    }
}
