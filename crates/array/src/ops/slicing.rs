//! Other places for the same elements.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, Ix0, SliceArg, SliceInfoElem};

use super::broadcast::{broadcast, common_shape, view};
use crate::array::Array;
use crate::block::write::Write;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::Op;
use crate::view::{AxisMap, View};

impl<T: Element, D: Dimension> Array<T, D> {
    /// The axes in reverse order.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1);
    /// assert_eq!((&x + &x.t()).compute()?, array![[2, 5], [5, 8]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn t(&self) -> Self {
        let reversed: Vec<usize> = (0..self.ndim()).rev().collect();
        self.permuted_axes(&reversed)
    }

    /// The axes in another order: axis `i` of the result is axis `order[i]` of this array.
    #[track_caller]
    #[must_use]
    pub fn permuted_axes(&self, order: &[usize]) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            let mut sorted = order.to_vec();
            sorted.sort_unstable();
            if !sorted.iter().copied().eq(0..self.ndim()) {
                let sentence = format!(
                    "argument `order` is {order:?}, but must name each of {} axes once",
                    self.ndim()
                );
                return Err(Error::new(ErrorKind::Axis, sentence));
            }
            Ok(Self::of(view(&self.node, View::permuted(&self.shape(), order), origin)))
        })
    }

    /// A part of the array, as [`s!`](ndarray::s) says: ranges, also from the end and by steps, single indices,
    /// and new axes.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::{array, s}};
    ///
    /// let x = Array::arange(0..10_i64, 4);
    /// assert_eq!(x.slice(s![-3..;-1]).compute()?, array![9, 8, 7]);
    /// let error = x.slice(s![..11]).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("slice ..11 of argument `slice` goes beyond axis 0 of 10 elements"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn slice<I: SliceArg<D>>(&self, slice: I) -> Array<T, I::OutDim> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            let view_of = sliced(&self.shape(), slice.as_ref())?;
            Ok(Array::of(view(&self.node, view_of, origin)))
        })
    }

    /// This array with other elements in a part of it, which are broadcast to the part's shape. This one stays as it
    /// is.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::{array, s}};
    ///
    /// let x = Array::<i64, _>::zeros([2, 4], 2);
    /// let y = x.assign(s![.., 1..;2], &Array::arange(1..3, 1));
    /// assert_eq!(y.compute()?, array![[0, 1, 0, 2], [0, 1, 0, 2]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn assign<I: SliceArg<D>, E: Dimension>(&self, slice: I, values: &Array<T, E>) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            values.check()?;
            let part = sliced(&self.shape(), slice.as_ref())?;
            let (own, to) = (values.shape(), part.shape.as_slice());
            if common_shape(&own, to).ok().as_deref() != Some(to) {
                let own = own.as_slice();
                let sentence = format!(
                    "argument `values` has the shape {own:?}, which cannot be broadcast to that of the slice, {to:?}"
                );
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            let values = broadcast(&values.node, to, origin);
            let key = Identity::of(&part);
            let op = Op::Block(Arc::new(Write::<T>::new(part)));
            let inputs = [Arc::clone(&self.node), values];
            Ok(Self::made(op, inputs, self.node.chunks.clone(), key, origin))
        })
    }

    /// This array with a number in a part of it. This one stays as it is.
    #[track_caller]
    #[must_use]
    pub fn fill<I: SliceArg<D>>(&self, slice: I, number: T) -> Self {
        self.assign(slice, &Array::full(Ix0(), number, "auto"))
    }
}

/// The view that a slice shows.
fn sliced(shape: &[usize], slice: &[SliceInfoElem]) -> Result<View> {
    let mut view = View { shape: crate::Dims::new(), maps: smallvec::SmallVec::new() };
    let mut lens = shape.iter().enumerate();
    for element in slice {
        if let SliceInfoElem::NewAxis = element {
            view.shape.push(1);
            continue;
        }
        let Some((axis, &len)) = lens.next() else { return Err(axes(shape, slice)) };
        match *element {
            SliceInfoElem::Slice { start, end, step } => {
                let range = range_of(axis, len, start, end, step)?;
                let map = match step {
                    0 => {
                        return Err(index(format!(
                            "argument `slice` has the step 0 on axis {axis}"
                        )));
                    }
                    1.. => AxisMap::Along { axis: view.shape.len(), start: range.start, step },
                    // The last of the range comes first.
                    _ => {
                        AxisMap::Along { axis: view.shape.len(), start: range.end.max(1) - 1, step }
                    }
                };
                view.shape.push(range.len().div_ceil(step.unsigned_abs()));
                view.maps.push(map);
            }
            SliceInfoElem::Index(at) => {
                let Some(at) = from_end(at, len).filter(|&at| at < len) else {
                    let sentence = format!(
                        "index {at} of argument `slice` is beyond axis {axis} of {len} elements"
                    );
                    return Err(index(sentence));
                };
                view.maps.push(AxisMap::Fixed(at));
            }
            SliceInfoElem::NewAxis => {}
        }
    }
    if lens.next().is_some() {
        return Err(axes(shape, slice));
    }
    Ok(view)
}

fn range_of(
    axis: usize,
    len: usize,
    start: isize,
    end: Option<isize>,
    step: isize,
) -> Result<std::ops::Range<usize>> {
    let first = from_end(start, len);
    let last = end.map_or(Some(len), |end| from_end(end, len));
    match first.zip(last) {
        Some((first, last)) if first <= len && last <= len => Ok(first..last.max(first)),
        _ => {
            let show = |bound: isize| if bound == 0 { String::new() } else { bound.to_string() };
            let (start, end) = (show(start), end.map_or_else(String::new, |end| end.to_string()));
            let by = if step == 1 { String::new() } else { format!(";{step}") };
            Err(index(format!(
                "slice {start}..{end}{by} of argument `slice` goes beyond axis {axis} of {len} elements"
            )))
        }
    }
}

/// An index that counts from the end if it is negative.
pub(super) fn from_end(index: isize, len: usize) -> Option<usize> {
    if index < 0 { len.checked_add_signed(index) } else { Some(index.cast_unsigned()) }
}

fn index(sentence: String) -> Error {
    Error::new(ErrorKind::Index, sentence)
}

fn axes(shape: &[usize], slice: &[SliceInfoElem]) -> Error {
    let given = slice.iter().filter(|element| !matches!(element, SliceInfoElem::NewAxis)).count();
    Error::new(
        ErrorKind::Axis,
        format!("argument `slice` is for {given} axes, but the array has {}", shape.len()),
    )
}
