//! Logarithms.
//!
//! `x = m 2^e` with `0.75 <= m < 1.5` and `f = m - 1`. For f64
//! `ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2))`, `s = f / (2 + f)`, where `R` is what the series of
//! `2 atanh s` has after `2 s`: the large terms have no error, and the rest is small. For f32 the
//! terms after `f` are a polynomial.
//! Around `x = 1` the exponent is 0, so that nothing cancels. The other arguments (negative, 0,
//! infinite, NaN) are rare, and put right together if a group has any.

use super::Unary;
use super::double::{fast_two_sum, two_product};
use super::poly::{fast_poly, fma, like, poly, positive};
use crate::simd::{Lanes, Real, Simd};

/// The natural logarithm.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ln;
/// `ln(1 + x)`, exact to the last digits near 0 too.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ln1p;
/// The logarithm to base 2.
#[derive(Debug, Clone, Copy, Default)]
pub struct Log2;
/// The logarithm to base 10.
#[derive(Debug, Clone, Copy, Default)]
pub struct Log10;

/// `ln 2`: 40 bits, of which every multiple by an exponent is exact, and the rest.
pub(super) const LN2: [f64; 2] = [0.6931471805592082, 7.371002565167799e-13];
pub(super) const LN2_F32: [f32; 2] = [0.693_115_23, 3.194_618_3e-5];
const LOG2_E: [f64; 2] = [std::f64::consts::LOG2_E, 2.0355273740931033e-17];
const LOG10_E: [f64; 2] = [std::f64::consts::LOG10_E, 1.098319650216765e-17];
const LOG10_2: [f64; 2] = [0.30102999566361177, 3.694239077158931e-13];
const LOG2_E_F32: [f32; 2] = [std::f32::consts::LOG2_E, 1.925_962_9e-8];
const LOG10_E_F32: [f32; 2] = [0.434_294_46, 1.969_927_2e-8];
const LOG10_2_F32: [f32; 2] = [0.301_025_4, 4.605_038_6e-6];

/// `(2 atanh s - 2 s) / s^3` of `z = s^2`, minimax on `0 <= z <= 1/25`, weight `z / 2`: 2^-61.5.
const ATANH: [f64; 8] = [
    0.666666666666666,
    0.40000000000055946,
    0.2857142855600663,
    0.22222224276264824,
    0.18181667084862962,
    0.15391072541823572,
    0.13174260062277018,
    0.1383857813893105,
];
/// As `ATANH`: 2^-55.8.
const FAST_ATANH: [f64; 7] = [
    0.6666666666667271,
    0.39999999996161584,
    0.2857142939530401,
    0.2222213850032167,
    0.18186356125719896,
    0.15250187349625974,
    0.15368201187730707,
];
/// `(ln(1 + f) - f) / f^2`, minimax on `-1/4 <= f <= 1/2`, relative to the logarithm: 2^-29.9. The
/// first coefficients are those floats, among the near ones, with which the others err least.
const LN_F32: [f32; 10] = [
    -0.5,
    0.33333337,
    -0.25000155,
    0.19999725,
    -0.16655795,
    0.14274804,
    -0.12720332,
    0.11701423,
    -0.09148107,
    0.03799085,
];
/// All but the first.
const LN_TAIL_F32: &[f32; 9] = LN_F32.last_chunk().unwrap();
/// As `LN_F32`: 2^-24.8.
const FAST_LN_F32: [f32; 8] = [
    -0.5000006,
    0.3333355,
    -0.24993442,
    0.19977076,
    -0.16822821,
    0.14983937,
    -0.120673515,
    0.05413203,
];

/// `(log2(1 + f) - f log2 e) / f^2`, minimax on `sqrt(1/2) <= 1 + f <= sqrt 2`, relative to the
/// logarithm: 2^-24.9.
const FAST_LOG2_F32: [f32; 8] = [
    -0.7213474,
    0.4809072,
    -0.36070004,
    0.28799307,
    -0.23903821,
    0.21519475,
    -0.20655192,
    0.12619883,
];
/// As `FAST_LOG2_F32`, to base 10: 2^-25.
const FAST_LOG10_F32: [f32; 8] = [
    -0.2171472,
    0.14476748,
    -0.10858136,
    0.08669512,
    -0.0719639,
    0.06477909,
    -0.06213653,
    0.037954647,
];

