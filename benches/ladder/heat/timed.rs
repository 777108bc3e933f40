//! What a scaling study times: `comm`, whose ranks make their rows themselves, and may have threads.

use anyhow::{Result, bail};
use rayon::ThreadPool;
use tenfold_comm::{Blocks, Communicator};

use super::{Field, Heat, Problem, comm, naive, plates, threads};
use crate::ladder::timing::{MOST_CHECKED, Timed};
use crate::{Size, Workload as _};

/// A rank's part of a plate.
pub(in crate::ladder) struct Part {
    rows: usize,
    cols: usize,
    steps: usize,
    /// Those of its halo at the beginning.
    values: Vec<f64>,
}

impl Part {
    /// Whether each of so many ranks has a row.
    pub(in crate::ladder) fn fits(size: Size, times: usize, ranks: usize) -> Result<()> {
        let rows = plates(size)[0].0 * times;
        if rows < ranks {
            bail!(
                "a plate of {rows} rows has none for some of {ranks} ranks; take a larger --size"
            );
        }
        Ok(())
    }

    /// That of a rank of the plate of a size, which has as many times the rows in a weak study.
    pub(in crate::ladder) fn new<C: Communicator>(world: &C, size: Size, times: usize) -> Self {
        let (n, steps) = plates(size)[0];
        let (rows, cols) = (n * times, n);
        let values = Field::bottle_rows(rows, cols, comm::halo(rows, world.size(), world.rank()));
        Self { rows, cols, steps, values }
    }
}

impl Timed for Part {
    /// The rows of this rank's band.
    type Answer = Vec<f64>;

    fn once<C: Communicator>(&self, world: &C, pool: Option<&ThreadPool>) -> Result<Vec<f64>> {
        let shape = (self.rows, self.cols);
        Ok(match pool {
            None => comm::program(world, shape, self.steps, &self.values)?,
            Some(pool) => on_threads(world, shape, self.steps, self.values.clone(), pool)?,
        })
    }

    fn is_right<C: Communicator>(&self, world: &C, band: Vec<f64>) -> Result<Option<bool>> {
        let (rows, cols, ranks) = (self.rows, self.cols, world.size());
        if (rows * cols * self.steps) as f64 > MOST_CHECKED {
            return Ok(None);
        }
        let is_root = world.rank() == 0;
        let counts: Vec<usize> =
            Blocks::new(rows, ranks).counts().iter().map(|n| n * cols).collect();
        let mut values = vec![0.0; if is_root { rows * cols } else { 0 }];
        world.gatherv(&band, &mut values, &counts, 0)?;
        Ok(is_root.then(|| {
            let problem = Problem { field: Field::bottle(rows, cols), steps: self.steps };
            let answer = Field::new(rows, cols, values);
            Heat::check(&problem, &naive::run(&problem), &answer).is_ok()
        }))
    }
}

/// `comm`, where the threads of a rank share its rows as those of the rung `threads` share a plate.
fn on_threads<C: Communicator>(
    world: &C,
    (rows, cols): (usize, usize),
    steps: usize,
    mut values: Vec<f64>,
    pool: &ThreadPool,
) -> Result<Vec<f64>> {
    let (rank, ranks) = (world.rank(), world.size());
    let (band, halo) = (Blocks::new(rows, ranks).range(rank), comm::halo(rows, ranks, rank));
    let (above, below) = (band.start - halo.start, halo.end - band.end);
    let (depth, mut left) = (comm::depth(rows, ranks), steps);
    let mut room = vec![0.0; values.len()];
    while left > depth {
        pool.install(|| threads::advance(&mut values, &mut room, cols, depth));
        left -= depth;
        let (above, rest) = values.split_at_mut(above * cols);
        let (band, below) = rest.split_at_mut(rest.len() - below * cols);
        comm::exchange(world, above, band, below)?;
    }
    pool.install(|| threads::advance(&mut values, &mut room, cols, left));
    Ok(values[above * cols..values.len() - below * cols].to_vec())
}
