//! An angle as a multiple of a right angle and a small rest.
//!
//! Up to 2^30: `x - n pi/2` with pi/2 in three parts of 53 bits (Cody and Waite); with a fused
//! multiply-add the first step is exact, the second is made exact, and the third adds what is below.
//! Above: of the 1200 bits of 2/pi that could matter, the 192 that do, multiplied as integers (Payne
//! and Hanek), lane by lane.

use super::poly::{fma, like};
use crate::simd::{Lanes, Mask, Simd};

/// `pi / 2`.
const RIGHT: [f64; 3] =
    [std::f64::consts::FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];
/// `pi`.
const HALF_TURN: [f64; 3] = [std::f64::consts::PI, 1.2246467991473532e-16, -2.9947698097183397e-33];
const HALF_TURN_F32: [f32; 3] = [std::f32::consts::PI, -8.742278e-8, -3.430249e-15];
/// Adding it rounds to an integer, which stands in the low bits of the sum.
const MAGIC: f64 = 6755399441055744.0;
const MAGIC_F32: f32 = 12582912.0;
/// Up to here the quick reduction is exact enough.
const LIMIT: f64 = 1073741824.0;
const LIMIT_F32: f32 = 32768.0;

/// The bits of `2 / pi` after the point, after 64 zeros.
const TWO_OVER_PI: [u64; 21] = [
    0,
    0xa2f9_836e_4e44_1529,
    0xfc27_57d1_f534_ddc0,
    0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0,
    0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4,
    0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f,
    0x6d36_7ecf_27cb_09b7,
    0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea,
    0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab,
    0xf0cf_bc20_9af4_361d,
];

/// `x = q pi/2 + high + low` with `|high| <= pi/4`; of `q` the two lowest bits count.
#[inline(always)]
pub(super) fn by_right_angle<S: Simd>(
    x: Lanes<S, f64>,
) -> (Lanes<S, u64>, Lanes<S, f64>, Lanes<S, f64>) {
    let shifted = fma(x, std::f64::consts::FRAC_2_PI, like(x, MAGIC));
    let n = shifted - MAGIC;
    let a = fma(n, -RIGHT[0], x);
    let b = n * RIGHT[1];
    let lost = fma(n, RIGHT[1], -b);
    let high = a - b;
    // `a` may be smaller than `b`, but it is a multiple of b's last digit: still exact.
    let low = (a - high) - b;
    let low = fma(n, -RIGHT[2], low - lost);
    let easy = x.abs().le(like(x, LIMIT));
    if easy.all() {
        return (shifted.to_bits(), high, low);
    }
    let mut parts = (shifted.to_bits().to_array(), high.to_array(), low.to_array());
    let hard = (!easy).bits();
    let mut i = 0;
    while i < S::LANES {
        if hard >> i & 1 != 0 {
            let (q, high, low) = large(x.lane(i));
            parts.0.as_mut()[i] = q;
            parts.1.as_mut()[i] = high;
            parts.2.as_mut()[i] = low;
        }
        i += 1;
    }
    let s = x.token();
    (Lanes::from_array(s, parts.0), Lanes::from_array(s, parts.1), Lanes::from_array(s, parts.2))
}

/// Rounds `x / pi - shift` to an integer: that plus `MAGIC`, what times pi is to be taken off, and
/// of which number. With the shift everything is negated, as `cos((k + 1/2) pi - r) = (-1)^k sin r`.
#[inline(always)]
fn half_turns<S: Simd>(
    x: Lanes<S, f64>,
    shift: bool,
) -> (Lanes<S, f64>, Lanes<S, f64>, Lanes<S, f64>) {
    let turns = std::f64::consts::FRAC_1_PI;
    if shift {
        let shifted = fma(x, turns, like(x, -0.5)) + MAGIC;
        (shifted, (like(x, MAGIC) - shifted) - 0.5, -x)
    } else {
        let shifted = fma(x, turns, like(x, MAGIC));
        (shifted, shifted - MAGIC, x)
    }
}

/// `x = k pi + r`, or `x = (k + 1/2) pi - r` with a shift, `|r| <= pi/2`, as `(k, r, easy)`; `r` has 53 correct bits unless
/// `x` is huge, which `easy` excludes. Of `k` the lowest bit counts.
#[inline(always)]
pub(super) fn by_half_turn<S: Simd>(
    x: Lanes<S, f64>,
    shift: bool,
) -> (Lanes<S, u64>, Lanes<S, f64>, Mask<S>) {
    let (shifted, n, x) = half_turns(x, shift);
    let r = fma(n, -HALF_TURN[0], x);
    let r = fma(n, -HALF_TURN[1], r);
    let r = fma(n, -HALF_TURN[2], r);
    (shifted.to_bits(), r, x.abs().le(like(x, LIMIT)))
}

