//! Sine, cosine, tangent, of angles of any size.
//!
//! f64: the rest after whole right angles, in two parts, into a polynomial for the sine and one for
//! the cosine, of which the quadrant takes one. f32 is computed in f64, after half turns, with one
//! polynomial: that is less work than compensating the errors of f32.

use super::Unary;
use super::poly::{fast_poly, flip, like, poly, sign};
use super::reduce::{by_half_turn, by_half_turn_f32, by_right_angle, fast_half_turn_f32};
use crate::simd::{Lanes, Mask, Simd};

/// The sine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sin;
/// The cosine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cos;
/// The tangent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tan;

/// `(sin r - r) / r^3` of `z = r^2`, minimax on `|r| <= pi/4`, weight `z`: 2^-57.3.
const SIN: [f64; 6] = [
    -0.16666666666666632,
    0.008333333333322422,
    -0.0001984126982981521,
    2.7557313694621686e-06,
    -2.505075855780743e-08,
    1.5896822327385126e-10,
];

/// `(cos r - 1 + z/2) / z^2` of `z = r^2`, minimax on `|r| <= pi/4`, weight `z^2`: 2^-59.9.
const COS: [f64; 6] = [
    0.0416666666666666,
    -0.0013888888888874136,
    2.480158728949035e-05,
    -2.7557314354792824e-07,
    2.0875723620566686e-09,
    -1.1359666422643009e-11,
];

/// `(sin r - r) / r^3` of `z = r^2`, minimax on `|r| <= pi/2`, relative to the sine: 2^-57.4.
pub(super) const FAST_SIN: [f64; 8] = [
    -0.16666666666666666,
    0.008333333333333194,
    -0.00019841269841209207,
    2.755731921113526e-06,
    -2.5052106872616908e-08,
    1.6058939696498355e-10,
    -7.642991241875687e-13,
    2.7211723228669465e-15,
];

/// As `FAST_SIN`: 2^-35.3.
const SIN_F32: [f64; 5] = [
    -0.16666666626143128,
    0.00833333110832667,
    -0.00019840868173166782,
    2.752538250094571e-06,
    -2.3888874641688787e-08,
];

/// As `FAST_SIN`: 2^-27.2.
pub(super) const FAST_SIN_F32: [f32; 4] = [-0.1666666, 0.008333067, -0.00019809554, 2.6054652e-06];
/// `(tan r - r) / r^3` of `z = r^2`, minimax on `|r| <= pi/4`, relative to the tangent: 2^-29.6.
const TAN_F32: [f64; 7] = [
    0.3333334976240442,
    0.13332663102517206,
    0.05405994214260235,
    0.021282057353911577,
    0.010836146017254284,
    8.911801359906599e-05,
    0.004376479465600195,
];

/// `sin` and `cos` of `high + low`, without the last addition.
#[inline(always)]
fn both<S: Simd>(high: Lanes<S, f64>, low: Lanes<S, f64>) -> [(Lanes<S, f64>, Lanes<S, f64>); 2] {
    let one = like(high, 1.0);
    let z = high * high;
    let half = high * 0.5;
    // What `low` adds to the sine, low (1 - z/2), and to the cosine, -high low.
    let cross = high * low;
    let sine = (-half).mul_add(cross, low);
    let sine = (z * high).mul_add(poly(z, &SIN), sine);
    // 1 - high^2 / 2 and what its rounding lost.
    let w = (-half).mul_add(high, one);
    let lost = (-half).mul_add(high, one - w);
    let cosine = (z * z).mul_add(poly(z, &COS), lost - cross);
    [(high, sine), (w, cosine)]
}

/// Where `bit` of `q` is set.
#[inline(always)]
fn has<S: Simd>(q: Lanes<S, u64>, bit: u64) -> Mask<S> {
    q.and(Lanes::splat(q.token(), bit)).ne(Lanes::splat(q.token(), 0))
}

/// Bit 1 of `q` as a sign.
#[inline(always)]
fn bit_one<S: Simd>(q: Lanes<S, u64>) -> Lanes<S, u64> {
    q.and(Lanes::splat(q.token(), 2)).shl_by(62)
}

