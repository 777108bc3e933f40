//! Sine and cosine of a part of a whole turn, which is reduced without any error.
//!
//! All bits of an integer are a whole turn. The top bit says which half of it, the others how far
//! into that; taken as a signed number, they are the way from the nearest half turn.

use super::poly::{flip, poly};
use super::trig::{FAST_SIN, FAST_SIN_F32};
use crate::simd::{Int, Lanes, Simd};

/// `[cos, sin]` of `2 pi x / 2^BITS`, within some units in the last place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn;

impl Turn {
    #[inline(always)]
    pub(crate) fn f32<S: Simd>(x: Lanes<S, u32>) -> [Lanes<S, f32>; 2] {
        [sine_f32(x + (1 << 30)), sine_f32(x)]
    }

    #[inline(always)]
    pub(crate) fn f64<S: Simd>(x: Lanes<S, u64>) -> [Lanes<S, f64>; 2] {
        [sine_f64(x + (1 << 62)), sine_f64(x)]
    }
}

/// Whether the nearest half turn is an odd one, as a sign.
#[inline(always)]
fn sign<S: Simd, T: Int>(x: Lanes<S, T>, doubled: Lanes<S, T>) -> Lanes<S, T> {
    let top = Lanes::splat(x.token(), T::ONE).shl_by(T::BITS - 1);
    x.xor(doubled).and(top)
}

#[inline(always)]
fn sine_f64<S: Simd>(x: Lanes<S, u64>) -> Lanes<S, f64> {
    let doubled = x.shl_by(1);
    let r = doubled.to_i64().to_f64() * (std::f64::consts::PI / 18_446_744_073_709_551_616.0);
    let z = r * r;
    flip((z * r).mul_add(poly(z, &FAST_SIN), r), sign(x, doubled))
}

#[inline(always)]
fn sine_f32<S: Simd>(x: Lanes<S, u32>) -> Lanes<S, f32> {
    let doubled = x.shl_by(1);
    let r = doubled.to_i32().to_f32() * (std::f32::consts::PI / 4_294_967_296.0);
    let z = r * r;
    flip((z * r).mul_add(poly(z, &FAST_SIN_F32), r), sign(x, doubled))
}
