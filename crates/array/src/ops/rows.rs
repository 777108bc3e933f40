//! Parts of an axis that are left out, put in, or turned.

use std::panic::Location;

use ndarray::Dimension;

use super::slicing::from_end;
use crate::array::Array;
use crate::element::Element;
use crate::error::{Error, ErrorKind};

impl<T: Element, D: Dimension> Array<T, D> {
    /// Without the elements at some indices of an axis, which count from the end if they are negative.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..5, 2);
    /// assert_eq!(x.delete(0, &[1, -1]).compute()?, array![0, 2, 3]);
    /// let error = x.delete(0, &[5]).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("index 5 of argument `indices` is beyond axis 0 of 5 elements"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn delete(&self, axis: usize, indices: &[isize]) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            self.checked_axis(axis)?;
            let len = self.shape()[axis];
            let mut gone: Vec<usize> = vec![];
            for &index in indices {
                let found = from_end(index, len).filter(|&at| at < len);
                gone.push(found.ok_or_else(|| beyond(index, axis, len))?);
            }
            gone.sort_unstable();
            gone.dedup();
            // What lies between is a part of the axis each, however long.
            let starts = std::iter::once(0).chain(gone.iter().map(|at| at + 1));
            let ends = gone.iter().copied().chain([len]);
            let kept = starts.zip(ends).filter(|(start, end)| start < end);
            let kept: Vec<Self> =
                kept.map(|(start, end)| self.part_of_axis(axis, start..end, origin)).collect();
            match kept.is_empty() {
                true => Ok(self.part_of_axis(axis, 0..0, origin)),
                false => Ok(Self::concatenate(axis, &kept)),
            }
        })
    }

    /// With the elements of another array before the index of an axis, which counts from the end if it is negative.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..4, 2);
    /// assert_eq!(x.insert(0, 1, &Array::full([2], 9, 2)).compute()?, array![0, 9, 9, 1, 2, 3]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn insert(&self, axis: usize, index: isize, values: &Self) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            self.checked_axis(axis)?;
            let len = self.shape()[axis];
            let at = from_end(index, len).filter(|&at| at <= len);
            let at = at.ok_or_else(|| beyond(index, axis, len))?;
            let part = |range| self.part_of_axis(axis, range, origin);
            let parts = [part(0..at), values.clone(), part(at..len)];
            Ok(Self::concatenate(axis, &parts))
        })
    }

    /// Turned by so many right angles, from the first of two axes towards the second.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1);
    /// assert_eq!(x.rot90(1, [0, 1]).compute()?, array![[2, 4], [1, 3]]);
    /// assert_eq!(x.rot90(-2, [0, 1]).compute()?, array![[4, 3], [2, 1]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn rot90(&self, times: isize, axes: [usize; 2]) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            self.checked_axes(&axes)?;
            let [first, second] = axes;
            Ok(match times.rem_euclid(4) {
                0 => self.clone(),
                1 => self.flip(second).swap_axes(first, second),
                2 => self.flip(first).flip(second),
                _ => self.swap_axes(first, second).flip(second),
            })
        })
    }
}

fn beyond(index: isize, axis: usize, len: usize) -> Error {
    let sentence =
        format!("index {index} of argument `indices` is beyond axis {axis} of {len} elements");
    Error::new(ErrorKind::Index, sentence)
}
