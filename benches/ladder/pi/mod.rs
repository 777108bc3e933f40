//! Pi by Monte Carlo: the share of random points that fall into a quarter of a circle.
//!
//! The course's first exercise (episode 2), with its million points. Point i is made of output i
//! of SplitMix64 with the problem's seed: x is its high 32 bits and y its low 32 bits, both times
//! 2^-32. The point counts when `x * x + y * y <= 1`, where both squares and their sum are rounded
//! to f64. Making the points is part of the work. An operation is one point.
//!
//! **Check**: equality; the points are the same whoever makes them.

mod array;
pub(super) mod array_mpi;
mod array_ranks;
mod comm;
#[cfg(feature = "gpu")]
mod gpu;
mod kernel;
mod kernel_threads;
pub(super) mod mpi;
mod naive;
mod threads;
pub(super) mod timed;
mod tuned;

pub use array_mpi::on as arrays_on_job;
pub use mpi::on as on_job;

#[cfg(feature = "gpu")]
use super::device;
use super::job;
use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Pi;

/// How many points, and which.
#[derive(Debug, Clone, Copy)]
pub struct Points {
    /// Seed of the generator.
    pub seed: u64,
    /// How many.
    pub n: u64,
}

impl Workload for Pi {
    type Input = Points;
    type Output = u64;

    const NAME: &'static str = "pi";
    const ABOUT: &'static str = "pi by Monte Carlo: points in a quarter of a circle";
    const UNIT: &'static str = "point";
    const FLOPS: f64 = 4.0;
    const RUNGS: &'static [Rung<Points, u64>] = &[
        rung!(naive),
        rung!(tuned),
        rung!(threads).on_all_cores(),
        rung!(comm).on_all_cores(),
        rung!(mpi).on_all_cores().unless(job::missing),
        rung!(kernel),
        rung!(kernel_threads, named = "kernel+threads").on_all_cores(),
        rung!(array).on_all_cores(),
        rung!(array_ranks, named = "array+ranks").on_all_cores(),
        rung!(array_mpi, named = "array+mpi").on_all_cores().unless(job::missing),
        rung!(gpu, feature = "gpu", on_device = device::note, unless = device::missing_u64),
    ];

    fn problems(size: Size) -> Vec<Points> {
        let draw = |n| vec![Points { seed: 42, n }];
        match size {
            Size::S => draw(10_000),
            Size::M => draw(100_000),
            Size::L => draw(100_000_000),
            Size::Course => draw(1_000_000),
        }
    }

    fn label(points: &Points) -> String {
        format!("{} points", points.n)
    }

    fn ops(points: &Points) -> f64 {
        points.n as f64
    }

    fn digest(output: &u64) -> Vec<f64> {
        vec![*output as f64]
    }

    fn course(points: &Points) -> &'static [(&'static str, f64)] {
        let theirs = &[("the course's Numba", 9.93e-3), ("the same, parallel", 3.2e-3)];
        if points.n == 1_000_000 { theirs } else { &[] }
    }

    fn check(_: &Points, reference: &u64, got: &u64) -> Result<f64, String> {
        crate::check::equal(reference, got)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use proptest::prelude::*;

    use super::{Pi, Points, naive};
    use crate::{Size, Workload, ladder::agree};

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Pi>();
        (0..70).for_each(|n| agree::on::<Pi>(&Points { seed: 1, n }));
    }

    /// The count is binomial, and five standard deviations are exceeded once in two million seeds.
    #[test]
    fn the_count_gives_pi() {
        let points = Pi::problems(Size::Course)[0];
        let n = points.n as f64;
        let share = PI / 4.0;
        let sigma = (n * share * (1.0 - share)).sqrt();
        assert!((naive::run(&points) as f64 - n * share).abs() < 5.0 * sigma);
    }

    proptest! {
        #[test]
        fn any_points(seed: u64, n in 0..100_000_u64) {
            agree::on::<Pi>(&Points { seed, n });
        }
    }
}
