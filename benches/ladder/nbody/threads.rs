//! `tuned` on all cores, with accelerations of its own for every task.

use rayon::prelude::*;

use super::{
    Bodies, Problem,
    tuned::{Axes, advance, from_axes, meet, to_axes},
};

/// Tasks a step, whatever the pool: their sums are added in the same order, so the answer has the
/// same bits on any number of cores.
const TASKS: usize = 16;

// 1. Newton's third law would let two tasks pull on one body at once; each adds to arrays of its
//    own, which are summed after the step.
// 2. Body i meets the n - 1 - i after it. Task t takes every TASKS-th body from the t-th on: all
//    tasks have long and short ones.
pub(super) fn run(problem: &Problem) -> Bodies {
    let mut positions = to_axes(&problem.bodies.positions);
    let mut velocities = to_axes(&problem.bodies.velocities);
    for _ in 0..problem.steps {
        let pulls = accelerations(&positions, &problem.masses);
        advance(&mut positions, &mut velocities, &pulls);
    }
    Bodies { positions: from_axes(&positions), velocities: from_axes(&velocities) }
}

fn accelerations(positions: &Axes, masses: &[f64]) -> Axes {
    let n = masses.len();
    let task = |first: usize| {
        let mut pulls = [0; 3].map(|_| vec![0.0; n]);
        for i in (first..n).step_by(TASKS) {
            meet(i, positions, masses, &mut pulls);
        }
        pulls
    };
    let parts: Vec<Axes> = (0..TASKS).into_par_iter().map(task).collect();
    let add = |mut sum: Axes, part: Axes| {
        for (sum, part) in sum.iter_mut().zip(part) {
            sum.iter_mut().zip(part).for_each(|(s, p)| *s += p);
        }
        sum
    };
    parts.into_iter().reduce(add).unwrap_or_default()
}
