//! `tuned` on all cores: any point can be made without those before it.

use rayon::prelude::*;

use super::{Points, tuned};

/// Points a task counts: some 20 us, so that handing out tasks costs nothing.
const CHUNK: u64 = 1 << 15;

pub(super) fn run(points: &Points) -> u64 {
    count(points.seed, 0, points.n)
}

/// How many of the `n` points from number `first` lie inside.
pub(super) fn count(seed: u64, first: u64, n: u64) -> u64 {
    let count = |chunk| {
        let done = chunk * CHUNK;
        tuned::count(seed, first + done, CHUNK.min(n - done))
    };
    (0..n.div_ceil(CHUNK)).into_par_iter().map(count).sum()
}
