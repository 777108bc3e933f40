//! The kernel of `kernel` on a device: one axis goes up, and counts come down.

use ndarray::{ArrayView1, Axis};
use tenfold_gpu::OnDevice as _;

use super::{
    Grid,
    kernel::{escape, most},
};
use crate::ladder::device::{down, on, up};

pub(super) fn run(grid: &Grid) -> Vec<u32> {
    on(|device| {
        let y = up(device, &ArrayView1::from(grid.axis()))?;
        let x = y.insert_axis(Axis(1))?;
        down(&escape::on(device).map((&x, &y, most(grid)))?)
    })
}
