//! The greatest and the least of all.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;

use super::Ordered;
use crate::array::Array;
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Op, Origin};
use crate::reduce::{ArgTop, Several, SeveralFold, Top, result_chunks};
use crate::window::bytes_of;

impl<T: Element, D: Dimension> Array<T, D> {
    /// A fold into several results along some axes: they are the last axis of the result.
    pub(super) fn folded_into<R: Element, F: SeveralFold<T, R>, O: Dimension>(
        &self,
        axes: &[usize],
        name: &'static str,
        key: Identity,
        fold: F,
        origin: Origin,
    ) -> Result<Array<R, O>> {
        self.check()?;
        let axes = self.checked_axes(axes)?;
        let last = AxisChunks::one(fold.len());
        let kept = result_chunks(&self.node.chunks, &axes);
        let chunks = Chunks::new(kept.axes().iter().cloned().chain([last]));
        // As many bytes as an accumulator may have, and what it becomes.
        if isize::try_from(bytes_of(&chunks.shape(), 64)).is_err() {
            let (shape, len) = (kept.shape(), fold.len());
            let sentence = format!(
                "`{name}` would have {len} results for each element of the shape {shape:?}, more than can be counted"
            );
            return Err(Error::new(ErrorKind::Shape, sentence));
        }
        let reducer = Several::<T, R, F>::new(name, key, fold);
        let key = crate::reduce::Reducer::key(&reducer).with(axes.as_slice());
        let op = Op::Reduce { axes, reducer: Arc::new(reducer), by_chunk: false };
        Ok(Array::made(op, [Arc::clone(&self.node)], chunks, key, origin))
    }
}

impl<T: Ordered, D: Dimension> Array<T, D> {
    #[track_caller]
    fn best<R: Element, F: SeveralFold<T, R>>(
        &self,
        axis: usize,
        name: &'static str,
        k: isize,
        fold: impl FnOnce(Top) -> F,
    ) -> Array<R, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            self.checked_axis(axis)?;
            let len = k.unsigned_abs().min(self.shape()[axis]);
            let top = Top { len, is_greatest: k > 0 };
            let of: Array<R, D> =
                self.folded_into(&[axis], name, Identity::of(k > 0), fold(top), origin)?;
            Ok(of.with_last_at(axis))
        })
    }

    /// The `k` greatest elements along an axis, the greatest first, or if `k` is negative the least, the least first: as
    /// many as there are, if there are fewer. NaN is greater than all.
    ///
    /// It is found in one pass, with as many elements in memory for each lane as are asked for.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![3, 9, 1, 7, 9], 2);
    /// assert_eq!(x.topk(0, 3).compute()?, array![9, 9, 7]);
    /// assert_eq!(x.topk(0, -2).compute()?, array![1, 3]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn topk(&self, axis: usize, k: isize) -> Self {
        self.best(axis, "topk", k, |top| top)
    }

    /// The places of what [`topk`](Self::topk) gives: of what is equal, the first.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![3, 9, 1, 7, 9], 2);
    /// assert_eq!(x.argtopk(0, 3).compute()?, array![1, 4, 3]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn argtopk(&self, axis: usize, k: isize) -> Array<i64, D> {
        self.best(axis, "argtopk", k, ArgTop)
    }
}
