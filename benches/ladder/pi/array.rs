//! The points as an array of tasks, and the sum of those inside.

use tenfold_array::ndarray::Ix0;
use tenfold_array::{Array, Settings};

use super::Points;
use crate::ladder::splitmix;

/// Points of a chunk: some milliseconds.
const CHUNK: usize = 1 << 20;

// 1. The array is a formula: no point is ever stored.
// 2. Chunks go to all cores; within one the function is called for two thousand points at a time.
pub(super) fn run(points: &Points) -> u64 {
    let settings = Settings::new().threads(rayon::current_num_threads());
    let count = settings.compute(&inside(points)).expect("a range and a function");
    count.into_scalar().unsigned_abs()
}

/// How many of all points lie inside.
pub(super) fn inside(points: &Points) -> Array<i64, Ix0> {
    let seed = points.seed;
    let inside = Array::arange(0..points.n, CHUNK).map(move |i| {
        let bits = splitmix::output(seed, i);
        let x = (bits >> 32) as f64 / 4_294_967_296.0;
        let y = (bits & 0xFFFF_FFFF) as f64 / 4_294_967_296.0;
        x * x + y * y <= 1.0
    });
    inside.sum()
}
