//! `array+ranks` on ranks that are processes of MPI.

use anyhow::Result;
use tenfold_comm::Communicator;

use super::{Points, array_ranks, mpi};
use crate::ladder::job::{self, Job, PI_ARRAY};

// The text of `array+ranks`. What is timed is what it does, and beside it a few bytes on their way to each rank and back.
pub(super) fn run(points: &Points) -> u64 {
    job::on_ranks(rayon::current_num_threads(), |job| on(job, points))
}

/// Tells each rank of a job which points, and has the count of all back.
///
/// # Errors
/// The ranks fail, or have not counted the same.
pub fn on(job: &mut Job, points: &Points) -> Result<u64> {
    mpi::counted(&job.ask_all(&[PI_ARRAY, points.seed, points.n])?.concat())
}

/// The count of all ranks, of a seed and the number of points.
pub(in crate::ladder) fn answer<C: Communicator>(world: &C, request: &[u64]) -> Result<Vec<u64>> {
    Ok(vec![array_ranks::program(world, &mpi::points(request)?)?])
}
