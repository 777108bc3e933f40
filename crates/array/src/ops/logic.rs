//! Logic of bools, and bits of integers.

use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Shr};
use std::panic::Location;

use ndarray::{DimMax, Dimension};

use super::arithmetic::operator;
use super::operand::key_of;
use crate::array::Array;
use crate::element::Element;
use crate::hash::Identity;

/// What has bits: `bool`, with logic, and the integers. For `&`, `|`, `^` and `!`.
pub trait Bits: Element {
    #[doc(hidden)]
    fn and(self, other: Self) -> Self;
    #[doc(hidden)]
    fn or(self, other: Self) -> Self;
    #[doc(hidden)]
    fn xor(self, other: Self) -> Self;
    #[doc(hidden)]
    fn inverted(self) -> Self;
}

/// Integers, whose bits `<<` and `>>` shift. By as many bits as there are, or more, or fewer than none, all of them
/// leave, as in NumPy: 0 remains, or -1 of a negative number to the right.
pub trait Shift: Bits {
    #[doc(hidden)]
    fn left(self, by: Self) -> Self;
    #[doc(hidden)]
    fn right(self, by: Self) -> Self;
}

macro_rules! bits {
    ($($T:ty),*) => {$(
        impl Bits for $T {
            #[inline]
            fn and(self, other: Self) -> Self { self & other }
            #[inline]
            fn or(self, other: Self) -> Self { self | other }
            #[inline]
            fn xor(self, other: Self) -> Self { self ^ other }
            #[inline]
            fn inverted(self) -> Self { !self }
        }
    )*};
}
bits!(bool, i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! shift {
    ($($T:ty: $gone:expr;)*) => {$(
        impl Shift for $T {
            #[inline]
            fn left(self, by: Self) -> Self {
                u32::try_from(by).ok().and_then(|by| self.checked_shl(by)).unwrap_or(0)
            }
            #[inline]
            fn right(self, by: Self) -> Self {
                u32::try_from(by).ok().and_then(|by| self.checked_shr(by)).unwrap_or(($gone)(self))
            }
        }
    )*};
}
shift! {
    i8: |x| x >> 7; i16: |x| x >> 15; i32: |x| x >> 31; i64: |x| x >> 63;
    u8: |_| 0; u16: |_| 0; u32: |_| 0; u64: |_| 0;
}

operator!(Bits, BitAnd, bitand, "and", and: bool, i8, i16, i32, i64, u8, u16, u32, u64);
operator!(Bits, BitOr, bitor, "or", or: bool, i8, i16, i32, i64, u8, u16, u32, u64);
operator!(Bits, BitXor, bitxor, "xor", xor: bool, i8, i16, i32, i64, u8, u16, u32, u64);
operator!(Shift, Shl, shl, "shl", left: i8, i16, i32, i64, u8, u16, u32, u64);
operator!(Shift, Shr, shr, "shr", right: i8, i16, i32, i64, u8, u16, u32, u64);

impl<T: Bits, D: Dimension> Not for &Array<T, D> {
    type Output = Array<T, D>;
    #[track_caller]
    fn not(self) -> Self::Output {
        self.unary("not", Identity::of(()), T::inverted, Location::caller())
    }
}

impl<T: Bits, D: Dimension> Not for Array<T, D> {
    type Output = Self;
    #[track_caller]
    fn not(self) -> Self {
        !&self
    }
}
