//! `comm` on ranks that are processes of MPI. They wait for their rows, and hand back their bands.

use anyhow::{Result, bail};
use tenfold_comm::Communicator;

use super::{Field, Problem, comm};
use crate::ladder::job::{self, HEAT, Job};

// The text of `comm`. What is timed is what it does, and beside it the plate on its way to the ranks and back,
// by a socket: 16 bytes for each point.
pub(super) fn run(problem: &Problem) -> Field {
    let ranks = rayon::current_num_threads().min(problem.field.rows());
    job::on_ranks(ranks, |job| on(job, ranks, problem))
}

/// Gives each rank of a job its rows, and has back its band.
///
/// # Errors
/// The ranks fail, or are not so many.
pub fn on(job: &mut Job, ranks: usize, problem: &Problem) -> Result<Field> {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let requests = (0..ranks).map(|rank| {
        let halo = comm::halo(rows, ranks, rank);
        let values = &problem.field.values()[halo.start * cols..halo.end * cols];
        let head = [HEAT, rows as u64, cols as u64, problem.steps as u64];
        head.into_iter().chain(values.iter().map(|value| value.to_bits())).collect::<Vec<_>>()
    });
    field(rows, cols, job.ask(requests)?)
}

/// The plate whose rows the ranks have given back, one after another.
pub(super) fn field(rows: usize, cols: usize, answers: Vec<Vec<u64>>) -> Result<Field> {
    let values: Vec<f64> = answers.into_iter().flatten().map(f64::from_bits).collect();
    if values.len() != rows * cols {
        bail!("{} values came back of a plate of {rows}x{cols}", values.len());
    }
    Ok(Field::new(rows, cols, values))
}

/// The numbers of rows, columns and steps of a request, and its values.
pub(super) fn request(words: &[u64]) -> Result<([usize; 3], Vec<f64>)> {
    let Some((head, values)) = words.split_first_chunk::<3>() else {
        bail!("a plate is 3 words and its values, not {} words", words.len());
    };
    let values = values.iter().map(|bits| f64::from_bits(*bits));
    Ok((head.map(|word| word as usize), values.collect()))
}

/// A rank's band, from its rows: the numbers of rows, columns and steps, and the values.
pub(in crate::ladder) fn answer<C: Communicator>(world: &C, request: &[u64]) -> Result<Vec<u64>> {
    let ([rows, cols, steps], values) = self::request(request)?;
    let (rank, ranks) = (world.rank(), world.size());
    let halo = comm::halo(rows, ranks, rank);
    if cols == 0 || rows < ranks || halo.len().checked_mul(cols) != Some(values.len()) {
        let count = values.len();
        bail!("a plate of {rows}x{cols} on {ranks} ranks: rank {rank} has {count} values");
    }
    let band = comm::program(world, (rows, cols), steps, &values)?;
    Ok(band.into_iter().map(f64::to_bits).collect())
}
