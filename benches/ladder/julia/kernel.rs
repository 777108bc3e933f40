//! The course's `kernel`, as a kernel: 16 points at once, each until it escapes.

use ndarray::{Array2, ArrayView1, Axis};
use tenfold_kernel::kernel;

use super::{CI, CR, Grid, RADIUS};

pub(super) fn run(grid: &Grid) -> Vec<u32> {
    let y = ArrayView1::from(grid.axis());
    let x = y.insert_axis(Axis(1));
    into_vec(escape::map(x, y, most(grid)).expect("a column and a row"))
}

#[kernel]
pub(super) fn escape(x: f64, y: f64, max: u32) -> u32 {
    let mut zr = x;
    let mut zi = y;
    let mut count = 0;
    while zr * zr + zi * zi < RADIUS * RADIUS && count < max {
        let next = zr * zr - zi * zi + CR;
        zi = 2.0 * zr * zi + CI;
        zr = next;
        count += 1;
    }
    count
}

/// The most iterations.
pub(super) fn most(grid: &Grid) -> u32 {
    u32::try_from(grid.n()).expect("a picture has fewer rows")
}

pub(super) fn into_vec(counts: Array2<u32>) -> Vec<u32> {
    counts.into_raw_vec_and_offset().0
}
