//! Exponentials.
//!
//! `x = n ln 2 + r` with `|r| <= ln 2 / 2`, a polynomial for `e^r`, and an exact scaling by `2^n`,
//! which rounds once more only where the result is subnormal. Arguments are clamped to where the
//! result is 0 or infinite at the latest, so that no case is special; NaN passes through.

use super::double::fast_two_sum;
use super::poly::{fast_poly, fma, like, poly, within};
use super::{Unary, ln};
use crate::simd::{Lanes, Real, Simd};

/// `e^x`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exp;
/// `2^x`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exp2;
/// `e^x - 1`, exact to the last digits near 0 too.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExpM1;

/// `ln 2` in two parts.
pub(super) const LN2: [f64; 2] = [std::f64::consts::LN_2, 2.3190468138462996e-17];
#[expect(clippy::approx_constant, reason = "rounded down")]
pub(super) const LN2_F32: [f32; 2] = [0.693_147_1, 5.769_999e-8];

/// `(e^r - 1 - r) / r^2`, minimax on `|r| <= ln 2 / 2`, weight `r^2 / e^r`: 2^-56.3.
pub(super) const EXP: [f64; 10] = [
    0.5000000000000011,
    0.16666666666666402,
    0.041666666666530065,
    0.008333333333501548,
    0.0013888888943679827,
    0.00019841269489683397,
    2.4801493027283328e-05,
    2.7557602782402834e-06,
    2.763027988213608e-07,
    2.4994465411965037e-08,
];
/// As `EXP`: 2^-51.6.
const FAST_EXP: [f64; 9] = [
    0.4999999999999828,
    0.16666666666611352,
    0.04166666666818582,
    0.008333333370973242,
    0.0013888888501604403,
    0.00019841185082271099,
    2.4801948181768055e-05,
    2.7635061120939356e-06,
    2.7470542463116795e-07,
];
/// As `EXP`: 2^-28.2.
pub(super) const EXP_F32: [f32; 5] =
    [0.49999994, 0.16666521, 0.041668277, 0.008368682, 0.0013819563];
/// As `EXP`: 2^-23.2.
const FAST_EXP_F32: [f32; 4] = [0.4999923, 0.16667129, 0.041890252, 0.008310924];
/// As `EXP`, but with the weight `|r|`: relative to `e^r - 1`, 2^-60.6.
pub(super) const EXPM1: [f64; 11] = [
    0.5,
    0.16666666666666677,
    0.04166666666666669,
    0.008333333333321565,
    0.0013888888888872923,
    0.00019841269886304428,
    2.4801587347033723e-05,
    2.7557244019476465e-06,
    2.755725556091626e-07,
    2.510910647995305e-08,
    2.0920112999119757e-09,
];
/// As `EXPM1`: 2^-31.1.
pub(super) const EXPM1_F32: [f32; 6] =
    [0.5, 0.16666667, 0.04166649, 0.008333211, 0.0013932661, 0.00019941316];
/// As `EXPM1`: 2^-55.4.
pub(super) const FAST_EXPM1: [f64; 10] = [
    0.5000000000000006,
    0.16666666666666682,
    0.04166666666657307,
    0.00833333333331901,
    0.0013888888932557786,
    0.00019841269890737148,
    2.480150422916934e-05,
    2.755724136299555e-06,
    2.762641403416908e-07,
    2.510946362643077e-08,
];
/// As `EXPM1`: 2^-26.1.
pub(super) const FAST_EXPM1_F32: [f32; 5] =
    [0.5, 0.16666543, 0.041666456, 0.008366547, 0.0013935486];
/// `(2^r - 1 - r ln 2) / r^2`, minimax on `|r| <= 1/2`, weight `r^2 / 2^r`: 2^-57.7.
pub(super) const EXP2: [f64; 10] = [
    0.24022650695910122,
    0.0555041086648207,
    0.009618129107596945,
    0.001333355814669759,
    0.00015403530454147386,
    1.5252733533783596e-05,
    1.3215436556419335e-06,
    1.017819073898452e-07,
    7.073590143822422e-09,
    4.4353094496345944e-10,
];
/// As `EXP2`: 2^-51.6.
const FAST_EXP2: [f64; 9] = [
    0.24022650695909242,
    0.05550410866463737,
    0.009618129107979148,
    0.001333355820665297,
    0.00015403529963864572,
    1.5252668646862648e-05,
    1.321567908385566e-06,
    1.0206799332266835e-07,
    7.032696061753944e-09,
];
/// As `EXP2`: 2^-28.3.
const EXP2_F32: [f32; 5] = [0.24022648, 0.055503625, 0.009618516, 0.0013390047, 0.0001532168];

/// `x - n ln2`, for `ln2` in two parts of which the first is short: exact to the last digit of the
/// result without a fused multiply-add.
#[inline(always)]
pub(super) fn fast_rest<S: Simd, T: Real>(
    x: Lanes<S, T>,
    n: Lanes<S, T>,
    ln2: [T; 2],
) -> Lanes<S, T> {
    let n = -n;
    n.contract(like(n, ln2[1]), n.contract(like(n, ln2[0]), x))
}

