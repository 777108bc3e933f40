//! `tuned` on all cores.

use rayon::prelude::*;

use super::{Interval, tuned};

/// Evaluations a task sums: some 20 us, so that handing out tasks costs nothing.
const CHUNK: u32 = 1 << 16;

// The chunks and the order in which their sums are added do not depend on the pool, so neither does
// a bit of the answer.
pub(super) fn run(interval: &Interval) -> f64 {
    let sum = |chunk| {
        let first = chunk * CHUNK;
        tuned::sum(interval, first, CHUNK.min(interval.n - first))
    };
    let sums: Vec<f64> = (0..interval.n.div_ceil(CHUNK)).into_par_iter().map(sum).collect();
    sums.iter().sum::<f64>() * interval.dx()
}
