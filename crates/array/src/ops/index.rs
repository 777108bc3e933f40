//! Numbers of elements, and their indices.

use std::panic::Location;

use ndarray::Dimension;

use crate::array::Array;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::window::count;

/// How many elements a shape has, which must have numbers.
fn counted(shape: &[usize]) -> Result<i64> {
    let all = shape.iter().try_fold(1_i64, |all, &len| all.checked_mul(i64::try_from(len).ok()?));
    // An axis without elements is as good as any.
    match all.or_else(|| shape.contains(&0).then_some(0)) {
        Some(all) => Ok(all),
        None => {
            let sentence = format!(
                "argument `shape` is {shape:?}, which has more elements than numbers up to {}",
                i64::MAX
            );
            Err(Error::new(ErrorKind::Shape, sentence))
        }
    }
}

/// A length, or the largest number.
fn to_i64(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

impl<D: Dimension> Array<i64, D> {
    /// The indices on each axis of a shape of the elements whose numbers in row-major order these are; -1 for numbers that no
    /// element has.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let numbers = Array::from_ndarray(array![1_i64, 5, 6], 2);
    /// let indices = numbers.unravel_index(&[2, 3]);
    /// assert_eq!(indices[0].compute()?, array![0, 1, -1]);
    /// assert_eq!(indices[1].compute()?, array![1, 2, -1]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn unravel_index(&self, shape: &[usize]) -> Vec<Self> {
        let origin = Location::caller();
        let all = match counted(shape) {
            Ok(all) => all,
            Err(error) => {
                return shape.iter().map(|_| Self::invalid(error.clone(), origin)).collect();
            }
        };
        let along = |axis: usize| {
            let behind = to_i64(count(&shape[axis + 1..])).max(1);
            let len = to_i64(shape[axis]).max(1);
            let f = move |at: i64| if (0..all).contains(&at) { at / behind % len } else { -1 };
            self.unary("unravel_index", Identity::of((axis, shape)), f, origin)
        };
        (0..shape.len()).map(along).collect()
    }

    /// The numbers in row-major order of the elements of a shape whose indices on each axis these are; -1 where an index is
    /// beyond its axis.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let [rows, cols] = [array![0_i64, 1, 2], array![1, 2, 0]].map(|at| Array::from_ndarray(at, 2));
    /// assert_eq!(Array::ravel_multi_index(&[&rows, &cols], &[2, 3]).compute()?, array![1, 5, -1]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn ravel_multi_index(indices: &[&Self], shape: &[usize]) -> Self {
        let origin = Location::caller();
        let (Some((first, rest)), true) = (indices.split_first(), indices.len() == shape.len())
        else {
            let sentence = format!(
                "argument `indices` has {} arrays, but argument `shape` {} axes",
                indices.len(),
                shape.len()
            );
            return Self::invalid(Error::new(ErrorKind::Axis, sentence), origin);
        };
        if let Err(error) = counted(shape) {
            return Self::invalid(error, origin);
        }
        let with = |axis: usize| {
            let len = to_i64(shape[axis]);
            move |before: i64, at: i64| match (0..len).contains(&at) && before >= 0 {
                // It wraps for shapes without elements alone, in which no index is.
                true => before.wrapping_mul(len).wrapping_add(at),
                false => -1,
            }
        };
        let one = with(0);
        let key = |axis: usize| Identity::of(shape[axis]);
        let first = first.unary("ravel_multi_index", key(0), move |at| one(0, at), origin);
        rest.iter().zip(1..).fold(first, |before, (at, axis)| {
            before.binary(at, "ravel_multi_index", key(axis), with(axis), origin)
        })
    }
}
