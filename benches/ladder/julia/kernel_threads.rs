//! `kernel` on all cores.

use ndarray::{ArrayView1, Axis};

use super::{
    Grid,
    kernel::{escape, into_vec, most},
};

pub(super) fn run(grid: &Grid) -> Vec<u32> {
    let y = ArrayView1::from(grid.axis());
    let x = y.insert_axis(Axis(1));
    into_vec(escape::par().map(x, y, most(grid)).expect("a column and a row"))
}
