//! `as`, of groups.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "they are what this file is for"
)]

use crate::simd::{Element, Lanes, Num, Simd};

/// Converts as Rust's `as` does: integers keep their low bits, floats are cut towards zero and
/// saturate, NaN becomes 0.
pub trait Cast<To: Element>: Element {
    /// One number.
    fn one(self) -> To;
    /// A group.
    fn wide<S: Simd>(x: Lanes<S, Self>) -> Lanes<S, To>;
}

/// What converts to every number.
pub trait ToNumbers:
    Cast<f32>
    + Cast<f64>
    + Cast<i8>
    + Cast<i16>
    + Cast<i32>
    + Cast<i64>
    + Cast<u8>
    + Cast<u16>
    + Cast<u32>
    + Cast<u64>
{
}

macro_rules! to_numbers {
    ($($E:ident)*) => {$(
        impl ToNumbers for $E {}
    )*};
}
to_numbers! { f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 bool }

/// Lane by lane.
macro_rules! lanewise {
    ($($From:ident => $($To:ident)*;)*) => {$($(
        impl Cast<$To> for $From {
            #[inline(always)]
            fn one(self) -> $To {
                self as $To
            }
            #[inline(always)]
            fn wide<S: Simd>(x: Lanes<S, $From>) -> Lanes<S, $To> {
                let from = x.to_array();
                let mut to = Lanes::splat(x.token(), $To::NIL).to_array();
                let mut i = 0;
                while i < S::LANES {
                    to.as_mut()[i] = from.as_ref()[i] as $To;
                    i += 1;
                }
                Lanes::from_array(x.token(), to)
            }
        }
    )*)*};
}
lanewise! {
    f32 => i8 i16 i64 u8 u16 u32 u64;
    f64 => i8 i16 u8 u16 u32 u64;
    i8 => f32 f64 i16 i32 i64 u8 u16 u32 u64;
    i16 => f32 f64 i8 i32 i64 u8 u16 u32 u64;
    i32 => i8 i16 u8 u16;
    i64 => f32 i8 i16 u8 u16;
    u8 => f32 f64 i8 i16 i32 i64 u16 u32 u64;
    u16 => f32 f64 i8 i16 i32 i64 u8 u32 u64;
    u32 => f32 i8 i16 u8 u16;
    u64 => f32 i8 i16 u8 u16;
}

/// By instructions, in one or two steps.
macro_rules! native {
    ($($From:ident => $To:ident: $($step:ident).+;)*) => {$(
        impl Cast<$To> for $From {
            #[inline(always)]
            fn one(self) -> $To {
                self as $To
            }
            #[inline(always)]
            fn wide<S: Simd>(x: Lanes<S, $From>) -> Lanes<S, $To> {
                x$(.$step())+
            }
        }
    )*};
}
native! {
    f32 => f64: to_f64; f64 => f32: to_f32; f32 => i32: to_i32; f64 => i32: to_i32;
    f64 => i64: to_i64; i32 => f32: to_f32; i32 => f64: to_f64; i64 => f64: to_f64;
    u64 => f64: to_f64; u32 => f64: to_f64; i32 => i64: to_i64; u32 => u64: to_u64;
    i64 => i32: to_i32; u64 => u32: to_u32; i64 => u64: to_u64; u64 => i64: to_i64;
    i32 => u32: to_u32; u32 => i32: to_i32; i32 => u64: to_i64.to_u64; u32 => i64: to_u64.to_i64;
    i64 => u32: to_u64.to_u32; u64 => i32: to_i64.to_i32;
}

macro_rules! same {
    ($($E:ident)*) => {$(
        impl Cast<$E> for $E {
            #[inline(always)]
            fn one(self) -> $E {
                self
            }
            #[inline(always)]
            fn wide<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
                x
            }
        }
    )*};
}
same! { f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 bool }

/// 1 for true.
macro_rules! from_bool {
    ($($To:ident)*) => {$(
        impl Cast<$To> for bool {
            #[inline(always)]
            fn one(self) -> $To {
                if self { $To::ONE } else { $To::ZERO }
            }
            #[inline(always)]
            fn wide<S: Simd>(x: Lanes<S, bool>) -> Lanes<S, $To> {
                let one = Lanes::splat(x.token(), $To::ONE);
                Lanes::select(x, one, Lanes::splat(x.token(), $To::ZERO))
            }
        }
    )*};
}
from_bool! { f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 }
