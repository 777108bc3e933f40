//! Eight sums side by side.

use super::{Interval, f};

/// Sums: four registers of two, enough to hide an addition's latency.
const LANES: usize = 8;

// for i in 0..n { s += f(a + i * dx) }
//
// 1. Sum l takes every LANES-th evaluation from the l-th on: each addition of the naive loop must
//    wait for the one before, these only for their own.
// 2. `i` is counted in f64, exactly, so that nothing has to be converted.
pub(super) fn run(interval: &Interval) -> f64 {
    sum(interval, 0, interval.n) * interval.dx()
}

/// The sum of f over the `n` points from number `first`.
pub(super) fn sum(interval: &Interval, first: u32, n: u32) -> f64 {
    let (a, dx) = (interval.a, interval.dx());
    let mut i: [f64; LANES] = std::array::from_fn(|l| f64::from(first) + l as f64);
    let mut sums = [0.0; LANES];
    for _ in 0..n as usize / LANES {
        for l in 0..LANES {
            sums[l] += f(a + i[l] * dx);
            i[l] += LANES as f64;
        }
    }
    let rest = i.iter().take(n as usize % LANES).map(|i| f(a + i * dx));
    sums.iter().copied().chain(rest).sum()
}
