//! `array+ranks` on ranks that are processes of MPI. Each gets both factors, and the first gives back the product.

use anyhow::{Result, bail};
use tenfold_comm::Communicator;

use super::{Matrix, Problem, array_ranks};
use crate::ladder::job::{self, Job, MATMUL_ARRAY};

// The text of `array+ranks`. What is timed is what it does, and beside it the factors on their way to each rank and the
// product on its way back from one, by a socket.
pub(super) fn run(problem: &Problem) -> Matrix {
    job::on_ranks(rayon::current_num_threads(), |job| on(job, problem))
}

/// Gives each rank of a job both factors, and has back the product from the first.
///
/// # Errors
/// The ranks fail.
pub fn on(job: &mut Job, problem: &Problem) -> Result<Matrix> {
    let n = problem.a.n();
    let factors = problem.a.values().iter().chain(problem.b.values());
    let head = [MATMUL_ARRAY, n as u64];
    let request: Vec<u64> = head.into_iter().chain(factors.map(|value| value.to_bits())).collect();
    let values: Vec<f64> =
        job.ask_all(&request)?.concat().into_iter().map(f64::from_bits).collect();
    if values.len() != n * n {
        bail!("{} values came back of a product of {n}x{n}", values.len());
    }
    Ok(Matrix::new(n, values))
}

/// The product, on rank 0, from the number of rows, and the values of both factors.
pub(in crate::ladder) fn answer<C: Communicator>(world: &C, request: &[u64]) -> Result<Vec<u64>> {
    let &[n, ref values @ ..] = request else {
        bail!("two matrices are their size and their values, not 0 words");
    };
    let (n, count) = (n as usize, values.len());
    let each = count / 2;
    if n.checked_mul(n) != Some(each) || 2 * each != count {
        bail!("two matrices of {n}x{n} have {count} values");
    }
    let matrix =
        |bits: &[u64]| Matrix::new(n, bits.iter().map(|bits| f64::from_bits(*bits)).collect());
    let problem = Problem { a: matrix(&values[..each]), b: matrix(&values[each..]) };
    let product = array_ranks::program(world, &problem)?;
    Ok(product.into_iter().flatten().map(f64::to_bits).collect())
}
