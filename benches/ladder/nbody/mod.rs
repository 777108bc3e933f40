//! Gravity between all pairs of bodies, with softening.
//!
//! Not in the course; the usual example for loops that NumPy cannot say well. 512 bodies, 5 steps:
//! positions drawn from [-1, 1)^3, velocities from [-0.1, 0.1)^3, masses from [0.5, 1.5) / n, all
//! from SplitMix64; G = 1, softening length 0.05, time step 0.01, kick then drift (semi-implicit
//! Euler). An operation is one ordered pair in one step: n * n * steps, a body with itself (which
//! adds nothing) included.
//!
//! **Check**: the largest difference of a coordinate or velocity relative to `max(|naive's|, 1)`,
//! at most 1e-9. An acceleration is a sum of n terms, each known to a few eps and at most
//! m / softening^2 = 1.2 at n = 512; reordering them is off by some n * eps = 1e-13, and 5 steps of
//! 0.01 neither amplify nor pile up that.

mod bodies;
#[cfg(feature = "gpu")]
mod gpu;
mod kernel;
mod kernel_threads;
mod lanes;
mod naive;
mod threads;
mod tuned;

pub use bodies::{Bodies, Problem};

#[cfg(feature = "gpu")]
use super::device;
use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Nbody;

/// Square of the length below which gravity softens.
pub(crate) const SOFTENING2: f64 = 0.05 * 0.05;
/// Time step.
pub(crate) const DT: f64 = 0.01;

impl Workload for Nbody {
    type Input = Problem;
    type Output = Bodies;

    const NAME: &'static str = "nbody";
    const ABOUT: &'static str = "gravity between all pairs of bodies";
    const UNIT: &'static str = "pair";
    const FLOPS: f64 = 20.0;
    const RUNGS: &'static [Rung<Problem, Bodies>] = &[
        rung!(naive),
        rung!(tuned),
        rung!(threads).on_all_cores(),
        rung!(kernel),
        rung!(kernel_threads, named = "kernel+threads").on_all_cores(),
        rung!(gpu, feature = "gpu", on_device = device::note, unless = device::missing),
    ];

    fn problems(size: Size) -> Vec<Problem> {
        match size {
            Size::S => vec![Problem::draw(64, 5)],
            Size::M => vec![Problem::draw(256, 5)],
            Size::L => vec![Problem::draw(4096, 5)],
            Size::Course => vec![Problem::draw(512, 5)],
        }
    }

    fn label(problem: &Problem) -> String {
        format!("{} bodies, {} steps", problem.bodies.positions.len(), problem.steps)
    }

    fn ops(problem: &Problem) -> f64 {
        (problem.bodies.positions.len().pow(2) * problem.steps) as f64
    }

    fn digest(output: &Bodies) -> Vec<f64> {
        crate::check::digest(output.positions.as_flattened())
    }

    fn check(_: &Problem, reference: &Bodies, got: &Bodies) -> Result<f64, String> {
        let compare = |r: &[[f64; 3]], g: &[[f64; 3]]| {
            crate::check::largest_relative(r.as_flattened(), g.as_flattened(), 1e-9)
        };
        let positions = compare(&reference.positions, &got.positions)?;
        let velocities = compare(&reference.velocities, &got.velocities)?;
        Ok(positions.max(velocities))
    }
}

#[cfg(test)]
mod tests {
    use super::{Bodies, DT, Nbody, Problem, SOFTENING2, naive};
    use crate::{Size, Workload, ladder::agree};

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Nbody>();
        for n in (1..40).chain([67, 71, 131, 150]) {
            agree::on::<Nbody>(&Problem::draw(n, 2));
        }
    }

    fn momentum(masses: &[f64], bodies: &Bodies) -> [f64; 3] {
        let along = |k| masses.iter().zip(&bodies.velocities).map(|(m, v)| m * v[k]).sum();
        [0, 1, 2].map(along)
    }

    #[test]
    fn momentum_is_conserved() {
        let problem = &Nbody::problems(Size::S)[0];
        let before = momentum(&problem.masses, &problem.bodies);
        for (name, bodies) in agree::each::<Nbody>(problem) {
            assert_ne!(bodies, problem.bodies);
            let after = momentum(&problem.masses, &bodies);
            assert!(before.iter().zip(after).all(|(b, a)| (b - a).abs() < 1e-14), "{name}");
        }
    }

    /// Two bodies at rest, 2 apart: each is pulled by m * 2 / (2^2 + softening^2)^(3/2).
    #[test]
    fn two_bodies_fall_towards_each_other() {
        let positions = vec![[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]];
        let bodies = Bodies { positions, velocities: vec![[0.0; 3]; 2] };
        let problem = Problem { bodies, masses: vec![1.0, 3.0], steps: 1 };
        let pull = DT * 2.0 / (4.0 + SOFTENING2).powf(1.5);
        let velocities = naive::run(&problem).velocities;
        assert!((velocities[0][0] - 3.0 * pull).abs() < 1e-15);
        assert!((velocities[1][0] + pull).abs() < 1e-15);
        agree::on::<Nbody>(&problem);
    }
}
