//! The loop without the conversions it does not need.

use super::Points;
use crate::ladder::splitmix::{GAMMA, finalise};

// for i in 0..n { (x, y) = halves of finalise(seed + (i + 1) * GAMMA); inside += x*x + y*y <= 1 }
//
// 1. The state advances by an addition in place of a multiplication.
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

/// Both sides of `x * x + y * y <= 1` times 2^64: a power of two changes no rounding.
fn is_inside(bits: u64) -> bool {
    let (x, y) = ((bits >> 32) as u32, bits as u32);
    let (x, y) = (f64::from(x), f64::from(y));
    x * x + y * y <= 18_446_744_073_709_551_616.0
}
