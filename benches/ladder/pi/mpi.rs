//! `comm` on ranks that are processes of MPI.

use anyhow::{Result, bail};
use tenfold_comm::Communicator;

use super::{Points, comm};
use crate::ladder::job::{self, Job, PI};

// The text of `comm`. What is timed is what it does, and beside it a few bytes on their way to each rank and back.
pub(super) fn run(points: &Points) -> u64 {
    job::on_ranks(rayon::current_num_threads(), |job| on(job, points))
}

/// Tells each rank of a job which points, and has the count of all back.
///
/// # Errors
/// The ranks fail, or have not counted the same.
pub fn on(job: &mut Job, points: &Points) -> Result<u64> {
    counted(&job.ask_all(&[PI, points.seed, points.n])?.concat())
}

/// The count that all ranks have.
pub(super) fn counted(answers: &[u64]) -> Result<u64> {
    match answers.first() {
        Some(count) if answers.iter().all(|other| other == count) => Ok(*count),
        _ => bail!("{} ranks counted {answers:?}", answers.len()),
    }
}

/// A request's seed and number of points.
pub(super) fn points(request: &[u64]) -> Result<Points> {
    match request {
        &[seed, n] => Ok(Points { seed, n }),
        _ => bail!("points are a seed and a number, not {} words", request.len()),
    }
}

/// The count of all ranks, of a seed and the number of points.
pub(in crate::ladder) fn answer<C: Communicator>(world: &C, request: &[u64]) -> Result<Vec<u64>> {
    Ok(vec![comm::program(world, &points(request)?)?])
}
