//! Elements as those of other types.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;
use num_complex::{Complex, Complex32, Complex64};

use crate::array::Array;
use crate::element::Element;
use crate::hash::Identity;

/// What an `A` can be cast to: all elements can be, to all others.
pub trait CastFrom<A>: Element {
    #[doc(hidden)]
    fn cast_from(a: A) -> Self;
}

/// `as` between numbers, of which Rust says all that there is to say.
macro_rules! cast {
    ($($A:ty => $($B:ty),*;)*) => {$($(
        impl CastFrom<$A> for $B {
            #[expect(clippy::allow_attributes, reason = "for some of the pairs")]
            #[allow(
                trivial_numeric_casts,
                clippy::unnecessary_cast,
                clippy::cast_lossless,
                clippy::cast_possible_truncation,
                clippy::cast_possible_wrap,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "casts lose what they lose"
            )]
            #[inline]
            fn cast_from(a: $A) -> Self {
                a as $B
            }
        }
    )*)*};
}

/// From and to what is no plain number.
macro_rules! special {
    ($($A:ty),*) => {$(
        impl CastFrom<bool> for $A {
            #[inline]
            fn cast_from(a: bool) -> Self {
                Self::from(a)
            }
        }
        impl CastFrom<$A> for bool {
            #[inline]
            fn cast_from(a: $A) -> Self {
                a != <$A>::default()
            }
        }
        impl CastFrom<Complex32> for $A {
            #[inline]
            fn cast_from(a: Complex32) -> Self {
                CastFrom::cast_from(a.re)
            }
        }
        impl CastFrom<Complex64> for $A {
            #[inline]
            fn cast_from(a: Complex64) -> Self {
                CastFrom::cast_from(a.re)
            }
        }
    )*};
}

macro_rules! numbers {
    ($macro:ident: $($A:ty),*) => {
        $macro! { $($A => i8, i16, i32, i64, u8, u16, u32, u64, f32, f64;)* }
    };
}
numbers!(cast: i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);
special!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);

macro_rules! to_complex {
    ($Part:ty: $($A:ty),*) => {$(
        impl CastFrom<$A> for Complex<$Part> {
            #[inline]
            fn cast_from(a: $A) -> Self {
                Self::new(CastFrom::cast_from(a), 0.0)
            }
        }
    )*};
}
to_complex!(f32: bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);
to_complex!(f64: bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);

impl CastFrom<bool> for bool {
    fn cast_from(a: bool) -> Self {
        a
    }
}

macro_rules! from_complex {
    ($($A:ty),*) => {$(
        impl CastFrom<$A> for bool {
            #[inline]
            fn cast_from(a: $A) -> Self {
                a != <$A>::ZERO
            }
        }
        impl CastFrom<$A> for Complex32 {
            #[inline]
            fn cast_from(a: $A) -> Self {
                Self::new(CastFrom::cast_from(a.re), CastFrom::cast_from(a.im))
            }
        }
        impl CastFrom<$A> for Complex64 {
            #[inline]
            fn cast_from(a: $A) -> Self {
                Self::new(CastFrom::cast_from(a.re), CastFrom::cast_from(a.im))
            }
        }
    )*};
}
from_complex!(Complex32, Complex64);

impl<T: Element, D: Dimension> Array<T, D> {
    /// The elements as those of another type, as in NumPy: integers keep their lowest bits; floats lose what is
    /// behind the point; complex numbers lose their imaginary part; what is not 0 is true, NaN too.
    ///
    /// Floats beyond the range of an integer become the nearest one, and NaN becomes 0, on every machine; NumPy
    /// leaves that to C, which leaves it open.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.9, -1.9, 300.0, f64::NAN], "auto");
    /// assert_eq!(x.astype::<u8>().compute()?, array![1, 0, 255, 0]);
    /// assert_eq!(x.astype::<i32>().astype::<u8>().compute()?, array![1, 255, 44, 0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn astype<U: CastFrom<T>>(&self) -> Array<U, D> {
        if T::DTYPE == U::DTYPE {
            return Array::of(Arc::clone(&self.node));
        }
        self.unary("astype", Identity::of(()), U::cast_from, Location::caller())
    }
}
