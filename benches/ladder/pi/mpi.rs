//! `comm` on ranks that are processes of MPI.

use anyhow::{Result, bail};
use tenfold_comm::Communicator;

use super::{Points, comm};
use crate::ladder::job::{self, Job, PI};

// The text of `comm`. What is timed is what it does, and beside it a few bytes on their way to each rank and back.
pub(super) fn run(points: &Points) -> u64 {
    let ranks = rayon::current_num_threads();
    job::on_ranks(ranks, |job| on(job, ranks, points))
}

/// Tells each rank of a job which points, and has the count of all back.
///
/// # Errors
/// The ranks fail, or are not so many.
pub fn on(job: &mut Job, ranks: usize, points: &Points) -> Result<u64> {
    let answers = job.ask(vec![vec![PI, points.seed, points.n]; ranks])?.concat();
    match answers.first() {
        Some(count) if answers == vec![*count; ranks] => Ok(*count),
        _ => bail!("{ranks} ranks counted {answers:?}"),
    }
}

/// The count of all ranks, of a seed and the number of points.
pub(in crate::ladder) fn answer<C: Communicator>(world: &C, request: &[u64]) -> Result<Vec<u64>> {
    let &[seed, n] = request else {
        bail!("points are a seed and a number, not {} words", request.len());
    };
    Ok(vec![comm::program(world, &Points { seed, n })?])
}
