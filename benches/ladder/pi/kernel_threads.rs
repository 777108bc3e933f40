//! `kernel` on all cores.

use super::{Points, kernel::inside};

pub(super) fn run(points: &Points) -> u64 {
    inside::par().reduce(0..points.n, points.seed).expect("a range and a number")
}
