//! Powers.
//!
//! `x^y = 2^(y log2 x)`. As `y log2 x` reaches 1075, an error of the logarithm grows by that: for
//! f64 it is computed to 68 bits, as a sum of two numbers. f32 is computed in f64.
//!
//! `|x| = m 2^e`, and one of three factors brings `m` to `1 + f` with `|f| <= 1/5`, exactly; then
//! `log2(1 + f) = s (c1 + c3 z + z^2 Q(z))` with `s = f / (2 + f)`, `z = s^2 <= 1/121`: `s`, `c1` and
//! `c3` need two parts, the polynomial `Q` one.

use super::Binary;
use super::double::{fast_two_sum, two_product};
use super::exp::{EXP2, LN2};
use super::poly::{clamp, flip, fma, like, poly, positive, sign, within};
use crate::simd::{Lanes, Real, Simd};

/// `x` to the power of `y`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pow;

/// `log2(4/5)` and `log2(4/3)`: 40 bits, to which an exponent can be added exactly, and the rest.
const LOG2_LOW: [f64; 2] = [-0.3219280948874257, 6.33385952568616e-14];
const LOG2_HIGH: [f64; 2] = [0.4150374992786965, 1.4733181985781966e-13];
/// `2 / ln 2`
const C1: [f64; 2] = [2.8853900817779268, 4.0710547481862066e-17];
/// `2 / (3 ln 2)`
const C3: [f64; 2] = [0.9617966939259756, 5.0577616648125907e-17];
/// `(2 atanh s / s / ln 2 - c1 - c3 z) / z^2`, minimax on `0 <= z <= 1/121`, relative to the
/// logarithm: 2^-69.6.
const LOG2: [f64; 6] = [
    0.577078016355584,
    0.4121985831134788,
    0.32059889654163615,
    0.2623086189695232,
    0.2218852695409826,
    0.19776044901672654,
];

/// As `LOG2`: 2^-64.6.
const FAST_LOG2: [f64; 5] = [
    0.577078016356068,
    0.4121985825184013,
    0.3205991612039306,
    0.2622540001261409,
    0.22720372784351078,
];

/// `log2((1 + s) / (1 - s)) / s` of `z = s^2`, minimax on `0 <= z <= 1/25`, relative: 2^-42.4.
const LOG2_F32: [f64; 6] = [
    2.885390081777425,
    0.9617966948245076,
    0.5770777559337262,
    0.4122261387743042,
    0.31928633787765653,
    0.29081516934245577,
];

/// As `LOG2_F32`: 2^-35.5.
const FAST_LOG2_F32: [f64; 5] = [
    2.8853900818360625,
    0.9617966217172907,
    0.5770923478564263,
    0.4112062243925107,
    0.3483937351889862,
];

/// `2^r`, minimax on `|r| <= 1/2`, relative: 2^-29.
const EXP2_F32: [f64; 7] = [
    1.0000000005651593,
    0.6931472058027067,
    0.24022646796929242,
    0.05550328632974536,
    0.009618500515873518,
    0.0013399990094794057,
    0.0001534231029196981,
];

/// As `EXP2_F32`: 2^-23.7.
const FAST_EXP2_F32: [f64; 6] = [
    1.000000071834326,
    0.6931469629029484,
    0.24022118751816293,
    0.05550721333814585,
    0.009675594389486416,
    0.001327344751641681,
];

/// `log2 x` in two parts.
#[inline(always)]
fn log2<S: Simd, const N: usize>(x: Lanes<S, f64>, c: &[f64; N]) -> (Lanes<S, f64>, Lanes<S, f64>) {
    let (m, e) = x.split();
    let (one, zero) = (like(x, 1.0), like(x, 0.0));
    let (low, high) = (m.lt(like(m, 0.875)), m.gt(like(m, 1.2)));
    let factor = Lanes::select(low, like(x, 1.25), Lanes::select(high, like(x, 0.75), one));
    let log =
        Lanes::select(low, like(x, LOG2_LOW[0]), Lanes::select(high, like(x, LOG2_HIGH[0]), zero));
    let log_low =
        Lanes::select(low, like(x, LOG2_LOW[1]), Lanes::select(high, like(x, LOG2_HIGH[1]), zero));
    let f = m.mul_add(factor, -one);
    // s, and its error by 1 / (2 + f) = (1 - s) / 2.
    let (d, d_low) = fast_two_sum(like(x, 2.0), f);
    let s = f / d;
    let s_low = (-s).mul_add(d_low, (-s).mul_add(d, f)) * fma(s, -0.5, like(x, 0.5));
    let (z, z_low) = two_product(s, s);
    let z_low = (s + s).mul_add(s_low, z_low);
    // c3 + z Q
    let (t, t_low) = fast_two_sum(like(x, C3[0]), z * poly(z, c));
    let t_low = t_low + C3[1];
    let (w, w_low) = two_product(z, t);
    let w_low = z.mul_add(t_low, z_low.mul_add(t, w_low));
    // c1 + z (c3 + z Q)
    let (u, u_low) = fast_two_sum(like(x, C1[0]), w);
    let u_low = u_low + (w_low + C1[1]);
    let (l, l_low) = two_product(s, u);
    let l_low = s.mul_add(u_low, s_low.mul_add(u, l_low));
    let (sum, sum_low) = fast_two_sum(e + log, l);
    (sum, sum_low + (l_low + log_low))
}