impl Unary for Sin {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let (k, r) = by_half_turn_f32(x.to_f64(), false);
        let z = r * r;
        let sine = r * z.mul_add(poly(z, &SIN_F32), like(z, 1.0));
        flip(sine, k.shl_by(63)).to_f32()
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        // The sign goes by itself, or it would be lost for -0.
        let minus = sign(x);
        let (q, high, low) = by_right_angle(x.abs());
        let [sine, cosine] = both(high, low);
        let odd = has(q, 1);
        let y = Lanes::select(odd, cosine.0, sine.0) + Lanes::select(odd, cosine.1, sine.1);
        flip(y, bit_one(q).xor(minus))
    }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let (k, r, easy) = fast_half_turn_f32(x, false);
        if !easy.all() {
            return Self::f32(x);
        }
        let z = r * r;
        let sine = (z * r).contract(fast_poly(z, &FAST_SIN_F32), r);
        flip(sine, k.shl_by(31))
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let (k, r, easy) = by_half_turn(x, false);
        if !easy.all() {
            return Self::f64(x);
        }
        let z = r * r;
        let sine = (z * r).contract(fast_poly(z, &FAST_SIN), r);
        flip(sine, k.shl_by(63))
    }
}

impl Unary for Cos {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let (k, r) = by_half_turn_f32(x.to_f64(), true);
        let z = r * r;
        let sine = r * z.mul_add(poly(z, &SIN_F32), like(z, 1.0));
        flip(sine, k.shl_by(63)).to_f32()
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let (q, high, low) = by_right_angle(x);
        let [sine, cosine] = both(high, low);
        let odd = has(q, 1);
        let y = Lanes::select(odd, sine.0, cosine.0) + Lanes::select(odd, sine.1, cosine.1);
        flip(y, bit_one(q + 1))
    }
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let (k, r, easy) = fast_half_turn_f32(x, true);
        if !easy.all() {
            return Self::f32(x);
        }
        let z = r * r;
        let sine = (z * r).contract(fast_poly(z, &FAST_SIN_F32), r);
        flip(sine, k.shl_by(31))
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let (k, r, easy) = by_half_turn(x, true);
        if !easy.all() {
            return Self::f64(x);
        }
        let z = r * r;
        let sine = (z * r).contract(fast_poly(z, &FAST_SIN), r);
        flip(sine, k.shl_by(63))
    }
}

/// `sin / cos`, or `-cos / sin` in odd quadrants, of numbers in two parts.
impl Unary for Tan {
    #[inline(always)]
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        let (q, r, _) = by_right_angle(x.to_f64());
        let z = r * r;
        let y = r * z.mul_add(poly(z, &TAN_F32), like(z, 1.0));
        let odd = has(q, 1);
        let one = like(y, 1.0);
        (Lanes::select(odd, -one, y) / Lanes::select(odd, y, one)).to_f32()
    }
    #[inline(always)]
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let minus = sign(x);
        let (q, high, low) = by_right_angle(x.abs());
        let [sine, cosine] = both(high, low);
        let odd = has(q, 1);
        let over = (Lanes::select(odd, cosine.0, sine.0), Lanes::select(odd, cosine.1, sine.1));
        let under = (Lanes::select(odd, sine.0, cosine.0), Lanes::select(odd, sine.1, cosine.1));
        // The parts of each do not overlap after this.
        let over_high = over.0 + over.1;
        let over_low = (over.0 - over_high) + over.1;
        let under_high = under.0 + under.1;
        let under_low = (under.0 - under_high) + under.1;
        let inverse = like(x, 1.0) / under_high;
        let quotient = over_high * inverse;
        let rest = (-quotient).mul_add(under_high, over_high);
        let rest = (-quotient).mul_add(under_low, rest + over_low);
        let y = rest.mul_add(inverse, quotient);
        flip(y, q.shl_by(63).xor(minus))
    }
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        let (q, high, low) = by_right_angle(x);
        let [sine, cosine] = both(high, low);
        let (sine, cosine) = (sine.0 + sine.1, cosine.0 + cosine.1);
        let odd = has(q, 1);
        let y = Lanes::select(odd, cosine, sine) / Lanes::select(odd, sine, cosine);
        flip(y, q.shl_by(63))
    }
}
