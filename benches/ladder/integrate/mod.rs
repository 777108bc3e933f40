//! The integral of x^2 - x as a Riemann sum.
//!
//! The course's exercise on Cython (episode 4), whose `integrate_f` sums f(a + i dx) over the left
//! ends of N intervals: here over [0, 2] with N = 10^7. An operation is one evaluation of f.
//!
//! **Check**: the difference from `naive`, at most N eps (b - a) max|f|. Summing N numbers in any
//! order is off by at most N eps/2 times the sum of their magnitudes (Higham, "Accuracy and
//! stability of numerical algorithms", section 4.2), which times dx is at most (b - a) max|f|; two
//! orders differ by twice that. All rungs evaluate f at the same points, rounded alike.

mod kernel;
mod kernel_threads;
mod naive;
mod threads;
mod tuned;

use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Integrate;

/// Over what, and how finely.
#[derive(Debug, Clone, Copy)]
pub struct Interval {
    /// Lower end.
    pub a: f64,
    /// Upper end.
    pub b: f64,
    /// Parts.
    pub n: u32,
}

impl Interval {
    /// Width of a part.
    pub(crate) fn dx(&self) -> f64 {
        (self.b - self.a) / f64::from(self.n)
    }
}

/// The function.
#[inline]
pub(crate) fn f(x: f64) -> f64 {
    x * x - x
}

impl Workload for Integrate {
    type Input = Interval;
    type Output = f64;

    const NAME: &'static str = "integrate";
    const ABOUT: &'static str = "the integral of x^2 - x as a Riemann sum";
    const UNIT: &'static str = "evaluation";
    const FLOPS: f64 = 5.0;
    const RUNGS: &'static [Rung<Interval, f64>] = &[
        rung!(naive),
        rung!(tuned),
        rung!(threads).on_all_cores(),
        rung!(kernel),
        rung!(kernel_threads, named = "kernel+threads").on_all_cores(),
    ];

    fn problems(size: Size) -> Vec<Interval> {
        let draw = |n| vec![Interval { a: 0.0, b: 2.0, n }];
        match size {
            Size::S => draw(100_000),
            Size::M => draw(1_000_000),
            Size::L => draw(1_000_000_000),
            Size::Course => draw(10_000_000),
        }
    }

    fn label(interval: &Interval) -> String {
        let Interval { a, b, n } = interval;
        format!("[{a}, {b}] in {n} parts")
    }

    fn ops(interval: &Interval) -> f64 {
        f64::from(interval.n)
    }

    fn digest(output: &f64) -> Vec<f64> {
        vec![*output]
    }

    fn check(interval: &Interval, reference: &f64, got: &f64) -> Result<f64, String> {
        crate::check::largest_difference(&[*reference], &[*got], tolerance(interval))
    }
}

/// N eps (b - a) max|f|; |f| is largest at an end or at its vertex, 1/2.
fn tolerance(interval: &Interval) -> f64 {
    let Interval { a, b, n } = *interval;
    let largest = f(a).abs().max(f(b).abs()).max(0.25);
    f64::from(n) * f64::EPSILON * (b - a).abs() * largest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Integrate, Interval, f, naive, tolerance};
    use crate::{Size, Workload, ladder::agree};

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Integrate>();
        (1..40).for_each(|n| agree::on::<Integrate>(&Interval { a: 0.0, b: 2.0, n }));
    }

    /// 8/3 - 4/2; a left sum of this f over [0, 2] is below by (f(2) - f(0)) dx / 2 and above by
    /// (f'(2) - f'(0)) dx^2 / 12, and by nothing else (Euler and Maclaurin).
    #[test]
    fn the_integral_from_0_to_2_is_two_thirds() {
        let interval = Integrate::problems(Size::M)[0];
        let sum = naive::run(&interval);
        assert!((sum - 2.0 / 3.0).abs() < 1.1 * interval.dx());
        assert!((sum - left_sum(&interval)).abs() < tolerance(&interval));
    }

    /// The course's own call, integrate_f(9, 10, 100).
    #[test]
    fn the_course_s_call() {
        let interval = Interval { a: 9.0, b: 10.0, n: 100 };
        assert!((naive::run(&interval) - left_sum(&interval)).abs() < tolerance(&interval));
    }

    fn left_sum(interval: &Interval) -> f64 {
        let Interval { a, b, .. } = *interval;
        let dx = interval.dx();
        let integral = |x: f64| x.powi(3) / 3.0 - x * x / 2.0;
        integral(b) - integral(a) - (f(b) - f(a)) * dx / 2.0 + 2.0 * (b - a) * dx * dx / 12.0
    }

    proptest! {
        #[test]
        fn any_interval(a in -10.0..10.0, b in -10.0..10.0, n in 1..200_000_u32) {
            agree::on::<Integrate>(&Interval { a, b, n });
        }
    }
}
