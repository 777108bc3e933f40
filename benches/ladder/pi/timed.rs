//! What a scaling study times: `comm`, whose ranks may have threads.

use anyhow::Result;
use rayon::ThreadPool;
use tenfold_comm::{Blocks, Communicator, Sum};

use super::{Pi, Points, comm, naive, threads};
use crate::ladder::timing::{MOST_CHECKED, Timed};
use crate::{Size, Workload as _};

impl Points {
    /// Those of a size, and as many times as many in a weak study.
    pub(in crate::ladder) fn of_size(size: Size, times: usize) -> Self {
        let points = Pi::problems(size)[0];
        Self { n: points.n * times as u64, ..points }
    }
}

impl Timed for Points {
    /// The count of all ranks.
    type Answer = u64;

    fn once<C: Communicator>(&self, world: &C, pool: Option<&ThreadPool>) -> Result<u64> {
        let Some(pool) = pool else { return Ok(comm::program(world, self)?) };
        let n = usize::try_from(self.n)?;
        let mine = Blocks::new(n, world.size()).range(world.rank());
        let (first, n) = (mine.start as u64, mine.len() as u64);
        let count = pool.install(|| threads::count(self.seed, first, n));
        let mut inside = [0];
        world.allreduce(&[count], &mut inside, Sum)?;
        Ok(inside[0])
    }

    fn is_right<C: Communicator>(&self, world: &C, count: u64) -> Result<Option<bool>> {
        let looks = world.rank() == 0 && self.n as f64 <= MOST_CHECKED;
        Ok(looks.then(|| naive::run(self) == count))
    }
}
