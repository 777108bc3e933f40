//! Roots.

use super::double::{fast_two_sum, two_product};
use super::poly::{flip, fma, like, poly, positive, sign};
use super::{Binary, Unary};
use crate::isa::Isa;
use crate::simd::{Lanes, Num, Real, Simd};

/// `1 / sqrt(x)`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rsqrt;
/// The cube root.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cbrt;
/// `sqrt(x^2 + y^2)`, without overflow on the way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hypot;

/// `m^(-1/3)`, minimax on `3/4 <= m <= 3/2`, relative: 2^-14.7.
const RCBRT: [f64; 5] = [
    1.838080367086798,
    -1.7212294348728332,
    1.3608499884067158,
    -0.5771946350749896,
    0.09945611345945046,
];

/// As `RCBRT`: 2^-11.9.
const RCBRT_F32: [f32; 4] = [1.6970673, -1.1886384, 0.62175715, -0.13028261];

/// `1 / sqrt(x)` for numbers whose square root's error is not too small to represent: the quotient,
/// corrected for the errors of the root and of the division.
#[inline(always)]
fn rsqrt<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    let root = x.sqrt();
    let y = like(x, T::ONE) / root;
    let root_error = (-root).mul_add(root, x);
    let error = (-root).mul_add(y, like(x, T::ONE));
    let error = (root_error * y * T::from_f64(-0.5)).mul_add(y, error);
    y.mul_add(error, y)
}

macro_rules! rsqrt {
    ($E:ident $tiny:expr, $up:expr, $root_up:expr) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let tiny = like(x, $tiny);
            if (x.gt(tiny) & x.lt(like(x, $E::INFINITY))).all() {
                return rsqrt(x);
            }
            let small = x.lt(tiny);
            let y = rsqrt(Lanes::select(small, x * $up, x));
            let y = Lanes::select(small, y * $root_up, y);
            let zero = like(x, 0.0);
            let y = Lanes::select(x.lt(zero) | x.is_nan(), like(x, $E::NAN), y);
            let y = Lanes::select(x.eq(zero), flip(like(x, $E::INFINITY), sign(x)), y);
            Lanes::select(x.eq(like(x, $E::INFINITY)), zero, y)
        }
    };
}

impl Unary for Rsqrt {
    rsqrt! { f32 1e-28, 1.2676506e30, 1.1258999e15 }
    rsqrt! { f64 1e-280, 1.157920892373162e77, 3.402823669209385e38 }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        match S::ISA {
            // What it estimates by is exact.
            Isa::Baseline => x.rsqrt_estimate(),
            Isa::V3 => refine(x, &[0.5, 0.375]),
            Isa::V4 => refine(x, &[0.5]),
        }
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        match S::ISA {
            Isa::Baseline => x.rsqrt_estimate(),
            Isa::V3 => refine(x, &[0.5, 0.375, 0.3125, 0.2734375]),
            Isa::V4 => refine(x, &[0.5, 0.375, 0.3125]),
        }
    }
}

/// An estimate `y`, times the beginning of the series of `1 / sqrt(1 - error)`, where
/// `error = 1 - x y^2` is 2^-10.4 at most for V3 and 2^-13 for V4: what follows is below 2^-54 (f64)
/// and 2^-27 (f32), but for f64 on V4 2^-53.9.
#[inline(always)]
fn refine<S: Simd, T: Real, const N: usize>(x: Lanes<S, T>, series: &[T; N]) -> Lanes<S, T> {
    let y = x.rsqrt_estimate();
    let error = (-(x * y)).mul_add(y, like(x, T::ONE));
    (y * error).mul_add(poly(error, series), y)
}

/// `|x| = m 2^(3k + j)` with `j` from -1 to 1. The polynomial for `m^(-1/3)`, a step of third order,
/// and a last one whose error term is computed to more digits than the number.
macro_rules! cbrt {
    ($E:ident $RCBRT:ident) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let a = x.abs();
            let (m, e) = a.split();
            let k = (e * (1.0 / 3.0)).round_ties_even();
            let j = fma(k, -3.0, e);
            let zero = like(x, 0.0);
            let one = like(x, 1.0);
            let (more, less) = (j.gt(zero), j.lt(zero));
            let power = Lanes::select(more, like(x, 2.0), Lanes::select(less, like(x, 0.5), one));
            let root = like(x, $E::from_f64(0.7937005259840998));
            let inverse = like(x, $E::from_f64(1.2599210498948732));
            let root = Lanes::select(more, root, Lanes::select(less, inverse, one));
            let m3 = m * power;
            let y = poly(m, &$RCBRT) * root;
            let error = (-(m3 * y)).mul_add(y * y, one);
            let y = (y * error).mul_add(fma(error, 2.0 / 9.0, like(x, 1.0 / 3.0)), y);
            let square = y * y;
            let r = m3 * square;
            let (r2, r2_low) = two_product(r, r);
            let error = (-r2_low).mul_add(r, (-r2).mul_add(r, m3));
            let r = (error * (1.0 / 3.0)).mul_add(square, r).scale(k);
            let r = flip(r, sign(x));
            if positive(a).all() { r } else { Lanes::select(positive(a), r, x) }
        }
    };
}

impl Unary for Cbrt {
    cbrt! { f32 RCBRT_F32 }
    cbrt! { f64 RCBRT }
}

/// The root of `a^2 + b^2`, the sum of which is rounded once.
#[inline(always)]
fn hypot<S: Simd, T: Real>(a: Lanes<S, T>, b: Lanes<S, T>) -> Lanes<S, T> {
    let (a2, a2_low) = two_product(a, a);
    let (b2, b2_low) = two_product(b, b);
    let (sum, low) = fast_two_sum(a2, b2);
    (sum + (low + (a2_low + b2_low))).sqrt()
}

macro_rules! hypot {
    ($E:ident $low:expr, $high:expr, $up:expr, $down:expr) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>, y: Lanes<S, $E>) -> Lanes<S, $E> {
            let (x, y) = (x.abs(), y.abs());
            let swap = x.lt(y);
            let (a, b) = (Lanes::select(swap, y, x), Lanes::select(swap, x, y));
            let (low, high) = (like(x, $low), like(x, $high));
            if (a.gt(low) & a.lt(high) & b.eq(b)).all() {
                return hypot(a, b);
            }
            let one = like(x, 1.0);
            let by = Lanes::select(a.lt(low), like(x, $up), one);
            let by = Lanes::select(a.gt(high), like(x, $down), by);
            let back = Lanes::select(a.lt(low), like(x, $down), one);
            let back = Lanes::select(a.gt(high), like(x, $up), back);
            let r = hypot(a * by, b * by) * back;
            let infinity = like(x, $E::INFINITY);
            let r = Lanes::select(x.is_nan() | y.is_nan(), like(x, $E::NAN), r);
            Lanes::select(x.eq(infinity) | y.eq(infinity), infinity, r)
        }
    };
}

impl Binary for Hypot {
    hypot! { f32 1e-12, 1e18, 1.208_925_8e24, 8.271_806e-25 }
    hypot! { f64 1e-120, 1e150, 2.4733040147310453e+173, 4.043174611952195e-174 }
}
