//! The course's `kernel` and its two loops, line for line.

use super::{CI, CR, Grid, RADIUS};

pub(super) fn run(grid: &Grid) -> Vec<u32> {
    let n = grid.n();
    let mut counts = vec![0; n * n];
    for (i, &x) in grid.axis().iter().enumerate() {
        for (j, &y) in grid.axis().iter().enumerate() {
            counts[i * n + j] = kernel(x, y, CR, CI, RADIUS, n);
        }
    }
    counts
}

fn kernel(mut zr: f64, mut zi: f64, cr: f64, ci: f64, radius: f64, max: usize) -> u32 {
    let mut count = 0;
    while zr * zr + zi * zi < radius * radius && (count as usize) < max {
        (zr, zi) = (zr * zr - zi * zi + cr, 2.0 * zr * zi + ci);
        count += 1;
    }
    count
}
