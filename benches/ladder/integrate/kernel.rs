//! The function as a kernel, and its sum.

use tenfold_kernel::kernel;

use super::Interval;

pub(super) fn run(interval: &Interval) -> f64 {
    let dx = interval.dx();
    f_at::reduce(0..interval.n, interval.a, dx).expect("a range and two numbers") * dx
}

/// Products and the sums that they go into are rounded together.
#[kernel(reduce(sum), math = contract)]
pub(super) fn f_at(i: u32, a: f64, dx: f64) -> f64 {
    let x = a + f64::from(i) * dx;
    x * x - x
}
