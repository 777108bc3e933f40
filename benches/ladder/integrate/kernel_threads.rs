//! `kernel` on all cores.

use super::Interval;
use super::kernel::{f_at, points};

pub(super) fn run(interval: &Interval) -> f64 {
    let dx = interval.dx();
    f_at::par().reduce(points(interval), interval.a, dx).expect("a range and two numbers") * dx
}
