//! The functions of one number, to the bits of those of groups.

use super::{Binary, Unary};
use crate::simd::{Body, Lanes, Portable, Real};

/// One lane.
const ONE: Portable<1> = Portable::<1>;

#[inline(always)]
fn unary_plain<F: Unary, T: Real>(x: T) -> T {
    T::unary::<Portable<1>, F>(Lanes::splat(ONE, x)).lane(0)
}

#[inline(always)]
fn binary_plain<F: Binary, T: Real>(x: T, y: T) -> T {
    T::binary::<Portable<1>, F>(Lanes::splat(ONE, x), Lanes::splat(ONE, y)).lane(0)
}

/// `mul_add` is an instruction here, not a function call.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn unary_fused<F: Unary, T: Real>(x: T) -> T {
    unary_plain::<F, T>(x)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn binary_fused<F: Binary, T: Real>(x: T, y: T) -> T {
    binary_plain::<F, T>(x, y)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_fused<B: Body>(body: B) -> B::Output {
    body.run(ONE)
}

/// A body of one lane, where `mul_add` is an instruction if there is one.
#[inline]
pub fn run<B: Body>(body: B) -> B::Output {
    #[cfg(target_arch = "x86_64")]
    if crate::simd::V3::detect().is_some() {
        // SAFETY: V3 has both instruction sets.
        return unsafe { run_fused(body) };
    }
    body.run(ONE)
}

/// `F` of one number.
#[inline]
pub fn unary<F: Unary, T: Real>(x: T) -> T {
    #[cfg(target_arch = "x86_64")]
    if crate::simd::V3::detect().is_some() {
        // SAFETY: V3 has both instruction sets.
        return unsafe { unary_fused::<F, T>(x) };
    }
    unary_plain::<F, T>(x)
}

/// `F` of two numbers.
#[inline]
pub fn binary<F: Binary, T: Real>(x: T, y: T) -> T {
    #[cfg(target_arch = "x86_64")]
    if crate::simd::V3::detect().is_some() {
        // SAFETY: V3 has both instruction sets.
        return unsafe { binary_fused::<F, T>(x, y) };
    }
    binary_plain::<F, T>(x, y)
}
