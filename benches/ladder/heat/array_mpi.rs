//! `array+ranks` on ranks that are processes of MPI. Each gets all of the plate, and the first gives it back.

use anyhow::{Result, bail};
use tenfold_comm::Communicator;

use super::{Field, Problem, array_ranks, mpi};
use crate::ladder::job::{self, HEAT_ARRAY, Job};

// The text of `array+ranks`. What is timed is what it does, and beside it the plate on its way to each rank and back from
// one, by a socket.
pub(super) fn run(problem: &Problem) -> Field {
    let ranks = rayon::current_num_threads().min(problem.field.rows());
    job::on_ranks(ranks, |job| on(job, problem))
}

/// Gives each rank of a job the plate, and has it back from the first.
///
/// # Errors
/// The ranks fail, or are more than the plate has rows.
pub fn on(job: &mut Job, problem: &Problem) -> Result<Field> {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let head = [HEAT_ARRAY, rows as u64, cols as u64, problem.steps as u64];
    let values = problem.field.values().iter().map(|value| value.to_bits());
    let request: Vec<u64> = head.into_iter().chain(values).collect();
    mpi::field(rows, cols, job.ask_all(&request)?)
}

/// The plate after all steps, on rank 0, from the numbers of rows, columns and steps, and the values.
pub(in crate::ladder) fn answer<C: Communicator>(world: &C, request: &[u64]) -> Result<Vec<u64>> {
    let ([rows, cols, steps], values) = mpi::request(request)?;
    let (ranks, count) = (world.size(), values.len());
    if cols == 0 || rows < ranks || rows.checked_mul(cols) != Some(count) {
        bail!("a plate of {rows}x{cols} on {ranks} ranks has {count} values");
    }
    let problem = Problem { field: Field::new(rows, cols, values), steps };
    let plate = array_ranks::program(world, &problem)?;
    Ok(plate.into_iter().flatten().map(f64::to_bits).collect())
}
