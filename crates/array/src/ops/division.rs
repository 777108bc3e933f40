//! Division that leaves whole numbers, and what remains of it.

use std::panic::Location;

use ndarray::Dimension;

use super::Arithmetic;
use super::operand::Operand;
use crate::array::Array;

/// Numbers that are divided with a remainder: integers, where dividing by 0 gives 0, and floats.
pub trait Division: Arithmetic {
    #[doc(hidden)]
    fn floored(self, by: Self) -> Self;
    #[doc(hidden)]
    fn floored_rest(self, by: Self) -> Self;
    #[doc(hidden)]
    fn euclidean_rest(self, by: Self) -> Self;
}

macro_rules! unsigned {
    ($($T:ty),*) => {$(
        impl Division for $T {
            #[inline]
            fn floored(self, by: Self) -> Self { self.over(by) }
            #[inline]
            fn floored_rest(self, by: Self) -> Self { self.modulo(by) }
            #[inline]
            fn euclidean_rest(self, by: Self) -> Self { self.modulo(by) }
        }
    )*};
}
unsigned!(u8, u16, u32, u64);

macro_rules! signed {
    ($($T:ty),*) => {$(
        impl Division for $T {
            #[inline]
            fn floored(self, by: Self) -> Self {
                let rest = self.modulo(by);
                self.over(by) - Self::from(rest != 0 && (rest < 0) != (by < 0))
            }
            #[inline]
            fn floored_rest(self, by: Self) -> Self {
                let rest = self.modulo(by);
                if rest != 0 && (rest < 0) != (by < 0) { rest + by } else { rest }
            }
            #[inline]
            fn euclidean_rest(self, by: Self) -> Self {
                if by == 0 { 0 } else { self.wrapping_rem_euclid(by) }
            }
        }
    )*};
}
signed!(i8, i16, i32, i64);

macro_rules! floats {
    ($($T:ty),*) => {$(
        impl Division for $T {
            fn floored(self, by: Self) -> Self {
                if by == 0.0 {
                    return self / by;
                }
                let rest = self % by;
                let is_above = rest != 0.0 && (rest < 0.0) != (by < 0.0);
                let quotient = (self - rest) / by - if is_above { 1.0 } else { 0.0 };
                if quotient == 0.0 {
                    return (0.0 as $T).copysign(self / by);
                }
                let floor = quotient.floor();
                if quotient - floor > 0.5 { floor + 1.0 } else { floor }
            }
            fn floored_rest(self, by: Self) -> Self {
                let rest = self % by;
                if rest == 0.0 {
                    return rest.copysign(by);
                }
                if (rest < 0.0) != (by < 0.0) { rest + by } else { rest }
            }
            fn euclidean_rest(self, by: Self) -> Self {
                self.rem_euclid(by)
            }
        }
    )*};
}
floats!(f32, f64);

impl<T: Division, D: Dimension> Array<T, D> {
    /// The quotient by an array or a number, rounded down, as `//` of NumPy. Integers by 0 give 0.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![7, -7], "auto");
    /// assert_eq!(x.floor_div(2).compute()?, array![3, -4]);
    /// assert_eq!(x.modulo(-2).compute()?, array![-1, -1]);
    /// assert_eq!(x.rem_euclid(-2).compute()?, array![1, 1]);
    /// assert_eq!((x % -2).compute()?, array![1, -1]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn floor_div<O: Operand<T, D>>(&self, by: O) -> Array<T, O::Dim> {
        self.with(by, "floor_div", T::floored, Location::caller())
    }

    /// What remains of [`floor_div`](Self::floor_div): it has the sign of the divisor, as `%` of NumPy. The
    /// operator `%` of arrays is Rust's, and gives it the sign of the dividend, as `fmod` of NumPy.
    #[track_caller]
    #[must_use]
    pub fn modulo<O: Operand<T, D>>(&self, by: O) -> Array<T, O::Dim> {
        self.with(by, "modulo", T::floored_rest, Location::caller())
    }

    /// The remainder that is never negative.
    #[track_caller]
    #[must_use]
    pub fn rem_euclid<O: Operand<T, D>>(&self, by: O) -> Array<T, O::Dim> {
        self.with(by, "rem_euclid", T::euclidean_rest, Location::caller())
    }
}
