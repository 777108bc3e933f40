//! Inverse trigonometric functions.
//!
//! Arc tangents of numbers above 1 are those of the reciprocal, and of numbers above 1/2 those of
//! `(x - 1) / (x + 1)` around `pi / 4`; arc sines of numbers above 1/2 are those
//! of `sqrt((1 - x) / 2)`; the error of the division or of the root is computed, and joins the low
//! part of a sum with a multiple of `pi / 2`.

use super::double::{fast_two_sum, two_product};
use super::poly::{at_most, flip, fma, like, poly, sign};
use super::{Binary, Unary};
use crate::simd::{Lanes, Mask, Real, Simd};

/// The arc sine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asin;
/// The arc cosine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Acos;
/// The arc tangent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Atan;
/// The angle of the point `(x, y)`, for arguments `y`, `x`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Atan2;

/// `pi / 2`
const RIGHT: [f64; 2] = [std::f64::consts::FRAC_PI_2, 6.123233995736766e-17];
const RIGHT_F32: [f32; 2] = [1.570_796_4, -4.371_139e-8];

/// `(atan v - v) / v^3` of `z = v^2`, minimax on `|v| <= 1/2`, relative: 2^-62.
const ATAN: [f64; 13] = [
    -0.33333333333333315,
    0.19999999999993773,
    -0.14285714284998158,
    0.11111111069997194,
    -0.09090907702935438,
    0.07692277576659144,
    -0.066662240053963,
    0.05877805864824766,
    -0.052299828585396536,
    0.04589265324917721,
    -0.03711289777501337,
    0.023645089623333133,
    -0.00835857568113495,
];
/// As `ATAN`: 2^-31.7.
const ATAN_F32: [f32; 6] =
    [-0.33333328, 0.19999555, -0.14273107, 0.1094841, -0.080090694, 0.039042003];
/// `(asin x - x) / x^3` of `z = x^2`, minimax on `|x| <= 1/2`, relative: 2^-58.8.
const ASIN: [f64; 13] = [
    0.1666666666666676,
    0.07499999999970801,
    0.04464285717461054,
    0.030381942707852036,
    0.022372214985582773,
    0.01735161205234293,
    0.013980820075308946,
    0.01139891606278383,
    0.010780231848257453,
    0.003706484687296516,
    0.021707270928278014,
    -0.02099882567714517,
    0.03262848325720834,
];

/// As `ASIN`: 2^-31.7.
const ASIN_F32: [f32; 6] =
    [0.1666666, 0.07500522, 0.044513393, 0.031838443, 0.0143204145, 0.037683174];
macro_rules! asin {
    ($E:ident $RIGHT:ident $ASIN:ident) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let a = x.abs();
            let zero = like(x, 0.0);
            let large = a.gt(like(x, 0.5));
            let z = Lanes::select(large, fma(a, -0.5, like(x, 0.5)), a * a);
            let root = z.sqrt();
            let root_low = (-root).mul_add(root, z) / (root + root + $E::MIN_POSITIVE);
            let s = Lanes::select(large, root * -2.0, a);
            let low = Lanes::select(large, root_low * -2.0, zero);
            let bend = (s * z).mul_add(poly(z, &$ASIN), low);
            let right = Lanes::select(large, like(x, $RIGHT[0]), zero);
            let right_low = Lanes::select(large, like(x, $RIGHT[1]), zero);
            let (high, low) = fast_two_sum(right, s);
            flip((low + (bend + right_low)) + high, sign(x))
        }
    };
}
macro_rules! acos {
    ($E:ident $RIGHT:ident $ASIN:ident) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let a = x.abs();
            let zero = like(x, 0.0);
            let large = a.gt(like(x, 0.5));
            let minus = sign(x);
            let z = Lanes::select(large, fma(a, -0.5, like(x, 0.5)), a * a);
            let root = z.sqrt();
            let root_low = (-root).mul_add(root, z) / (root + root + $E::MIN_POSITIVE);
            // pi/2 - x, or 2 root, or pi - 2 root.
            let s = flip(Lanes::select(large, root + root, -a), minus);
            let low = flip(Lanes::select(large, root_low + root_low, zero), minus);
            let bend = (s * z).mul_add(poly(z, &$ASIN), low);
            let base = Lanes::select(x.lt(zero), like(x, 2.0), zero);
            let base = Lanes::select(large, base, like(x, 1.0));
            let (high, low) = fast_two_sum(base * $RIGHT[0], s);
            (low + fma(base, $RIGHT[1], bend)) + high
        }
    };
}
/// `atan(over / under) = right (high + low) pi/2 + v + low + ...` for `0 <= over <= under`: up to 1/2
/// the quotient itself, above that `(over - under) / (over + under)` around `pi / 4`; with `v` comes
/// the error of the sum and of the division.
#[inline(always)]
fn reduce<S: Simd, T: Real>(
    over: Lanes<S, T>,
    under: Lanes<S, T>,
) -> (Mask<S>, Lanes<S, T>, Lanes<S, T>) {
    let half = T::from_f64(0.5);
    let middle = over.gt(under * half);
    let sum = over + under;
    let lost = over - (sum - under);
    let divisor = Lanes::select(middle, sum, under);
    let lost = Lanes::select(middle, lost, like(over, T::ZERO));
    let over = Lanes::select(middle, over - under, over);
    let inverse = like(over, T::ONE) / divisor;
    let v = over * inverse;
    let rest = (-v).mul_add(lost, (-v).mul_add(divisor, over));
    (middle, v, rest * inverse)
}

