//! Which elements are less, equal, or no numbers.

use std::panic::Location;

use ndarray::Dimension;

use super::operand::Operand;
use crate::array::Array;
use crate::element::Element;
use crate::hash::Identity;

/// A comparison with an array, which is broadcast, or a number.
macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $f:expr;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $name<O: Operand<T, D>>(&self, other: O) -> Array<bool, O::Dim> {
            self.with(other, stringify!($name), $f, Location::caller())
        }
    )*};
}

/// Comparisons have NumPy's names, and give arrays: those of `PartialOrd` and `PartialEq` give one `bool`.
impl<T: Element, D: Dimension> Array<T, D> {
    comparisons! {
        /// Where elements are equal to those of an array or to a number. NaN is equal to nothing.
        ///
        /// ```
        /// use tenfold_array::{Array, ndarray::array};
        ///
        /// let x = Array::arange(0..3_i64, 2);
        /// assert_eq!(x.equal(1).compute()?, array![false, true, false]);
        /// assert_eq!(x.equal(&x).compute()?, array![true, true, true]);
        /// # Ok::<(), tenfold_array::Error>(())
        /// ```
        equal |a, b| a == b;
        /// Where elements are not equal.
        not_equal |a, b| a != b;
    }
}

impl<T: Element + PartialOrd, D: Dimension> Array<T, D> {
    comparisons! {
        /// Where elements are less than those of an array or a number. Nothing is less than NaN, nor NaN than
        /// anything.
        ///
        /// ```
        /// use tenfold_array::{Array, ndarray::array};
        ///
        /// let x = Array::arange(0..3_i64, 2);
        /// assert_eq!(x.less(1).compute()?, array![true, false, false]);
        /// # Ok::<(), tenfold_array::Error>(())
        /// ```
        less |a, b| a < b;
        /// Where elements are less or equal.
        less_equal |a, b| a <= b;
        /// Where elements are greater.
        greater |a, b| a > b;
        /// Where elements are greater or equal.
        greater_equal |a, b| a >= b;
    }
}

/// Numbers that need not be finite: floats, and the complex numbers of them.
pub trait MaybeFinite: Element {
    #[doc(hidden)]
    fn nan(self) -> bool;
    #[doc(hidden)]
    fn infinite(self) -> bool;
}

macro_rules! maybe_finite {
    ($($T:ty),*) => {$(
        impl MaybeFinite for $T {
            #[inline]
            fn nan(self) -> bool { self.is_nan() }
            #[inline]
            fn infinite(self) -> bool { self.is_infinite() }
        }
    )*};
}
maybe_finite!(f32, f64, num_complex::Complex32, num_complex::Complex64);

impl<T: MaybeFinite, D: Dimension> Array<T, D> {
    /// Where there is no number: a complex one is none if one of its parts is.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0, f64::NAN, f64::INFINITY], "auto");
    /// assert_eq!(x.is_nan().compute()?, array![false, true, false]);
    /// assert_eq!(x.is_finite().compute()?, array![true, false, false]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn is_nan(&self) -> Array<bool, D> {
        self.unary("is_nan", Identity::of(()), T::nan, Location::caller())
    }

    /// Where there is an infinity.
    #[track_caller]
    #[must_use]
    pub fn is_infinite(&self) -> Array<bool, D> {
        self.unary("is_infinite", Identity::of(()), T::infinite, Location::caller())
    }

    /// Where there is neither an infinity nor no number.
    #[track_caller]
    #[must_use]
    pub fn is_finite(&self) -> Array<bool, D> {
        let f = |x: T| !x.nan() && !x.infinite();
        self.unary("is_finite", Identity::of(()), f, Location::caller())
    }
}