/// What the formula of `|x|^y` does not give: signs, and all that is 0, infinite or NaN.
#[inline(always)]
fn special<S: Simd, T: Real>(x: Lanes<S, T>, y: Lanes<S, T>, power: Lanes<S, T>) -> Lanes<S, T> {
    let (zero, one, infinity) = (like(x, T::ZERO), like(x, T::ONE), like(x, T::INFINITY));
    let size = x.abs();
    let up = (size.gt(one) & y.gt(zero)) | (size.lt(one) & y.lt(zero));
    let limit = Lanes::select(up, infinity, zero);
    let extreme = size.eq(zero) | size.eq(infinity) | y.abs().eq(infinity);
    let power = Lanes::select(extreme, limit, power);
    let power = Lanes::select(size.eq(one), one, power);
    let integer = y.trunc().eq(y);
    let half = y * T::from_f64(0.5);
    let odd = integer & half.trunc().ne(half);
    let power = Lanes::select(odd, flip(power, sign(x)), power);
    let root = x.lt(zero) & x.gt(-infinity) & y.abs().lt(infinity) & !integer;
    let power = Lanes::select(root | x.is_nan() | y.is_nan(), like(x, T::NAN), power);
    Lanes::select(x.eq(one) | y.eq(zero), one, power)
}

/// `2^(p + low)` for `p` from -1200 to 1200.
#[inline(always)]
fn exp2<S: Simd>(p: Lanes<S, f64>, low: Lanes<S, f64>) -> Lanes<S, f64> {
    let n = p.round_ties_even();
    let (r, r_low) = fast_two_sum(p - n, low);
    let one = like(p, 1.0);
    let high = fma(r, LN2[0], one);
    let low = fma(r_low, LN2[0], fma(r, LN2[0], one - high));
    let near = (r * r).mul_add(poly(r, &EXP2), low) + high;
    near.scale(n)
}

impl Binary for Pow {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>, y: Lanes<S, f32>) -> Lanes<S, f32> {
        let (m, e) = x.abs().to_f64().split();
        let f = m - 1.0;
        let s = f / (f + 2.0);
        let log = s.mul_add(poly(s * s, &LOG2_F32), e);
        let p = within(y.to_f64() * log, 200.0, -200.0, 200.0);
        let n = p.round_ties_even();
        let power = poly(p - n, &EXP2_F32).scale(n).to_f32();
        let plain = positive(x) & y.abs().lt(like(y, f32::INFINITY));
        if plain.all() { power } else { special(x, y, power) }
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>, y: Lanes<S, f64>) -> Lanes<S, f64> {
        let (log, log_low) = log2(x.abs(), &LOG2);
        let (p, p_low) = two_product(y, log);
        let p_low = y.mul_add(log_low, p_low);
        let fits = p.abs().lt(like(p, 1200.0));
        let (p, p_low) = if fits.all() {
            (p, p_low)
        } else {
            // Where the product overflows, the low part is NaN.
            (clamp(p, -1200.0, 1200.0), Lanes::select(fits, p_low, like(p, 0.0)))
        };
        let power = exp2(p, p_low);
        let plain = positive(x) & y.abs().lt(like(y, f64::INFINITY));
        if plain.all() { power } else { special(x, y, power) }
    }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>, y: Lanes<S, f32>) -> Lanes<S, f32> {
        let (m, e) = x.abs().to_f64().split();
        let f = m - 1.0;
        let s = f / (f + 2.0);
        let log = s.mul_add(poly(s * s, &FAST_LOG2_F32), e);
        let p = y.to_f64() * log;
        let n = p.round_ties_even();
        let power = poly(p - n, &FAST_EXP2_F32).scale(n).to_f32();
        if x.gt(like(x, 0.0)).all() { power } else { special(x, y, power) }
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>, y: Lanes<S, f64>) -> Lanes<S, f64> {
        let (log, log_low) = log2(x.abs(), &FAST_LOG2);
        let (p, p_low) = two_product(y, log);
        let n = p.round_ties_even();
        let r = (p - n) + y.mul_add(log_low, p_low);
        let slope = r.mul_add(poly(r, &EXP2), like(r, LN2[0]));
        let power = r.mul_add(slope, like(r, 1.0)).scale(n);
        if x.gt(like(x, 0.0)).all() { power } else { special(x, y, power) }
    }
}