macro_rules! atan {
    ($E:ident $huge:literal $RIGHT:ident $ATAN:ident) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let (zero, one) = (like(x, 0.0), like(x, 1.0));
            let a = at_most(x.abs(), $huge);
            let steep = a.gt(one);
            let (over, under) = (Lanes::select(steep, one, a), Lanes::select(steep, a, one));
            let (middle, v, low) = reduce(over, under);
            let z = v * v;
            let bend = (v * z).mul_add(poly(z, &$ATAN), low);
            // Half or whole right angles, and the direction from there.
            let half = like(x, 0.5);
            let base = Lanes::select(middle, half, Lanes::select(steep, one, zero));
            let turn = sign(Lanes::select(steep, -one, one));
            let (high, low) = fast_two_sum(base * $RIGHT[0], flip(v, turn));
            flip((low + fma(base, $RIGHT[1], flip(bend, turn))) + high, sign(x))
        }
    };
}
macro_rules! atan2 {
    ($E:ident $tiny:literal $up:literal $huge:literal $down:literal $least:literal $RIGHT:ident $ATAN:ident) => {
        #[inline(always)]
        fn $E<S: Simd>(y: Lanes<S, $E>, x: Lanes<S, $E>) -> Lanes<S, $E> {
            let (zero, one) = (like(x, 0.0), like(x, 1.0));
            let (ax, ay) = (x.abs(), y.abs());
            let steep = ay.gt(ax);
            let mut over = Lanes::select(steep, ax, ay);
            let mut under = Lanes::select(steep, ay, ax);
            let (tiny, huge) = (like(x, $tiny), like(x, $huge));
            let plain = over.gt(tiny) & under.lt(huge);
            let (middle, v, low) = if plain.all() {
                reduce(over, under)
            } else {
                // 0 / 0 counts as 0, infinity over infinity as 1.
                let infinity = like(x, $E::INFINITY);
                let same = under.eq(infinity) & over.eq(under);
                under = Lanes::select(under.eq(zero) | same, one, under);
                over = Lanes::select(same, one, over);
                // So that sums do not overflow, and errors are not too small to represent.
                let by = Lanes::select(under.lt(tiny), like(x, $up), one);
                let by = Lanes::select(under.gt(huge), like(x, $down), by);
                let (middle, v, low) = reduce(over * by, under * by);
                // A small quotient is its own result, as the division gives it.
                let quotient = over / under;
                let small = !(plain | quotient.gt(like(x, $least)));
                (middle, Lanes::select(small, quotient, v), Lanes::select(small, zero, low))
            };
            let z = v * v;
            // By the slope, 1 / (1 + z): `low` can be larger than the last digit.
            let low = (-z).mul_add(low, low);
            let bend = (v * z).mul_add(poly(z, &$ATAN), low);
            // Half right angles, and the direction from there.
            let left = flip(one, sign(x)).lt(zero);
            let base = Lanes::select(left, like(x, 2.0), zero);
            let base = Lanes::select(steep, one, base);
            let turn = sign(Lanes::select(steep, -one, one)).xor(sign(x));
            let base = Lanes::select(middle, base + flip(like(x, 0.5), turn), base);
            let (right, right_low) = two_product(base, like(x, $RIGHT[0]));
            let (high, low) = fast_two_sum(right, flip(v, turn));
            let low = low + fma(base, $RIGHT[1], right_low);
            flip((low + flip(bend, turn)) + high, sign(y))
        }
    };
}

impl Unary for Asin {
    asin! { f32 RIGHT_F32 ASIN_F32 }
    asin! { f64 RIGHT ASIN }
}
impl Unary for Acos {
    acos! { f32 RIGHT_F32 ASIN_F32 }
    acos! { f64 RIGHT ASIN }
}
impl Unary for Atan {
    atan! { f32 1e30 RIGHT_F32 ATAN_F32 }
    atan! { f64 1e300 RIGHT ATAN }
}
impl Binary for Atan2 {
    atan2! { f32 1e-14 1.152_921_5e18 1e15 8.673_617_4e-19 6e-5 RIGHT_F32 ATAN_F32 }
    atan2! { f64 1e-140 4.149515568880993e180 1e150 2.409919865102884e-181 1e-30 RIGHT ATAN }
}