/// `ln(1 + f)` in two parts, the first of which is `f - f^2 / 2`: where much of it cancels.
#[inline(always)]
fn parts<S: Simd>(f: Lanes<S, f64>) -> (Lanes<S, f64>, Lanes<S, f64>) {
    let negative = f * -0.5;
    let half = f * f * 0.5;
    let high = negative.mul_add(f, f);
    let low = negative.mul_add(f, f - high);
    let s = f / (f + 2.0);
    let z = s * s;
    let r = z.mul_add(poly(z, &ATANH), half);
    (high, s.mul_add(r, low))
}

/// `b` of `ln(1 + f) = f - b`, for fast functions.
#[inline(always)]
fn fast_bend<S: Simd>(f: Lanes<S, f64>) -> Lanes<S, f64> {
    let half = f * f * 0.5;
    let s = f / (f + 2.0);
    let z = s * s;
    let r = z.contract(fast_poly(z, &FAST_ATANH), half);
    (-s).contract(r, half)
}

/// As `parts`.
#[inline(always)]
fn parts_f32<S: Simd>(f: Lanes<S, f32>) -> (Lanes<S, f32>, Lanes<S, f32>) {
    let (square, square_low) = two_product(f, f);
    let (high, low) = fast_two_sum(f, square * -0.5);
    let low = fma(square_low, -0.5, low);
    (high, (f * square).mul_add(poly(f, LN_TAIL_F32), low))
}

/// The logarithm of what is not a positive finite number; of others `y`.
#[inline(always)]
fn special<S: Simd, T: Real>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
    let zero = like(x, T::ZERO);
    let infinity = like(x, T::INFINITY);
    let y = Lanes::select(x.gt(zero), y, like(x, T::NAN));
    let y = Lanes::select(x.eq(zero), -infinity, y);
    Lanes::select(x.eq(infinity), x, y)
}

impl Unary for Ln {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let (m, e) = x.split();
        let f = m - 1.0;
        let (high, low) = fast_two_sum(e * LN2_F32[0], f);
        let low = fma(e, LN2_F32[1], low);
        let y = (f * f).mul_add(poly(f, &LN_F32), low) + high;
        if positive(x).all() { y } else { special(x, y) }
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let (m, e) = x.split();
        let f = m - 1.0;
        let (near, rest) = parts(f);
        let (high, low) = fast_two_sum(e * LN2[0], near);
        let y = (fma(e, LN2[1], low) + rest) + high;
        if positive(x).all() { y } else { special(x, y) }
    }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let (m, e) = x.split();
        let f = m - 1.0;
        (f * f).contract(fast_poly(f, &FAST_LN_F32), e.contract(like(e, std::f32::consts::LN_2), f))
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let (m, e) = x.split();
        let f = m - 1.0;
        e.contract(like(e, std::f64::consts::LN_2), f) - fast_bend(f)
    }
}

/// `ln(1 + x)`: of `u = 1 + x`, whose rounding error is put back as `error / u`.
impl Unary for Ln1p {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let one = like(x, 1.0);
        let u = x + one;
        let (m, e) = u.split();
        // Where u is around 1, f is x itself.
        let near = e.eq(like(x, 0.0));
        let f = Lanes::select(near, x, m - 1.0);
        let lost = Lanes::select(x.lt(one), x - (u - 1.0), one - (u - x));
        let lost = Lanes::select(near, like(x, 0.0), lost / u);
        let (high, low) = fast_two_sum(e * LN2_F32[0], f);
        let low = fma(e, LN2_F32[1], low + lost);
        let y = (f * f).mul_add(poly(f, &LN_F32), low) + high;
        if (positive(u) & x.abs().gt(like(x, 1e-18))).all() { y } else { special1p(x, u, y, 1e-18) }
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let one = like(x, 1.0);
        let u = x + one;
        let (m, e) = u.split();
        let near = e.eq(like(x, 0.0));
        let f = Lanes::select(near, x, m - 1.0);
        let lost = Lanes::select(x.lt(one), x - (u - 1.0), one - (u - x));
        let lost = Lanes::select(near, like(x, 0.0), lost / u);
        let (near, rest) = parts(f);
        let (high, low) = fast_two_sum(e * LN2[0], near);
        let y = (fma(e, LN2[1], low + lost) + rest) + high;
        if (positive(u) & x.abs().gt(like(x, 1e-140))).all() {
            y
        } else {
            special1p(x, u, y, 1e-140)
        }
    }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let (f, e) = split_1p(x);
        (f * f).contract(fast_poly(f, &FAST_LN_F32), e.contract(like(e, std::f32::consts::LN_2), f))
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let (f, e) = split_1p(x);
        e.contract(like(e, std::f64::consts::LN_2), f) - fast_bend(f)
    }
}

