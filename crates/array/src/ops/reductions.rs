//! Elements taken together.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, Ix0, IxDyn, RemoveAxis};
use smallvec::SmallVec;

use super::Ordered;
use crate::array::Array;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Op, Origin};
use crate::reduce::{
    All, Any, Arg, Averageable, Count, Extreme, Folded, Mean, NanMean, Prod, Reducer, Std, Sum,
    Summable, User, Var, result_chunks,
};

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
                    "`{name}` of no elements has no answer: the shape is {:?}, and argument `axes` {:?}",
                    shape.as_slice(),
                    axes.as_slice()
                );
                return Err(Error::new(ErrorKind::Empty, sentence));
            }
            let chunks = result_chunks(&self.node.chunks, &axes);
            let key = reducer.key().with(axes.as_slice());
            Ok(Array::made(
                Op::Reduce { axes, reducer, by_chunk: false },
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

    fn every_axis(&self) -> Vec<usize> {
        (0..self.ndim()).collect()
    }
}

/// A reduction over all axes, over one, and over some. `$needs` says whether it has no answer for no elements.
macro_rules! reduction {
    (
        $name:ident $axis:ident $axes:ident ($($arg:ident: $A:ty),*) -> $R:ty,
        $needs:literal, $fold:expr, $what:literal $(, $more:literal)*
    ) => {
        #[doc = concat!($what, " of all elements.")]
        $(#[doc = ""] #[doc = $more])*
        #[track_caller]
        #[must_use]
        pub fn $name(&self, $($arg: $A),*) -> Array<$R, Ix0> {
            let key = Identity::of(($(<$A>::to_bits($arg),)*));
            let fold = Arc::new(Folded::<T, $R, _>::new(stringify!($name), key, $fold));
            self.reduced(&self.every_axis(), fold, $needs, Location::caller())
        }

        #[doc = concat!($what, " along an axis, which the result does not have.")]
        #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), ") says more.")]
        #[track_caller]
        #[must_use]
        pub fn $axis(&self, axis: usize, $($arg: $A),*) -> Array<$R, D::Smaller>
        where
            D: RemoveAxis,
        {
            let key = Identity::of(($(<$A>::to_bits($arg),)*));
            let fold = Arc::new(Folded::<T, $R, _>::new(stringify!($name), key, $fold));
            self.reduced(&[axis], fold, $needs, Location::caller())
        }

        #[doc = concat!($what, " along several axes, which the result does not have.")]
        #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), ") says more.")]
        #[track_caller]
        #[must_use]
        pub fn $axes(&self, axes: &[usize], $($arg: $A),*) -> Array<$R, IxDyn> {
            let key = Identity::of(($(<$A>::to_bits($arg),)*));
            let fold = Arc::new(Folded::<T, $R, _>::new(stringify!($name), key, $fold));
            self.reduced(axes, fold, $needs, Location::caller())
        }
    };
}

impl<T: Summable, D: Dimension> Array<T, D> {
    reduction!(sum sum_axis sum_axes () -> T::Sum, false, Sum, "The sum",
        "Integers are added up in 64 bits, where they wrap; `f32` in `f64`, rounded once. The sum of none is 0.");
    reduction!(prod prod_axis prod_axes () -> T::Sum, false, Prod, "The product",
        "As [`sum`](Self::sum): integers in 64 bits, `f32` in `f64`. The product of none is 1.");
}

impl<T: Averageable, D: Dimension> Array<T, D> {
    reduction!(mean mean_axis mean_axes () -> T::Mean, false, Mean, "The mean",
        "That of integers is an `f64`. The mean of none is NaN.");
    reduction!(nanmean nanmean_axis nanmean_axes () -> T::Mean, false, NanMean,
        "The mean, NaN left out,", "The mean of none is NaN.");
}

impl<T: Averageable<Wide = f64>, D: Dimension> Array<T, D> {
    reduction!(var var_axis var_axes (ddof: f64) -> T::Mean, false, Var { ddof, skips_nan: false },
        "The variance",
        "The squares of the distances from the mean are added up and divided by the number of elements less `ddof`. \
         An offset of the elements costs no digits: chunks are merged by their means (Chan, Golub and LeVeque, 1983).",
        "```\nuse tenfold_array::Array;\n\nlet x = Array::arange(0..5_i64, 2) + 1_000_000_000;\n\
         assert_eq!(x.var(0.0).compute()?.into_scalar(), 2.0);\nassert_eq!(x.var(1.0).compute()?.into_scalar(), 2.5);\n\
         # Ok::<(), tenfold_array::Error>(())\n```");
    reduction!(std std_axis std_axes (ddof: f64) -> T::Mean, false, Std(Var { ddof, skips_nan: false }),
        "The standard deviation", "It is the root of [`var`](Self::var).");
    reduction!(nanvar nanvar_axis nanvar_axes (ddof: f64) -> T::Mean, false, Var { ddof, skips_nan: true },
        "The variance, NaN left out,", "As [`var`](Self::var); NaN where `ddof` leaves none.");
    reduction!(nanstd nanstd_axis nanstd_axes (ddof: f64) -> T::Mean, false, Std(Var { ddof, skips_nan: true }),
        "The standard deviation, NaN left out,", "It is the root of [`nanvar`](Self::nanvar).");
}

impl<T: Ordered, D: Dimension> Array<T, D> {
    reduction!(min min_axis min_axes () -> T, true, Extreme::<false> { skips_nan: false },
        "The least", "It is NaN if there is one. Of none there is no least: an error that names shape and axes.");
    reduction!(max max_axis max_axes () -> T, true, Extreme::<true> { skips_nan: false },
        "The greatest", "It is NaN if there is one. Of none there is no greatest: an error that names shape and axes.");
    reduction!(nanmin nanmin_axis nanmin_axes () -> T, true, Extreme::<false> { skips_nan: true },
        "The least, NaN left out,", "It is NaN if there is nothing else.");
    reduction!(nanmax nanmax_axis nanmax_axes () -> T, true, Extreme::<true> { skips_nan: true },
        "The greatest, NaN left out,", "It is NaN if there is nothing else.");
    reduction!(argmin argmin_axis argmin_axes () -> i64, true, Arg::<false> { skips_nan: false },
        "The place of the least",
        "Of several it is the first, and the first NaN if there is one. Along all or several axes it is counted in \
         row-major order of these.");
    reduction!(argmax argmax_axis argmax_axes () -> i64, true, Arg::<true> { skips_nan: false },
        "The place of the greatest",
        "Of several it is the first, and the first NaN if there is one. Along all or several axes it is counted in \
         row-major order of these.");
    reduction!(nanargmin nanargmin_axis nanargmin_axes () -> i64, true, Arg::<false> { skips_nan: true },
        "The place of the least, NaN left out,", "It is -1 if there is nothing else, where NumPy gives up on all of the array.");
    reduction!(nanargmax nanargmax_axis nanargmax_axes () -> i64, true, Arg::<true> { skips_nan: true },
        "The place of the greatest, NaN left out,", "It is -1 if there is nothing else, where NumPy gives up on all of the array.");
}

impl<T: Element, D: Dimension> Array<T, D> {
    reduction!(any any_axis any_axes () -> bool, false, Any, "The disjunction", "It is true if any of them is true, or not 0, as NaN is not. Of none it is false.");
    reduction!(all all_axis all_axes () -> bool, false, All, "The conjunction", "It is true if all of them are true, or not 0, as NaN is not. Of none it is true.");
    reduction!(count_nonzero count_nonzero_axis count_nonzero_axes () -> i64, false, Count, "The number of non-zeros", "Those count that are true, or not 0, as NaN is not.");

    /// A reduction of your own, along some axes: `see` takes an element into what was seen, `merge` what was seen of
    /// elements that come later, and `finish` makes the result of it and of the number of elements. `start` is
    /// nothing seen, and to merge it must change nothing. The name is as that of [`map_named`](Self::map_named).
    ///
    /// In which order elements are seen and merged depends on shape and chunks alone.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::arr0};
    ///
    /// let x = Array::arange(0..10_u32, 3);
    /// let lengths = x.reduce_with("or", &[0], 0_u32, |a, x| a | x, |a, b| a | b, |a, _| a);
    /// assert_eq!(lengths.compute()?, arr0(15).into_dyn());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn reduce_with<A, R>(
        &self,
        name: &str,
        axes: &[usize],
        start: A,
        see: impl Fn(A, T) -> A + Send + Sync + 'static,
        merge: impl Fn(A, A) -> A + Send + Sync + 'static,
        finish: impl Fn(A, usize) -> R + Send + Sync + 'static,
    ) -> Array<R, IxDyn>
    where
        A: Clone + Send + Sync + 'static,
        R: Element,
    {
        let fold = User::new(start, see, merge, finish);
        let fold = Arc::new(Folded::<T, R, _>::new(name, Identity::of("user"), fold));
        self.reduced(axes, fold, false, Location::caller())
    }
}