impl Unary for Exp {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        // 2^-151 is less than half of the smallest subnormal.
        let x = within(x, 88.0, -104.5, 89.0);
        let n = (x * std::f32::consts::LOG2_E).round_ties_even();
        let r = fma(n, -LN2_F32[0], x);
        let r = fma(n, -LN2_F32[1], r);
        let (high, low) = fast_two_sum(like(r, 1.0), r);
        ((r * r).mul_add(poly(r, &EXP_F32), low) + high).scale(n)
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        // 2^-1076 is less than half of the smallest subnormal.
        let x = within(x, 709.0, -746.0, 710.0);
        let n = (x * std::f64::consts::LOG2_E).round_ties_even();
        let r = fma(n, -LN2[0], x);
        let r = fma(n, -LN2[1], r);
        let (high, low) = fast_two_sum(like(r, 1.0), r);
        ((r * r).mul_add(poly(r, &EXP), low) + high).scale(n)
    }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let n = (x * std::f32::consts::LOG2_E).round_ties_even();
        let r = fast_rest(x, n, ln::LN2_F32);
        let near = (r * r).contract(fast_poly(r, &FAST_EXP_F32), r) + 1.0;
        near.scale(n)
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let n = (x * std::f64::consts::LOG2_E).round_ties_even();
        let r = fast_rest(x, n, ln::LN2);
        let near = (r * r).contract(fast_poly(r, &FAST_EXP), r) + 1.0;
        near.scale(n)
    }
}

impl Unary for Exp2 {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let x = within(x, 128.0, -151.0, 129.0);
        let n = x.round_ties_even();
        let r = x - n;
        // 1 + r ln 2 in two parts: its rounding is what costs most.
        let one = like(x, 1.0);
        let high = fma(r, LN2_F32[0], one);
        let low = fma(r, LN2_F32[1], fma(r, LN2_F32[0], one - high));
        let near = (r * r).mul_add(poly(r, &EXP2_F32), low) + high;
        near.scale(n)
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let x = within(x, 1024.0, -1076.0, 1025.0);
        let n = x.round_ties_even();
        let r = x - n;
        let one = like(x, 1.0);
        let high = fma(r, LN2[0], one);
        let low = fma(r, LN2[0], one - high);
        let near = (r * r).mul_add(poly(r, &EXP2), low) + high;
        near.scale(n)
    }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let n = x.round_ties_even();
        let r = x - n;
        let slope = r.contract(fast_poly(r, &EXP2_F32), like(x, LN2_F32[0]));
        r.contract(slope, like(x, 1.0)).scale(n)
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let n = x.round_ties_even();
        let r = x - n;
        let slope = r.contract(fast_poly(r, &FAST_EXP2), like(x, LN2[0]));
        r.contract(slope, like(x, 1.0)).scale(n)
    }
}

/// `e^x - 1 = (t - 1/2 + t (e^r - 1)) * 2` with `t = 2^(n - 1)`, which is finite for every result
/// that is. The large part `t - 1/2 + t r` is added up without error, since the terms cancel for
/// `n = 1`.
impl Unary for ExpM1 {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let a = within(x, 19.0, -19.0, 89.0);
        let n = (a * std::f32::consts::LOG2_E).round_ties_even();
        let exact = fma(n, -LN2_F32[0], a);
        let r = fma(n, -LN2_F32[1], exact);
        let lost = fma(n, -LN2_F32[1], exact - r);
        let t = like(x, 1.0).scale(n - 1.0);
        let base = t - 0.5;
        let high = t.mul_add(r, base);
        // Where t is large, base has been rounded.
        let low = t.mul_add(r, base - high) + ((t - base) - 0.5);
        let rest = (r * r * t).mul_add(poly(r, &EXPM1_F32), t.mul_add(lost.mul_add(r, lost), low));
        let sum = (rest + high) * 2.0;
        // Halving a subnormal is not exact, and -0 would become 0.
        Lanes::select(x.abs().lt(like(x, 1e-30)), x, sum)
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let a = within(x, 39.0, -39.0, 710.0);
        let n = (a * std::f64::consts::LOG2_E).round_ties_even();
        let exact = fma(n, -LN2[0], a);
        let r = fma(n, -LN2[1], exact);
        let lost = fma(n, -LN2[1], exact - r);
        let t = like(x, 1.0).scale(n - 1.0);
        let base = t - 0.5;
        let high = t.mul_add(r, base);
        // Where t is large, base has been rounded.
        let low = t.mul_add(r, base - high) + ((t - base) - 0.5);
        let rest = (r * r * t).mul_add(poly(r, &EXPM1), t.mul_add(lost.mul_add(r, lost), low));
        let sum = (rest + high) * 2.0;
        Lanes::select(x.abs().lt(like(x, 1e-290)), x, sum)
    }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let x = within(x, 19.0, -19.0, 89.0);
        let n = (x * std::f32::consts::LOG2_E).round_ties_even();
        let r = fast_rest(x, n, ln::LN2_F32);
        let t = like(x, 1.0).scale(n - 1.0);
        let near = (r * r).contract(fast_poly(r, &FAST_EXPM1_F32), r);
        t.contract(near, t - 0.5) * 2.0
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let x = within(x, 39.0, -39.0, 710.0);
        let n = (x * std::f64::consts::LOG2_E).round_ties_even();
        let r = fast_rest(x, n, ln::LN2);
        let t = like(x, 1.0).scale(n - 1.0);
        let near = (r * r).contract(fast_poly(r, &FAST_EXPM1), r);
        t.contract(near, t - 0.5) * 2.0
    }
}