/// `(f, e)` with `1 + x = (1 + f) 2^e`; where `1 + x` is around 1, `f` is `x` itself.
#[inline(always)]
fn split_1p<S: Simd, T: Real>(x: Lanes<S, T>) -> (Lanes<S, T>, Lanes<S, T>) {
    let one = like(x, T::ONE);
    let u = x + one;
    let (m, e) = u.split();
    let lost = Lanes::select(x.lt(one), x - (u - one), one - (u - x));
    let f = lost.contract(one.scale(-e), m - one);
    (Lanes::select(e.eq(like(x, T::ZERO)), x, f), e)
}

/// Arguments too small to square are their own results, and `u = 1 + x` may be special.
#[inline(always)]
fn special1p<S: Simd, T: Real>(
    x: Lanes<S, T>,
    u: Lanes<S, T>,
    y: Lanes<S, T>,
    small: T,
) -> Lanes<S, T> {
    Lanes::select(x.abs().gt(like(x, small)), special(u, y), x)
}

/// `m 2^e` with `sqrt(1/2) <= m < sqrt 2`: for other bases than e, so that what is added to `e` is at
/// most 1/2.
#[inline(always)]
fn split_evenly<S: Simd>(x: Lanes<S, f32>) -> (Lanes<S, f32>, Lanes<S, f32>) {
    let (m, e) = x.split();
    let up = m.gt(like(m, std::f32::consts::SQRT_2));
    (Lanes::select(up, m * 0.5, m), Lanes::select(up, e + 1.0, e))
}

/// `e a + f c` in two parts, with `a` and `c` in two parts and `e a[0]` exact.
#[inline(always)]
fn combine<S: Simd, T: Real>(
    (e, a): (Lanes<S, T>, [T; 2]),
    (f, c): (Lanes<S, T>, [T; 2]),
) -> (Lanes<S, T>, Lanes<S, T>) {
    let product = f * like(f, c[0]);
    let rest = fma(f, c[1], f.mul_add(like(f, c[0]), -product));
    let (high, low) = fast_two_sum(e * like(e, a[0]), product);
    (high, fma(e, a[1], low) + rest)
}

macro_rules! of_base {
    ($Name:ident $e32:expr, $c32:expr, $FAST32:ident $e64:expr, $c64:expr) => {
        impl Unary for $Name {
            #[inline(always)]
            fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
                let (m, e) = x.split();
                let (near, rest) = parts_f32(m - 1.0);
                let (high, low) = combine((e, $e32), (near, $c32));
                let y = fma(rest, $c32[0], low) + high;
                if positive(x).all() { y } else { special(x, y) }
            }
            #[inline(always)]
            fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
                let (m, e) = x.split();
                let (near, rest) = parts(m - 1.0);
                let (high, low) = combine((e, $e64), (near, $c64));
                let y = fma(rest, $c64[0], low) + high;
                if positive(x).all() { y } else { special(x, y) }
            }
            #[inline(always)]
            fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
                let (m, e) = split_evenly(x);
                let f = m - 1.0;
                let slope = f.contract(fast_poly(f, &$FAST32), like(f, $c32[0]));
                f.contract(slope, e * ($e32[0] + $e32[1]))
            }
            #[inline(always)]
            fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
                let (m, e) = x.split();
                let f = m - 1.0;
                (f - fast_bend(f)).contract(like(f, $c64[0]), e * ($e64[0] + $e64[1]))
            }
        }
    };
}
of_base! { Log2 [1.0, 0.0], LOG2_E_F32, FAST_LOG2_F32 [1.0, 0.0], LOG2_E }
of_base! { Log10 LOG10_2_F32, LOG10_E_F32, FAST_LOG10_F32 LOG10_2, LOG10_E }
