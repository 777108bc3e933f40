//! The kernel of `kernel` on a device: each of many invocations counts some points, and a sum counts all.

use ndarray::{Array1, Axis};
use tenfold_gpu::OnDevice as _;
use tenfold_kernel::kernel;

use super::{Points, kernel::is_inside};
use crate::ladder::device::{down, on, up};

/// Invocations are the square of that: one for each place that a large device has.
const MOST: u64 = 512;
/// Points of an invocation, but where there are fewer or very many.
const FEW: u64 = 16;

// A column and a row broadcast make the numbers of all invocations, so that no array of them goes up.
pub(super) fn run(points: &Points) -> u64 {
    let side = (points.n / FEW).isqrt().clamp(1, MOST);
    let each = points.n.div_ceil(side * side);
    let row = Array1::from_iter(0..side);
    let column = (&row * side).insert_axis(Axis(1));
    let inside = on(|device| {
        let (column, row) = (up(device, &column)?, up(device, &row)?);
        let counts = count::on(device).map((&column, &row, each, points.seed, points.n))?;
        down(&counts.flatten()?.sum_axis(Axis(0))?)
    });
    inside[0]
}

/// How many of an invocation's points are inside.
#[kernel]
fn count(column: u64, row: u64, each: u64, seed: u64, n: u64) -> u64 {
    let first = (column + row) * each;
    let mut inside = 0;
    for k in 0..each {
        if first + k < n && is_inside(first + k, seed) {
            inside += 1;
        }
    }
    inside
}
