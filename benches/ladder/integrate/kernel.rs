//! The function as a kernel, and its sum.

use std::ops::Range;

use tenfold_kernel::kernel;

use super::Interval;

pub(super) fn run(interval: &Interval) -> f64 {
    let dx = interval.dx();
    f_at::reduce(points(interval), interval.a, dx).expect("a range and two numbers") * dx
}

/// The numbers of the points.
pub(super) fn points(interval: &Interval) -> Range<i32> {
    0..i32::try_from(interval.n).expect("no problem has so many parts")
}

/// Products and the sums that they go into are rounded together. AVX2 has an instruction from i32 to
/// f64, and none from u32.
#[kernel(reduce(sum), math = contract)]
pub(super) fn f_at(i: i32, a: f64, dx: f64) -> f64 {
    let x = a + f64::from(i) * dx;
    x * x - x
}
