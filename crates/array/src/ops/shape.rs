//! The same elements in other shapes.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, IntoDimension, Ix1, Ix2, IxDyn, RemoveAxis};

use super::broadcast::view;
use super::slicing::from_end;
use crate::array::Array;
use crate::block::diagonal::Diagonal;
use crate::block::reshape::Reshape;
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Op, Origin};
use crate::view::{AxisMap, View};
use crate::window::Dims;

impl<T: Element, D: Dimension> Array<T, D> {
    /// An axis that this array has.
    pub(super) fn checked_axis(&self, axis: usize) -> Result<usize> {
        self.checked_axes(&[axis]).map(|axes| axes[0])
    }

    /// What `shows` makes of the view of all of this array.
    fn seen<E: Dimension>(
        &self,
        origin: Origin,
        shows: impl FnOnce(&mut View) -> Result<()>,
    ) -> Array<T, E> {
        Array::or_invalid(origin, || {
            self.check()?;
            let mut shown = View::whole(&self.shape());
            shows(&mut shown)?;
            Ok(Array::of(view(&self.node, shown, origin)))
        })
    }

    /// Two axes in each other's place.
    ///
    /// ```
    /// use tenfold_array::Array;
    ///
    /// let x = Array::<f32, _>::zeros([2, 3, 4], "auto");
    /// assert_eq!(x.swap_axes(0, 2).shape().as_slice(), [4, 3, 2]);
    /// let error = x.swap_axes(0, 3).plan().unwrap_err();
    /// assert!(error.to_string().starts_with("argument `axis` is 3, but the array has 3 axes"));
    /// ```
    #[track_caller]
    #[must_use]
    pub fn swap_axes(&self, a: usize, b: usize) -> Self {
        let mut order: Vec<usize> = (0..self.ndim()).collect();
        match self.check().and_then(|()| self.checked_axis(a)).and_then(|_| self.checked_axis(b)) {
            Ok(_) => order.swap(a, b),
            Err(error) => return Self::invalid(error, Location::caller()),
        }
        self.permuted_axes(&order)
    }

