//! The function as a kernel, and its sum.

use std::ops::Range;

use tenfold_kernel::kernel;

use super::Interval;

pub(super) fn run(interval: &Interval) -> f64 {
    let dx = interval.dx();
    f_at::reduce(points(interval), interval.a, dx).expect("a range and two numbers") * dx
}

/// The numbers of the points, counted in f64 so that nothing has to be converted.
pub(super) fn points(interval: &Interval) -> Range<f64> {
    0.0..f64::from(interval.n)
}

/// Products and the sums that they go into are rounded together.
#[kernel(reduce(sum), math = contract)]
pub(super) fn f_at(i: f64, a: f64, dx: f64) -> f64 {
    let x = a + i * dx;
    x * x - x
}
