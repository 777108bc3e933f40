//! What all functions are made of: polynomials, constants, signs.

use crate::simd::{Lanes, Mask, Num, Real, Simd};

/// `c` in every lane of something like `x`.
#[inline(always)]
pub(super) fn like<S: Simd, T: Num>(x: Lanes<S, T>, c: T) -> Lanes<S, T> {
    Lanes::splat(x.token(), c)
}

/// `c[0] + c[1] x + c[2] x^2 ...` by Horner's rule. Groups are independent of each other, so that
/// the processor overlaps them and the chain of dependent steps costs nothing.
#[inline(always)]
pub(super) fn poly<S: Simd, T: Real, const N: usize>(x: Lanes<S, T>, c: &[T; N]) -> Lanes<S, T> {
    let mut sum = like(x, c[N - 1]);
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum.mul_add(x, like(x, c[i]));
    }
    sum
}

/// As `poly`, for fast functions: an addition and a multiplication where one instruction for both is
/// missing.
#[inline(always)]
pub(super) fn fast_poly<S: Simd, T: Real, const N: usize>(
    x: Lanes<S, T>,
    c: &[T; N],
) -> Lanes<S, T> {
    let mut sum = like(x, c[N - 1]);
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum.contract(x, like(x, c[i]));
    }
    sum
}

/// `x * a + b`, rounded once.
#[inline(always)]
pub(super) fn fma<S: Simd, T: Real>(x: Lanes<S, T>, a: T, b: Lanes<S, T>) -> Lanes<S, T> {
    x.mul_add(like(x, a), b)
}

/// `low` below it, `high` above it, else `x`; NaN stays.
#[inline(always)]
pub(super) fn clamp<S: Simd, T: Real>(x: Lanes<S, T>, low: T, high: T) -> Lanes<S, T> {
    let (low, high) = (like(x, low), like(x, high));
    let x = Lanes::select(high.lt(x), high, x);
    Lanes::select(x.lt(low), low, x)
}

/// `high` above it, else `x`; NaN stays.
#[inline(always)]
pub(super) fn at_most<S: Simd, T: Real>(x: Lanes<S, T>, high: T) -> Lanes<S, T> {
    let high = like(x, high);
    Lanes::select(high.lt(x), high, x)
}

/// `x`, clamped if any of it is `usual` or larger in size: a test costs less than a clamp.
#[inline(always)]
pub(super) fn within<S: Simd, T: Real>(x: Lanes<S, T>, usual: T, low: T, high: T) -> Lanes<S, T> {
    if x.abs().lt(like(x, usual)).all() { x } else { clamp(x, low, high) }
}

/// The sign of `x`, alone among zeros.
#[inline(always)]
pub(super) fn sign<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T::Bits> {
    x.to_bits().and((-like(x, T::ZERO)).to_bits())
}

/// `x` with its sign flipped where `sign`, a sign alone, is minus.
#[inline(always)]
pub(super) fn flip<S: Simd, T: Real>(x: Lanes<S, T>, sign: Lanes<S, T::Bits>) -> Lanes<S, T> {
    Lanes::from_bits(x.to_bits().xor(sign))
}

/// Finite and above 0.
#[inline(always)]
pub(super) fn positive<S: Simd, T: Real>(x: Lanes<S, T>) -> Mask<S> {
    x.gt(like(x, T::ZERO)) & x.lt(like(x, T::INFINITY))
}