/// As `by_half_turn`, for arguments that come from f32.
#[inline(always)]
pub(super) fn by_half_turn_f32<S: Simd>(
    x: Lanes<S, f64>,
    shift: bool,
) -> (Lanes<S, u64>, Lanes<S, f64>) {
    let (shifted, n, x) = half_turns(x, shift);
    let r = fma(n, -HALF_TURN[0], x);
    let r = fma(n, -HALF_TURN[1], r);
    let easy = x.abs().le(like(x, LIMIT));
    if easy.all() {
        return (shifted.to_bits(), r);
    }
    let mut parts = (shifted.to_bits().to_array(), r.to_array());
    let hard = (!easy).bits();
    let mut i = 0;
    while i < S::LANES {
        if hard >> i & 1 != 0 {
            let (q, high, _) = large(if shift { -x.lane(i) } else { x.lane(i) });
            // A cosine is the sine of a right angle more.
            let q = q.wrapping_add(shift.into());
            // To the nearest half turn.
            let (k, r) = match (q & 1 != 0, high > 0.0) {
                (false, _) => (q >> 1, high),
                (true, false) => (q >> 1, high + RIGHT[0]),
                (true, true) => (q.wrapping_add(1) >> 1, high - RIGHT[0]),
            };
            parts.0.as_mut()[i] = k;
            parts.1.as_mut()[i] = r;
        }
        i += 1;
    }
    let s = x.token();
    (Lanes::from_array(s, parts.0), Lanes::from_array(s, parts.1))
}

/// As `by_half_turn`, in f32, with a lower limit.
#[inline(always)]
pub(super) fn fast_half_turn_f32<S: Simd>(
    x: Lanes<S, f32>,
    shift: bool,
) -> (Lanes<S, u32>, Lanes<S, f32>, Mask<S>) {
    let turns = std::f32::consts::FRAC_1_PI;
    let magic = like(x, MAGIC_F32);
    let easy = x.abs().le(like(x, LIMIT_F32));
    let (shifted, n, x) = if shift {
        let shifted = fma(x, turns, like(x, -0.5)) + magic;
        (shifted, (magic - shifted) - 0.5, -x)
    } else {
        let shifted = fma(x, turns, magic);
        (shifted, shifted - magic, x)
    };
    let r = fma(n, -HALF_TURN_F32[0], x);
    let r = fma(n, -HALF_TURN_F32[1], r);
    let r = fma(n, -HALF_TURN_F32[2], r);
    (shifted.to_bits(), r, easy)
}

/// One large number; NaN for infinities and NaN.
#[cold]
#[inline(never)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "words are parts of longer ones, and the exponent is that of a large number"
)]
fn large(x: f64) -> (u64, f64, f64) {
    if !x.is_finite() {
        return (0, f64::NAN, f64::NAN);
    }
    // |x| = m 2^e
    let bits = x.to_bits();
    let m = (bits & ((1 << 52) - 1)) | 1 << 52;
    let e = (bits >> 52 & 0x7ff) as i32 - 1075;
    // The bits of 2/pi before number e - 1 contribute multiples of 4 right angles. Number k has the
    // weight 2^-k, and stands at k + 63 of the table.
    let start = (e + 62) as usize;
    let word = |i: usize| {
        let (at, by) = (start / 64 + i, start % 64);
        let next = if by == 0 { 0 } else { TWO_OVER_PI[at + 1] >> (64 - by) };
        TWO_OVER_PI[at] << by | next
    };
    // m times 192 bits, modulo 2^192: the right angles modulo 4 and 190 bits after the point.
    let low = u128::from(m) * u128::from(word(2));
    let mid = u128::from(m) * u128::from(word(1)) + (low >> 64);
    let top = m.wrapping_mul(word(0)).wrapping_add((mid >> 64) as u64);
    let mut q = top >> 62;
    let mut all =
        u128::from(top) << 66 | u128::from(mid as u64) << 2 | u128::from(low as u64 >> 62);
    let mut rest = (low as u64) << 2;
    // To the nearest right angle.
    let minus = all >> 127 != 0;
    if minus {
        q += 1;
        let carry;
        (rest, carry) = (!rest).overflowing_add(1);
        all = (!all).wrapping_add(u128::from(carry));
    }
    let zeros = all.leading_zeros();
    let all =
        if zeros == 0 { all } else { all << zeros | u128::from(rest) >> (64 - zeros.min(64)) };
    // 53 bits, and the next 53.
    let unit = f64::from_bits(u64::from(1023 - zeros) << 52);
    let high = (all >> 75) as f64 * 2_f64.powi(-53) * unit;
    let low = (all >> 22 & ((1 << 53) - 1)) as f64 * 2_f64.powi(-106) * unit;
    // Times pi/2.
    let product = high * RIGHT[0];
    let tail = high.mul_add(RIGHT[0], -product) + (high * RIGHT[1] + low * RIGHT[0]);
    let sum = product + tail;
    let tail = tail - (sum - product);
    let (q, sum, tail) = if minus { (q, -sum, -tail) } else { (q, sum, tail) };
    if x < 0.0 { (q.wrapping_neg(), -sum, -tail) } else { (q, sum, tail) }
}
