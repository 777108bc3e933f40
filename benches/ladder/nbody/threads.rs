//! `tuned` on all cores, with accelerations of its own for every task.

use rayon::prelude::*;

use super::{
    Bodies, Problem,
    lanes::{Groups, LANES, Lanes},
    tuned::meet,
};

/// Groups for each task of a step, whatever the pool: the tasks' sums are added in the same order,
/// so the answer has the same bits on any number of cores. More tasks would spend more on arrays of
/// their own: with 16 in place of 8 for 512 bodies, two cores gained 1.74 in place of 1.82.
const GROUPS: usize = 16;

// 1. By Newton's third law two tasks may pull on one body at once; each adds to accelerations of
//    its own, which are summed after the step.
// 2. The first group meets all groups, the last none but itself. Of t tasks, each takes every
//    t-th group: all tasks have long and short ones.
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
    let tasks = n.div_ceil(GROUPS).min(64);
    let task = |first| {
        let mut accelerations = vec![[[0.0; LANES]; 3]; n];
        (first..n).step_by(tasks).for_each(|group| meet(group, groups, &mut accelerations));
        accelerations
    };
    let parts: Vec<Vec<Lanes>> = (0..tasks).into_par_iter().map(task).collect();
    parts.into_iter().reduce(add).unwrap_or_default()
}

fn add(mut sum: Vec<Lanes>, part: Vec<Lanes>) -> Vec<Lanes> {
    let terms = part.as_flattened().as_flattened();
    let sums = sum.as_flattened_mut().as_flattened_mut();
    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
    sum
}
