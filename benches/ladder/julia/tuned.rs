//! Eight points side by side; one that has left makes room for the next.

use super::{CI, CR, Grid, RADIUS};

/// Points that are iterated together: four registers of two, enough to hide the latencies.
const LANES: usize = 8;
/// Iterations between two looks at who has left.
const BLOCK: u64 = 8;
/// The cell of a lane that has nothing to do.
const IDLE: usize = usize::MAX;

// for point in grid {
//     while |z|^2 < radius^2 && count < max { z = z^2 + c; count += 1 }
// }
//
// 1. A point that has left stays outside, as infinity or NaN at last. So a lane counts how often
//    `|z|^2 < radius^2` was true, and need not remember that it was ever false.
// 2. So LANES points run in step for BLOCK iterations without a branch. Only then are those that
//    have left, or are through, replaced by the next points of the grid.
// 3. All products and sums are those of the naive loop: the counts are the same to the last.
pub(super) fn run(grid: &Grid) -> Vec<u32> {
    let mut counts = vec![0; grid.n() * grid.n()];
    fill(&mut counts, grid.axis(), grid.axis());
    counts
}

/// The counts of the points `x + iy`, row by row for every `x`.
pub(super) fn fill(counts: &mut [u32], xs: &[f64], ys: &[f64]) {
    let max = ys.len() as u64;
    let mut points = xs.iter().flat_map(|&x| ys.iter().map(move |&y| (x, y))).enumerate();
    // Lanes start as if they had just lost a point.
    let (mut zr, mut zi) = ([f64::INFINITY; LANES], [0.0; LANES]);
    let mut cells = [IDLE; LANES];
    let mut totals = [0; LANES];
    loop {
        let inside = iterate(&mut zr, &mut zi);
        for l in 0..LANES {
            totals[l] += inside[l];
            if inside[l] == BLOCK && totals[l] < max {
                continue;
            }
            if let Some(count) = counts.get_mut(cells[l]) {
                *count =
                    u32::try_from(totals[l].min(max)).expect("a grid is far from 2^32 points wide");
            }
            let Some((cell, point)) = points.next() else {
                cells[l] = IDLE;
                continue;
            };
            (cells[l], totals[l]) = (cell, 0);
            (zr[l], zi[l]) = point;
        }
        if cells == [IDLE; LANES] {
            return;
        }
    }
}

/// BLOCK iterations, and how many of them each lane began inside.
fn iterate(zr: &mut [f64; LANES], zi: &mut [f64; LANES]) -> [u64; LANES] {
    let mut inside = [0; LANES];
    for _ in 0..BLOCK {
        for l in 0..LANES {
            let (zr2, zi2) = (zr[l] * zr[l], zi[l] * zi[l]);
            inside[l] += u64::from(zr2 + zi2 < RADIUS * RADIUS);
            (zr[l], zi[l]) = (zr2 - zi2 + CR, 2.0 * zr[l] * zi[l] + CI);
        }
    }
    inside
}
