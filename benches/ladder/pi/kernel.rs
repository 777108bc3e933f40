//! The point as a kernel, and a count of those inside.

use tenfold_kernel::kernel;

use super::Points;
use crate::ladder::splitmix::GAMMA;

// for i in 0..n { (x, y) = halves of output i of SplitMix64; inside += x*x + y*y <= 1 }
//
// 1. The body is a function of a number; the kernel goes over 16 numbers at once.
// 2. x and y stay integers below 2^32, and 1 becomes 2^64: a power of two changes no rounding.
pub(super) fn run(points: &Points) -> u64 {
    inside::reduce(0..points.n, points.seed).expect("a range and a number")
}

/// 2^64, the square of the radius.
const ONE: f64 = 18_446_744_073_709_551_616.0;

/// Whether a point is inside. `+` and `*` of a kernel's integers wrap.
#[kernel(reduce(count))]
pub(super) fn inside(i: u64, seed: u64) -> bool {
    let state = seed + (i + 1) * GAMMA;
    let z = (state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9;
    let z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
    let bits = z ^ (z >> 31);
    let x = (bits >> 32) as f64;
    let y = (bits & 0xFFFF_FFFF) as f64;
    x * x + y * y <= ONE
}
