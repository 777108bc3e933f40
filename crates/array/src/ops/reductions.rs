//! Elements taken together.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, Ix0, IxDyn, RemoveAxis};
use smallvec::SmallVec;

use crate::array::Array;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Op, Origin};
use crate::reduce::{Extreme, Folded, Mean, Real, Reducer, Sum, Summable, result_chunks};

impl<T: Element, D: Dimension> Array<T, D> {
    /// A reduction along some axes.
    pub(crate) fn reduced<R: Element, O: Dimension>(
        &self,
        axes: &[usize],
        reducer: Arc<dyn Reducer>,
        needs_elements: bool,
        origin: Origin,
    ) -> Array<R, O> {
        Array::or_invalid(origin, || {
            self.check()?;
            let axes = self.checked_axes(axes)?;
            let shape = self.shape();
            let name = reducer.name();
            if needs_elements && axes.iter().any(|&axis| shape[axis] == 0) {
                let sentence = format!(
                    "`{name}` of no elements has no answer: the shape is {:?}",
                    shape.as_slice()
                );
                return Err(Error::new(ErrorKind::Empty, sentence));
            }
            let chunks = result_chunks(&self.node.chunks, &axes);
            let key = Identity::of(axes.as_slice());
            Ok(Array::made(
                Op::Reduce { axes, reducer },
                [Arc::clone(&self.node)],
                chunks,
                key,
                origin,
            ))
        })
    }

    /// Axes in ascending order, each there and named once.
    pub(crate) fn checked_axes(&self, axes: &[usize]) -> Result<SmallVec<[usize; 4]>> {
        let ndim = self.ndim();
        let mut sorted: SmallVec<[usize; 4]> = axes.into();
        sorted.sort_unstable();
        if let Some(axis) = sorted.iter().find(|&&axis| axis >= ndim) {
            let sentence = format!("argument `axis` is {axis}, but the array has {ndim} axes");
            return Err(Error::new(ErrorKind::Axis, sentence));
        }
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            let sentence = format!("argument `axes` has axis {} twice", twice[0]);
            return Err(Error::new(ErrorKind::Axis, sentence));
        }
        Ok(sorted)
    }

    fn all_axes(&self) -> Vec<usize> {
        (0..self.ndim()).collect()
    }
}

/// A reduction over all axes, over one, and over some.
macro_rules! reduction {
    ($name:ident, $axis:ident, $axes:ident, $R:ty, $what:literal, $needs:literal, $fold:expr) => {
        #[doc = concat!($what, " of all elements.")]
        #[track_caller]
        #[must_use]
        pub fn $name(&self) -> Array<$R, Ix0> {
            let fold = Arc::new(Folded::<T, $R, _>::new(stringify!($name), $fold));
            self.reduced(&self.all_axes(), fold, $needs, Location::caller())
        }

        #[doc = concat!($what, " along an axis.")]
        #[track_caller]
        #[must_use]
        pub fn $axis(&self, axis: usize) -> Array<$R, D::Smaller>
        where
            D: RemoveAxis,
        {
            let fold = Arc::new(Folded::<T, $R, _>::new(stringify!($name), $fold));
            self.reduced(&[axis], fold, $needs, Location::caller())
        }

        #[doc = concat!($what, " along several axes.")]
        #[track_caller]
        #[must_use]
        pub fn $axes(&self, axes: &[usize]) -> Array<$R, IxDyn> {
            let fold = Arc::new(Folded::<T, $R, _>::new(stringify!($name), $fold));
            self.reduced(axes, fold, $needs, Location::caller())
        }
    };
}

impl<T: Summable, D: Dimension> Array<T, D> {
    reduction!(sum, sum_axis, sum_axes, T::Sum, "The sum", false, Sum);
}

impl<T: Real, D: Dimension> Array<T, D> {
    reduction!(mean, mean_axis, mean_axes, T, "The mean", false, Mean);
}

impl<T: Element + PartialOrd, D: Dimension> Array<T, D> {
    reduction!(
        min,
        min_axis,
        min_axes,
        T,
        "The least, or NaN if there is one,",
        true,
        Extreme { first: |a: &T, b: &T| a < b }
    );
    reduction!(
        max,
        max_axis,
        max_axes,
        T,
        "The greatest, or NaN if there is one,",
        true,
        Extreme { first: |a: &T, b: &T| a > b }
    );
}
