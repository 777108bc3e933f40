//! The kernel of `kernel` on a device, which counts without an array of the points' numbers.

use tenfold_gpu::OnDevice as _;

use super::{Points, kernel::inside};
use crate::ladder::device::on;

pub(super) fn run(points: &Points) -> u64 {
    on(|device| inside::on(device).reduce((0..points.n, points.seed)))
}
