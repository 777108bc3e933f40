//! `tuned` on all cores, with accelerations of its own for every task.

use rayon::prelude::*;

use super::{
    Bodies, Problem,
    lanes::{Groups, LANES, Lanes},
    tuned::meet,
};

/// Tasks a step, whatever the pool: their sums are added in the same order, so the answer has the
/// same bits on any number of cores.
const TASKS: usize = 16;

// 1. By Newton's third law two tasks may pull on one body at once; each adds to accelerations of
//    its own, which are summed after the step.
// 2. The first group meets all groups, the last none but itself. Task t takes every TASKS-th from
//    the t-th on: all tasks have long and short ones.
pub(super) fn run(problem: &Problem) -> Bodies {
    let mut groups = Groups::new(problem);
    for _ in 0..problem.steps {
        let accelerations = accelerations(&groups);
        groups.advance(&accelerations);
    }
    groups.into_bodies()
}

fn accelerations(groups: &Groups) -> Vec<Lanes> {
    let n = groups.masses.len();
    let task = |first| {
        let mut accelerations = vec![[[0.0; LANES]; 3]; n];
        (first..n).step_by(TASKS).for_each(|group| meet(group, groups, &mut accelerations));
        accelerations
    };
    let parts: Vec<Vec<Lanes>> = (0..TASKS).into_par_iter().map(task).collect();
    parts.into_iter().reduce(add).unwrap_or_default()
}

fn add(mut sum: Vec<Lanes>, part: Vec<Lanes>) -> Vec<Lanes> {
    let terms = part.as_flattened().as_flattened();
    let sums = sum.as_flattened_mut().as_flattened_mut();
    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
    sum
}
