//! Eight points of a row side by side.

use super::{CI, CR, Grid, RADIUS};

/// Points that are iterated together: four registers of two, enough to hide the latencies.
const LANES: usize = 8;
/// Iterations between two looks at whether all have left.
const BLOCK: usize = 8;

// for point in grid {
//     while |z|^2 < radius^2 && count < max { z = z^2 + c; count += 1 }
// }
//
// 1. A point that has left stays outside, as infinity or NaN at last, so `count` may go on adding
//    the truth of `|z|^2 < radius^2` without remembering that it was ever false.
// 2. So LANES points run in step, and nothing asks whether all have left but every BLOCK-th time.
// 3. All products and sums are those of the naive loop: the counts are the same to the last.
pub(super) fn run(grid: &Grid) -> Vec<u32> {
    let mut counts = vec![0; grid.n() * grid.n()];
    for (row, &x) in counts.chunks_mut(grid.n()).zip(grid.axis()) {
        fill(row, x, grid.axis());
    }
    counts
}

/// One row: the real part is `x`, the imaginary parts are `axis`.
pub(super) fn fill(row: &mut [u32], x: f64, axis: &[f64]) {
    for (counts, ys) in row.chunks_mut(LANES).zip(axis.chunks(LANES)) {
        // A short last chunk repeats its first point.
        let mut zi = [ys[0]; LANES];
        zi[..ys.len()].copy_from_slice(ys);
        let lanes = iterate([x; LANES], zi, axis.len());
        for (count, lane) in counts.iter_mut().zip(lanes) {
            *count = u32::try_from(lane).expect("a count is at most n");
        }
    }
}

fn iterate(mut zr: [f64; LANES], mut zi: [f64; LANES], max: usize) -> [u64; LANES] {
    let mut counts = [0; LANES];
    let mut step = || {
        for l in 0..LANES {
            let (zr2, zi2) = (zr[l] * zr[l], zi[l] * zi[l]);
            counts[l] += u64::from(zr2 + zi2 < RADIUS * RADIUS);
            (zr[l], zi[l]) = (zr2 - zi2 + CR, 2.0 * zr[l] * zi[l] + CI);
        }
    };
    for _ in 0..max {
        step();
    }
    counts
}
