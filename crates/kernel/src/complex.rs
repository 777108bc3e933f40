//! The methods of complex numbers, of groups, and what they have with real numbers. What one number
//! gives is in [`one`], by the same text.
//!
//! The functions are made of those of real numbers by their formulas, and are good to some units in
//! the last place of the whole number, that is of the larger part.

mod functions;
pub mod one;
#[cfg(test)]
mod tests;

use num_complex::Complex;

use crate::simd::{Lanes, Mask, Real, Simd};
use crate::wide;

pub use functions::accurate::{
    arg, cis, cos, cosh, exp, from_polar, ln, norm, powc, powf, sin, sinh, sqrt, tan, tanh,
};
/// For `math = fast`.
pub use functions::fast;

type Z<S, T> = Lanes<S, Complex<T>>;

#[inline(always)]
pub fn new<S: Simd, T: Real>(re: Lanes<S, T>, im: Lanes<S, T>) -> Z<S, T> {
    Z::complex(re, im)
}

#[inline(always)]
pub fn re<S: Simd, T: Real>(z: Z<S, T>) -> Lanes<S, T> {
    z.re()
}

#[inline(always)]
pub fn im<S: Simd, T: Real>(z: Z<S, T>) -> Lanes<S, T> {
    z.im()
}

#[inline(always)]
pub fn norm_sqr<S: Simd, T: Real>(z: Z<S, T>) -> Lanes<S, T> {
    z.re() * z.re() + z.im() * z.im()
}

#[inline(always)]
pub fn conj<S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    new(z.re(), -z.im())
}

/// 1 / z
#[inline(always)]
pub fn inv<S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    real_div(Lanes::splat(z.token(), T::ONE), z)
}

/// Whether a part is NaN.
#[inline(always)]
pub fn is_nan<S: Simd, T: Real>(z: Z<S, T>) -> Mask<S> {
    z.re().is_nan() | z.im().is_nan()
}

/// Whether both parts are finite.
#[inline(always)]
pub fn is_finite<S: Simd, T: Real>(z: Z<S, T>) -> Mask<S> {
    wide::is_finite(z.re()) & wide::is_finite(z.im())
}

/// Whether a part is infinite and none is NaN.
#[inline(always)]
pub fn is_infinite<S: Simd, T: Real>(z: Z<S, T>) -> Mask<S> {
    !is_nan(z) & !is_finite(z)
}

#[inline(always)]
pub fn add_real<S: Simd, T: Real>(z: Z<S, T>, x: Lanes<S, T>) -> Z<S, T> {
    new(z.re() + x, z.im())
}

#[inline(always)]
pub fn sub_real<S: Simd, T: Real>(z: Z<S, T>, x: Lanes<S, T>) -> Z<S, T> {
    new(z.re() - x, z.im())
}

#[inline(always)]
pub fn mul_real<S: Simd, T: Real>(z: Z<S, T>, x: Lanes<S, T>) -> Z<S, T> {
    new(z.re() * x, z.im() * x)
}

#[inline(always)]
pub fn div_real<S: Simd, T: Real>(z: Z<S, T>, x: Lanes<S, T>) -> Z<S, T> {
    new(z.re() / x, z.im() / x)
}

#[inline(always)]
pub fn real_add<S: Simd, T: Real>(x: Lanes<S, T>, z: Z<S, T>) -> Z<S, T> {
    new(x + z.re(), z.im())
}

#[inline(always)]
pub fn real_sub<S: Simd, T: Real>(x: Lanes<S, T>, z: Z<S, T>) -> Z<S, T> {
    new(x - z.re(), Lanes::splat(x.token(), T::ZERO) - z.im())
}

#[inline(always)]
pub fn real_mul<S: Simd, T: Real>(x: Lanes<S, T>, z: Z<S, T>) -> Z<S, T> {
    new(x * z.re(), x * z.im())
}

/// As `(x + 0i) / z`.
#[inline(always)]
pub fn real_div<S: Simd, T: Real>(x: Lanes<S, T>, z: Z<S, T>) -> Z<S, T> {
    new(x, Lanes::splat(x.token(), T::ZERO)) / z
}

/// For `math = contract` and `fast`: what is rounded once where that is an instruction.
pub mod fused {
    use super::{Complex, Lanes, Real, Simd, Z, new};

    /// `x * y`
    #[inline(always)]
    pub fn mul<S: Simd, T: Real>(x: Z<S, T>, y: Z<S, T>) -> Z<S, T> {
        new(x.re().contract(y.re(), -(x.im() * y.im())), x.re().contract(y.im(), x.im() * y.re()))
    }

    /// `x * y + z`
    #[inline(always)]
    pub fn contract<S: Simd, T: Real>(x: Z<S, T>, y: Z<S, T>, z: Z<S, T>) -> Z<S, T> {
        new(
            x.re().contract(y.re(), (-x.im()).contract(y.im(), z.re())),
            x.re().contract(y.im(), x.im().contract(y.re(), z.im())),
        )
    }

    /// `x * y + z` with a real `y`.
    #[inline(always)]
    pub fn contract_real<S: Simd, T: Real>(x: Z<S, T>, y: Lanes<S, T>, z: Z<S, T>) -> Z<S, T> {
        new(x.re().contract(y, z.re()), x.im().contract(y, z.im()))
    }

    #[inline(always)]
    pub fn norm_sqr<S: Simd, T: Real>(z: Lanes<S, Complex<T>>) -> Lanes<S, T> {
        z.re().contract(z.re(), z.im() * z.im())
    }
}
