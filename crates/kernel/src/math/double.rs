//! Sums and products that keep what rounding loses.

use crate::simd::{Lanes, Real, Simd};

/// `a + b` and what its rounding lost, for `|a| >= |b|` or `a = 0`.
#[inline(always)]
pub(super) fn fast_two_sum<S: Simd, T: Real>(
    a: Lanes<S, T>,
    b: Lanes<S, T>,
) -> (Lanes<S, T>, Lanes<S, T>) {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// `a + b` and what its rounding lost.
#[inline(always)]
pub(super) fn two_sum<S: Simd, T: Real>(
    a: Lanes<S, T>,
    b: Lanes<S, T>,
) -> (Lanes<S, T>, Lanes<S, T>) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// `a * b` and what its rounding lost.
#[inline(always)]
pub(super) fn two_product<S: Simd, T: Real>(
    a: Lanes<S, T>,
    b: Lanes<S, T>,
) -> (Lanes<S, T>, Lanes<S, T>) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// `over / under` of numbers in two parts, rounded to one.
#[inline(always)]
pub(super) fn quotient<S: Simd, T: Real>(
    over: (Lanes<S, T>, Lanes<S, T>),
    under: (Lanes<S, T>, Lanes<S, T>),
) -> Lanes<S, T> {
    let inverse = Lanes::splat(over.0.token(), T::ONE) / under.0;
    let quotient = over.0 * inverse;
    let rest = (-quotient).mul_add(under.0, over.0);
    let rest = (-quotient).mul_add(under.1, rest + over.1);
    rest.mul_add(inverse, quotient)
}
