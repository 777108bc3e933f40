//! Functions of lanes: of all elements along an axis at a time.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Array1, ArrayView1, Dimension};
use smallvec::SmallVec;

use super::broadcast::{broadcast, common_chunks, common_shape};
use crate::array::Array;
use crate::block::lanes::{Lanes, LanesFunction, one, two};
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Op, Origin};

/// How many bytes the lanes of a chunk have together at most, unless a lane alone has more.
const TOGETHER: usize = 16 << 20;

/// What is made of lanes.
pub(super) struct OfLanes {
    pub(super) name: &'static str,
    pub(super) key: Identity,
    /// How long a lane of the result is.
    pub(super) len: usize,
    /// How many bytes the function takes besides.
    pub(super) scratch: usize,
    pub(super) function: Box<LanesFunction>,
}

/// An array of a function of lanes, which are the last axis of each input. The other axes are the same.
pub(super) fn of_lanes<R: Element, D: Dimension>(
    inputs: &[Arc<Node>],
    of: OfLanes,
    origin: Origin,
) -> Result<Array<R, D>> {
    let common = common_chunks(inputs);
    let Some((_, outer)) = common.axes().split_last() else {
        return Err(Error::new(ErrorKind::Axis, format!("`{}` needs an axis", of.name)));
    };
    let lanes = inputs.iter().filter_map(|input| Some((*input.shape().last()?, input.dtype)));
    let lanes: SmallVec<[_; 2]> = lanes.collect();
    let of_inputs = lanes.iter().map(|(len, dtype)| len.saturating_mul(dtype.bytes()));
    let out = of.len.saturating_mul(size_of::<R>());
    let bytes = of_inputs.fold(out, usize::saturating_add);
    let axes = few_together(outer, TOGETHER / bytes.max(1))?.into_iter();
    let chunks = Chunks::new(axes.chain([AxisChunks::one(of.len)]));
    let key = of.key.with(of.len);
    let block = Lanes {
        name: of.name,
        inputs: lanes,
        out: of.len,
        dtype: R::DTYPE,
        scratch: of.scratch,
        function: of.function,
    };
    Ok(Array::made(Op::Block(Arc::new(block)), inputs.iter().cloned(), chunks, key, origin))
}

/// Axes cut so that a chunk has so many elements at most, and at least one: the last axes stay as they are, if they
/// can.
fn few_together(axes: &[AxisChunks], most: usize) -> Result<Vec<AxisChunks>> {
    let mut left = most.max(1);
    let mut cut = vec![];
    for axis in axes.iter().rev() {
        let size = axis.largest().clamp(1, left);
        left = (left / size).max(1);
        cut.push(match size < axis.largest() {
            true => AxisChunks::even(axis.len(), size)?,
            false => axis.clone(),
        });
    }
    cut.reverse();
    Ok(cut)
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// The node of this array with an axis in the last place.
    #[track_caller]
    pub(super) fn with_last(&self, axis: usize) -> Result<Arc<Node>> {
        self.check()?;
        self.checked_axis(axis)?;
        Ok(self.move_axis(axis, self.ndim() - 1).node)
    }

    /// This array with its last axis in another place.
    #[track_caller]
    pub(super) fn with_last_at(&self, axis: usize) -> Self {
        self.move_axis(self.ndim() - 1, axis)
    }

    /// A function of the lanes of this array along an axis, which it is given the length of.
    #[track_caller]
    pub(super) fn of_each_lane<R: Element>(
        &self,
        axis: usize,
        of: impl FnOnce(usize) -> Result<OfLanes>,
    ) -> Array<R, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            let node = self.with_last(axis)?;
            let of = of(self.shape()[axis])?;
            Ok(of_lanes::<R, D>(&[node], of, origin)?.with_last_at(axis))
        })
    }

    /// A function of each lane along an axis, whose results are lanes of `len` elements there. A lane is in memory as a
    /// whole: what does not fit is refused by a plan.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[3, 1], [5, 2]], 1);
    /// let ends = x.apply_along_axis(0, 1, |lane| array![lane[0] * 10 + lane[1]]);
    /// assert_eq!(ends.compute()?, array![[35, 12]]);
    /// let error = x.apply_along_axis(0, 3, |lane| lane.to_owned()).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("`apply_along_axis` made a lane of 2 elements, but argument `len` is 3"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn apply_along_axis<R: Element>(
        &self,
        axis: usize,
        len: usize,
        f: impl Fn(ArrayView1<'_, T>) -> Array1<R> + Send + Sync + 'static,
    ) -> Array<R, D> {
        let key = Identity::of_function(&f);
        let function = move |lane: &[T], out: &mut [R]| {
            put("apply_along_axis", f(ArrayView1::from(lane)), out)
        };
        self.of_each_lane(axis, |_| {
            Ok(OfLanes {
                name: "apply_along_axis",
                key,
                len,
                scratch: len.saturating_mul(size_of::<R>()),
                function: one(function),
            })
        })
    }

    /// A function of each lane along an axis and that of another array at the same place, whose results are lanes of `len`
    /// elements there, as [`apply_along_axis`](Self::apply_along_axis). The other axes are broadcast.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1);
    /// let weights = Array::from_ndarray(array![[10, 1]], 1);
    /// let dots = x.zip_along_axis(&weights, 1, 1, |lane, weights| array![lane.dot(&weights)]);
    /// assert_eq!(dots.compute()?, array![[12], [34]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn zip_along_axis<U: Element, R: Element>(
        &self,
        other: &Array<U, D>,
        axis: usize,
        len: usize,
        f: impl Fn(ArrayView1<'_, T>, ArrayView1<'_, U>) -> Array1<R> + Send + Sync + 'static,
    ) -> Array<R, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            let inputs = side_by_side(&self.with_last(axis)?, &other.with_last(axis)?, origin)?;
            let key = Identity::of_function(&f);
            let function = move |a: &[T], b: &[U], out: &mut [R]| {
                put("zip_along_axis", f(ArrayView1::from(a), ArrayView1::from(b)), out)
            };
            let of = OfLanes {
                name: "zip_along_axis",
                key,
                len,
                scratch: len.saturating_mul(size_of::<R>()),
                function: two(function),
            };
            Ok(of_lanes::<R, D>(&inputs, of, origin)?.with_last_at(axis))
        })
    }
}

/// Puts the lane that a function of a user has made where it belongs.
fn put<R: Element>(name: &str, made: Array1<R>, out: &mut [R]) -> Result<()> {
    if made.len() != out.len() {
        let sentence = format!(
            "`{name}` made a lane of {} elements, but argument `len` is {}",
            made.len(),
            out.len()
        );
        return Err(Error::new(ErrorKind::Shape, sentence));
    }
    out.iter_mut().zip(made).for_each(|(out, made)| *out = made);
    Ok(())
}

/// Two nodes whose axes but the last are broadcast.
pub(super) fn side_by_side(a: &Arc<Node>, b: &Arc<Node>, origin: Origin) -> Result<[Arc<Node>; 2]> {
    let shapes = [a.shape(), b.shape()];
    let [ndim, other] = [shapes[0].len(), shapes[1].len()];
    if ndim != other {
        let sentence =
            format!("one array has {ndim} axes, and the other {other}, but both need as many");
        return Err(Error::new(ErrorKind::Shape, sentence));
    }
    let last = ndim - 1;
    let common = common_shape(&shapes[0][..last], &shapes[1][..last])?;
    let [a_to, b_to] = shapes.map(|mut shape| {
        shape[..last].copy_from_slice(&common);
        shape
    });
    Ok([broadcast(a, &a_to, origin), broadcast(b, &b_to, origin)])
}
