//! The loop without the conversions and branches that keep it out of vector registers.

use super::Points;
use crate::ladder::splitmix::{GAMMA, finalise};

// for i in 0..n { (x, y) = halves of finalise(seed + (i + 1) * GAMMA); inside += x*x + y*y <= 1 }
//
// 1. The state advances by an addition in place of a multiplication.
// 2. x and y stay integers below 2^32, and 1 becomes 2^64: a power of two changes no rounding.
// 3. An integer below 2^52 is the mantissa of itself plus 2^52, so that two logical operations and
//    a subtraction convert two at a time; the instruction for it takes one.
// 4. The truth of the comparison is added, without a branch.
pub(super) fn run(points: &Points) -> u64 {
    count(points.seed, 0, points.n)
}

/// How many of the `n` points from number `first` lie inside.
pub(super) fn count(seed: u64, first: u64, n: u64) -> u64 {
    let mut state = seed.wrapping_add(first.wrapping_mul(GAMMA));
    let mut inside = 0;
    for _ in 0..n {
        state = state.wrapping_add(GAMMA);
        inside += u64::from(is_inside(finalise(state)));
    }
    inside
}

fn is_inside(bits: u64) -> bool {
    /// 2^64.
    const ONE: f64 = 18_446_744_073_709_551_616.0;
    let (x, y) = (to_f64(bits >> 32), to_f64(bits & 0xFFFF_FFFF));
    x * x + y * y <= ONE
}

/// An integer below 2^52 as f64, exactly.
fn to_f64(integer: u64) -> f64 {
    /// 2^52 as bits.
    const BASE: u64 = 0x4330_0000_0000_0000;
    f64::from_bits(BASE | integer) - f64::from_bits(BASE)
}
