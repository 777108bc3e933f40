//! The operators of numbers.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::panic::Location;

use ndarray::{DimMax, Dimension};
use num_complex::{Complex, Complex32, Complex64};

use super::operand::key_of;
use crate::array::Array;
use crate::element::Element;
use crate::hash::Identity;

/// Numbers with `+`, `-`, `*`, `/` and `%`. Those of integers wrap, and dividing one by 0 gives 0, as in NumPy.
pub trait Arithmetic: Element {
    #[doc(hidden)]
    fn plus(self, other: Self) -> Self;
    #[doc(hidden)]
    fn minus(self, other: Self) -> Self;
    #[doc(hidden)]
    fn times(self, other: Self) -> Self;
    #[doc(hidden)]
    fn over(self, other: Self) -> Self;
    #[doc(hidden)]
    fn modulo(self, other: Self) -> Self;
    #[doc(hidden)]
    fn negated(self) -> Self;
}

macro_rules! integers {
    ($($T:ty),*) => {$(
        impl Arithmetic for $T {
            #[inline]
            fn plus(self, other: Self) -> Self { self.wrapping_add(other) }
            #[inline]
            fn minus(self, other: Self) -> Self { self.wrapping_sub(other) }
            #[inline]
            fn times(self, other: Self) -> Self { self.wrapping_mul(other) }
            #[inline]
            fn over(self, other: Self) -> Self { if other == 0 { 0 } else { self.wrapping_div(other) } }
            #[inline]
            fn modulo(self, other: Self) -> Self { if other == 0 { 0 } else { self.wrapping_rem(other) } }
            #[inline]
            fn negated(self) -> Self { self.wrapping_neg() }
        }
    )*};
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! others {
    ($($T:ty, $over:expr),*) => {$(
        impl Arithmetic for $T {
            #[inline]
            fn plus(self, other: Self) -> Self { self + other }
            #[inline]
            fn minus(self, other: Self) -> Self { self - other }
            #[inline]
            fn times(self, other: Self) -> Self { self * other }
            #[inline]
            fn over(self, other: Self) -> Self { ($over)(self, other) }
            #[inline]
            fn modulo(self, other: Self) -> Self { self % other }
            #[inline]
            fn negated(self) -> Self { -self }
        }
    )*};
}
others!(f32, f32::div, f64, f64::div, Complex32, quotient_f32, Complex64, quotient_f64);

/// The quotient of complex numbers by the operations of NumPy: no squares are taken of the divisor's parts, which would
/// be infinite, or 0, long before they are (Smith, 1962).
macro_rules! quotient {
    ($($name:ident: $P:ty),*) => {$(
        #[inline]
        fn $name(a: Complex<$P>, b: Complex<$P>) -> Complex<$P> {
            if b.re.abs() >= b.im.abs() {
                if b.re == 0.0 && b.im == 0.0 {
                    return Complex::new(a.re / b.re.abs(), a.im / b.re.abs());
                }
                let ratio = b.im / b.re;
                let scale = 1.0 / (b.re + b.im * ratio);
                return Complex::new((a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale);
            }
            let ratio = b.re / b.im;
            let scale = 1.0 / (b.im + b.re * ratio);
            Complex::new((a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale)
        }
    )*};
}
quotient!(quotient_f32: f32, quotient_f64: f64);

/// An operator between arrays, owned or not, and with a number on the right.
macro_rules! operator {
    ($Bound:ident, $Trait:ident, $method:ident, $name:literal, $function:ident: $($N:ty),*) => {
        impl<T: $Bound, D: Dimension + DimMax<E>, E: Dimension> $Trait<&Array<T, E>> for &Array<T, D> {
            type Output = Array<T, <D as DimMax<E>>::Output>;
            #[track_caller]
            fn $method(self, other: &Array<T, E>) -> Self::Output {
                self.binary(other, $name, Identity::of(()), T::$function, Location::caller())
            }
        }

        impl<T: $Bound, D: Dimension + DimMax<E>, E: Dimension> $Trait<Array<T, E>> for &Array<T, D> {
            type Output = Array<T, <D as DimMax<E>>::Output>;
            #[track_caller]
            fn $method(self, other: Array<T, E>) -> Self::Output {
                self.$method(&other)
            }
        }

        impl<T: $Bound, D: Dimension + DimMax<E>, E: Dimension> $Trait<&Array<T, E>> for Array<T, D> {
            type Output = Array<T, <D as DimMax<E>>::Output>;
            #[track_caller]
            fn $method(self, other: &Array<T, E>) -> Self::Output {
                (&self).$method(other)
            }
        }

        impl<T: $Bound, D: Dimension + DimMax<E>, E: Dimension> $Trait<Array<T, E>> for Array<T, D> {
            type Output = Array<T, <D as DimMax<E>>::Output>;
            #[track_caller]
            fn $method(self, other: Array<T, E>) -> Self::Output {
                (&self).$method(&other)
            }
        }

        impl<T: $Bound, D: Dimension> $Trait<T> for &Array<T, D> {
            type Output = Array<T, D>;
            #[track_caller]
            fn $method(self, number: T) -> Self::Output {
                self.unary($name, key_of(number), move |element| <T as $Bound>::$function(element, number), Location::caller())
            }
        }

        impl<T: $Bound, D: Dimension> $Trait<T> for Array<T, D> {
            type Output = Array<T, D>;
            #[track_caller]
            fn $method(self, number: T) -> Self::Output {
                (&self).$method(number)
            }
        }

        operator!(number $Bound, $Trait, $method, $name, $function: $($N),*);
    };
    (number $Bound:ident, $Trait:ident, $method:ident, $name:literal, $function:ident: $($T:ty),*) => {$(
        impl<D: Dimension> $Trait<&Array<$T, D>> for $T {
            type Output = Array<$T, D>;
            #[track_caller]
            fn $method(self, array: &Array<$T, D>) -> Self::Output {
                let key = Identity::of(("number first", <$T as crate::element::Sealed>::as_bytes(&[self])));
                array.unary($name, key, move |element| <$T as $Bound>::$function(self, element), Location::caller())
            }
        }

        impl<D: Dimension> $Trait<Array<$T, D>> for $T {
            type Output = Array<$T, D>;
            #[track_caller]
            fn $method(self, array: Array<$T, D>) -> Self::Output {
                self.$method(&array)
            }
        }
    )*};
}
pub(super) use operator;

operator!(Arithmetic, Add, add, "add", plus: i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, Complex32, Complex64);
operator!(Arithmetic, Sub, sub, "sub", minus: i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, Complex32, Complex64);
operator!(Arithmetic, Mul, mul, "mul", times: i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, Complex32, Complex64);
operator!(Arithmetic, Div, div, "div", over: i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, Complex32, Complex64);
operator!(Arithmetic, Rem, rem, "rem", modulo: i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, Complex32, Complex64);

impl<T: Arithmetic, D: Dimension> Neg for &Array<T, D> {
    type Output = Array<T, D>;
    #[track_caller]
    fn neg(self) -> Self::Output {
        self.unary("neg", Identity::of(()), T::negated, Location::caller())
    }
}

impl<T: Arithmetic, D: Dimension> Neg for Array<T, D> {
    type Output = Self;
    #[track_caller]
    fn neg(self) -> Self {
        -&self
    }
}