    /// An axis in another place, the others in their order.
    ///
    /// ```
    /// use tenfold_array::Array;
    ///
    /// let x = Array::<f32, _>::zeros([2, 3, 4], "auto");
    /// assert_eq!(x.move_axis(0, 2).shape().as_slice(), [3, 4, 2]);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn move_axis(&self, from: usize, to: usize) -> Self {
        let mut order: Vec<usize> = (0..self.ndim()).collect();
        match self
            .check()
            .and_then(|()| self.checked_axis(from))
            .and_then(|_| self.checked_axis(to))
        {
            Ok(_) => {
                let axis = order.remove(from);
                order.insert(to, axis);
            }
            Err(error) => return Self::invalid(error, Location::caller()),
        }
        self.permuted_axes(&order)
    }

    /// The elements in reverse order along an axis.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// assert_eq!(Array::arange(0..3_u8, 2).flip(0).compute()?, array![2, 1, 0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn flip(&self, axis: usize) -> Self {
        self.seen(Location::caller(), |shown| {
            self.checked_axis(axis)?;
            let start = shown.shape[axis].saturating_sub(1);
            shown.maps[axis] = AxisMap::Along { axis, start, step: -1 };
            Ok(())
        })
    }

    /// With a new axis of one element, which will be axis `axis`.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// assert_eq!(Array::arange(0..2_u8, 2).insert_axis(1).compute()?, array![[0], [1]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn insert_axis(&self, axis: usize) -> Array<T, D::Larger> {
        self.with_axis(axis, Location::caller())
    }

    pub(super) fn with_axis(&self, axis: usize, origin: Origin) -> Array<T, D::Larger> {
        self.seen(origin, |shown| {
            let ndim = shown.shape.len();
            if axis > ndim {
                let sentence = format!("argument `axis` is {axis}, but a new axis of an array of {ndim} can be {ndim} at most");
                return Err(Error::new(ErrorKind::Axis, sentence));
            }
            shown.shape.insert(axis, 1);
            for (of, map) in shown.maps.iter_mut().enumerate() {
                *map = AxisMap::Along { axis: of + usize::from(of >= axis), start: 0, step: 1 };
            }
            Ok(())
        })
    }

    /// Without axes, each of which has one element.
    ///
    /// ```
    /// use tenfold_array::Array;
    ///
    /// let x = Array::<f32, _>::zeros([1, 3, 1], "auto");
    /// assert_eq!(x.squeeze(&[0, 2]).shape().as_slice(), [3]);
    /// let error = x.squeeze(&[1]).plan().unwrap_err();
    /// assert!(error.to_string().starts_with("axis 1 of argument `axes` has 3 elements, but only axes of 1"));
    /// ```
    #[track_caller]
    #[must_use]
    pub fn squeeze(&self, axes: &[usize]) -> Array<T, IxDyn> {
        self.seen(Location::caller(), |shown| {
            let axes = self.checked_axes(axes)?;
            if let Some(axis) = axes.iter().find(|&&axis| shown.shape[axis] != 1) {
                let sentence = format!(
                    "axis {axis} of argument `axes` has {} elements, but only axes of 1 can be left out",
                    shown.shape[*axis]
                );
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            axes.iter().rev().for_each(|&axis| fix(shown, axis, 0));
            Ok(())
        })
    }

    /// The elements at one index of an axis, which counts from the end if it is negative. The axis is gone.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1);
    /// assert_eq!(x.index_axis(1, -1).compute()?, array![2, 4]);
    /// let error = x.index_axis(1, 2).plan().unwrap_err();
    /// assert!(error.to_string().starts_with("argument `index` is 2, beyond axis 1 of 2 elements"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn index_axis(&self, axis: usize, index: isize) -> Array<T, D::Smaller>
    where
        D: RemoveAxis,
    {
        self.seen(Location::caller(), |shown| {
            self.checked_axis(axis)?;
            let len = shown.shape[axis];
            let Some(at) = from_end(index, len).filter(|&at| at < len) else {
                let sentence =
                    format!("argument `index` is {index}, beyond axis {axis} of {len} elements");
                return Err(Error::new(ErrorKind::Index, sentence));
            };
            fix(shown, axis, at);
            Ok(())
        })
    }

    /// The elements in row-major order in another shape, which has as many.
    ///
    /// Axes that stay keep their chunks. What becomes other axes is cut into chunks of as many elements, which lie
    /// one after another: reading a chunk reads a few boxes of the input.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..6, 4);
    /// assert_eq!(x.reshape([2, 3]).compute()?, array![[0, 1, 2], [3, 4, 5]]);
    /// let error = x.reshape([2, 2]).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("argument `shape` is [2, 2], which has 4 elements, but the array has 6"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn reshape<S: IntoDimension>(&self, shape: S) -> Array<T, S::Dim> {
        let origin = Location::caller();
        let shape = shape.into_dimension();
        Array::or_invalid(origin, || {
            self.check()?;
            let to = shape.slice();
            let len = to.iter().try_fold(1_usize, |len, &axis| len.checked_mul(axis));
            if len != Some(self.len()) {
                let len = len.map_or_else(|| "too many".to_owned(), |len| len.to_string());
                let sentence = format!(
                    "argument `shape` is {to:?}, which has {len} elements, but the array has {}",
                    self.len()
                );
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            let block = Reshape::<T>::new(&self.shape(), to);
            let chunks = match self.len() {
                0 => Chunks::one(to),
                _ => block.chunks(&self.node.chunks),
            };
            let op = Op::Block(Arc::new(block));
            Ok(Array::made(op, [Arc::clone(&self.node)], chunks, Identity::of(()), origin))
        })
    }

    /// All elements in row-major order along one axis.
    #[track_caller]
    #[must_use]
    pub fn ravel(&self) -> Array<T, Ix1> {
        self.reshape([self.len()])
    }

    /// The same as [`ravel`](Self::ravel): no array here is changed, so there is nothing to copy for.
    #[track_caller]
    #[must_use]
    pub fn flatten(&self) -> Array<T, Ix1> {
        self.ravel()
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// This array with so many axes at least, up to three, as `atleast_1d` and its like have it: a number becomes one
    /// element, a vector one row, and its elements the second of three axes; a matrix has the first two of three.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..2_i64, 2);
    /// assert_eq!(x.at_least(1).compute()?, array![0, 1].into_dyn());
    /// assert_eq!(x.at_least(2).compute()?, array![[0, 1]].into_dyn());
    /// assert_eq!(x.at_least(3).compute()?, array![[[0], [1]]].into_dyn());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn at_least(&self, ndim: usize) -> Array<T, IxDyn> {
        if ndim > 3 {
            let sentence = format!("argument `ndim` is {ndim}, but must be 3 at most");
            return Array::invalid(Error::new(ErrorKind::Value, sentence), Location::caller());
        }
        let places: &[usize] = match (self.ndim(), ndim) {
            (0, _) => &[0; 3][..ndim],
            (1, 2) => &[0],
            (1, 3) => &[0, 2],
            (2, 3) => &[2],
            _ => &[],
        };
        let own = self.clone().into_dyn();
        places.iter().fold(own, |array, &axis| array.insert_axis(axis))
    }
}

/// Shows one index of an axis only.
fn fix(shown: &mut View, axis: usize, at: usize) {
    for map in &mut shown.maps {
        *map = match *map {
            AxisMap::Along { axis: along, .. } if along == axis => AxisMap::Fixed(at),
            AxisMap::Along { axis: along, start, step } if along > axis => {
                AxisMap::Along { axis: along - 1, start, step }
            }
            other => other,
        };
    }
    shown.shape.remove(axis);
}

impl<T: Element> Array<T, Ix2> {
    /// A row, counted from the end if the number is negative.
    #[track_caller]
    #[must_use]
    pub fn row(&self, index: isize) -> Array<T, Ix1> {
        self.index_axis(0, index)
    }

    /// A column, counted from the end if the number is negative.
    #[track_caller]
    #[must_use]
    pub fn column(&self, index: isize) -> Array<T, Ix1> {
        self.index_axis(1, index)
    }

    /// The elements whose two indices are the same.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2, 3], [4, 5, 6]], 1);
    /// assert_eq!(x.diagonal().compute()?, array![1, 5]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn diagonal(&self) -> Array<T, Ix1> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            let (shape, sizes): (Dims, Dims) = (self.shape(), self.node.chunks.largest());
            let (len, size) = (shape[0].min(shape[1]), sizes[0].min(sizes[1]));
            let chunks = Chunks::new([AxisChunks::even(len, size.max(1))?]);
            let op = Op::Block(Arc::new(Diagonal::<T>::new()));
            Ok(Array::made(op, [Arc::clone(&self.node)], chunks, Identity::of(()), origin))
        })
    }
}
