//! Reductions that are made of others: a plan takes those of one array in one pass.

use std::panic::Location;

use ndarray::{Dimension, Ix0, IxDyn, RemoveAxis};

use super::broadcast::{broadcast, view};
use super::{Absolute, Arithmetic, Ordered, Real};
use crate::array::Array;
use crate::element::Element;
use crate::node::Origin;
use crate::reduce::Summable;
use crate::view::{AxisMap, View};

/// A reduction over all axes, over one, and over some, by a function of the array and the axes.
macro_rules! composed {
    (
        $name:ident $axis:ident $axes:ident ($($arg:ident: $A:ty),*) -> $R:ty, $f:ident,
        $what:literal $(, $more:literal)*
    ) => {
        #[doc = concat!($what, " of all elements.")]
        $(#[doc = ""] #[doc = $more])*
        #[track_caller]
        #[must_use]
        pub fn $name(&self, $($arg: $A),*) -> Array<$R, Ix0> {
            let all: Vec<usize> = (0..self.ndim()).collect();
            Array::of(self.clone().into_dyn().$f(&all, $($arg),*).node)
        }

        #[doc = concat!($what, " along an axis, which the result does not have.")]
        #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), ") says more.")]
        #[track_caller]
        #[must_use]
        pub fn $axis(&self, axis: usize, $($arg: $A),*) -> Array<$R, D::Smaller>
        where
            D: RemoveAxis,
        {
            Array::of(self.clone().into_dyn().$f(&[axis], $($arg),*).node)
        }

        #[doc = concat!($what, " along several axes, which the result does not have.")]
        #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), ") says more.")]
        #[track_caller]
        #[must_use]
        pub fn $axes(&self, axes: &[usize], $($arg: $A),*) -> Array<$R, IxDyn> {
            self.clone().into_dyn().$f(axes, $($arg),*)
        }
    };
}

impl<T: Ordered + Arithmetic, D: Dimension> Array<T, D> {
    composed!(ptp ptp_axis ptp_axes () -> T, range_of, "The greatest less the least",
        "Both are found in one pass.");
}

impl<T: Summable, D: Dimension> Array<T, D> {
    composed!(nansum nansum_axis nansum_axes () -> T::Sum, sum_of_numbers, "The sum, NaN left out,",
        "The sum of none is 0.");
    composed!(nanprod nanprod_axis nanprod_axes () -> T::Sum, prod_of_numbers,
        "The product, NaN left out,", "The product of none is 1.");

    /// The sums of the elements up to each along an axis, as [`cumsum`](Self::cumsum), NaN left out.
    #[track_caller]
    #[must_use]
    pub fn nancumsum(&self, axis: usize) -> Array<T::Sum, D> {
        self.without_nan(T::default(), Location::caller()).cumsum(axis)
    }

    /// The products of the elements up to each along an axis, as [`cumprod`](Self::cumprod), NaN left out.
    #[track_caller]
    #[must_use]
    pub fn nancumprod(&self, axis: usize) -> Array<T::Sum, D> {
        self.without_nan(T::UNIT, Location::caller()).cumprod(axis)
    }
}

impl<T: Real, D: Dimension> Array<T, D> {
    composed!(moment moment_axis moment_axes (order: i32) -> T, central_moment, "The central moment",
        "It is the mean of the distances from the mean to the power of `order`, in two passes.");
    composed!(logsumexp logsumexp_axis logsumexp_axes () -> T, log_of_sum,
        "The logarithm of the sum of the exponentials", "In two passes, the first for the greatest, so that nothing \
         overflows. Of none there is no greatest: an error.");
    composed!(average average_axis average_axes (weights: &Array<T, IxDyn>) -> T, weighted_mean,
        "The mean with weights", "The weights are broadcast to the shape. The sums of both are taken in one pass; \
         where the weights add up to 0 the mean is NaN or infinite.");
}

impl<T: Absolute<Abs: Real>, D: Dimension> Array<T, D> {
    composed!(norm norm_axis norm_axes () -> T::Abs, root_of_squares, "The Euclidean norm",
        "It is the root of the sum of the squares of the sizes; squares beyond the largest number are infinite.");
}

impl<T: Ordered + Arithmetic> Array<T, IxDyn> {
    #[track_caller]
    fn range_of(&self, axes: &[usize]) -> Self {
        self.max_axes(axes) - self.min_axes(axes)
    }
}

impl<T: Summable> Array<T, IxDyn> {
    #[track_caller]
    fn sum_of_numbers(&self, axes: &[usize]) -> Array<T::Sum, IxDyn> {
        self.without_nan(T::default(), Location::caller()).sum_axes(axes)
    }

    #[track_caller]
    fn prod_of_numbers(&self, axes: &[usize]) -> Array<T::Sum, IxDyn> {
        self.without_nan(T::UNIT, Location::caller()).prod_axes(axes)
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    fn without_nan(&self, instead: T, origin: Origin) -> Self {
        let f = move |x: T| if super::is_nan(x) { instead } else { x };
        self.unary("without_nan", super::operand::key_of(instead), f, origin)
    }
}

impl<T: Element> Array<T, IxDyn> {
    /// This reduction of `of` along some axes, which it has again, as often as `of` is long there.
    fn spread(&self, of: &Self, axes: &[usize], origin: Origin) -> Self {
        Self::or_invalid(origin, || {
            self.check()?;
            let axes = of.checked_axes(axes)?;
            let mut shape = of.shape();
            let kept = (0..shape.len()).filter(|axis| !axes.contains(axis));
            let maps = kept.map(|axis| AxisMap::Along { axis, start: 0, step: 1 }).collect();
            axes.iter().for_each(|&axis| shape[axis] = 1);
            let ones = view(&self.node, View { shape, maps }, origin);
            Ok(Self::of(broadcast(&ones, &of.shape(), origin)))
        })
    }
}

impl<T: Real> Array<T, IxDyn> {
    #[track_caller]
    fn central_moment(&self, axes: &[usize], order: i32) -> Self {
        let mean = self.mean_axes(axes).spread(self, axes, Location::caller());
        (self - &mean).powi(order).mean_axes(axes)
    }

    #[track_caller]
    fn log_of_sum(&self, axes: &[usize]) -> Self {
        let most = self.max_axes(axes);
        // An infinity less itself would be NaN.
        let most = most.is_finite().where_(&most, T::default());
        let sum = (self - &most.spread(self, axes, Location::caller())).exp().sum_axes(axes);
        sum.ln() + most
    }

    #[track_caller]
    fn weighted_mean(&self, axes: &[usize], weights: &Self) -> Self {
        let weights = weights.broadcast(self.shape().as_slice());
        (self * &weights).sum_axes(axes) / weights.sum_axes(axes)
    }
}

impl<T: Absolute<Abs: Real>> Array<T, IxDyn> {
    #[track_caller]
    fn root_of_squares(&self, axes: &[usize]) -> Array<T::Abs, IxDyn> {
        self.abs().square().sum_axes(axes).sqrt()
    }
}
