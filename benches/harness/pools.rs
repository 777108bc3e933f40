//! Thread pools, one for each number of threads, made when first asked for.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::workload::Cores;

/// The pools made so far.
#[derive(Debug, Default)]
pub(crate) struct Pools(BTreeMap<usize, ThreadPool>);

impl Pools {
    /// Runs `work` as a rung of that kind wants it: on this thread, or in a pool of `threads`.
    ///
    /// # Errors
    /// The system does not give the threads.
    pub(crate) fn run<R: Send>(
        &mut self,
        cores: Cores,
        threads: usize,
        work: impl FnOnce() -> R + Send,
    ) -> Result<R, String> {
        if cores != Cores::All {
            return Ok(work());
        }
        let pool = match self.0.entry(threads) {
            Entry::Occupied(pool) => pool.into_mut(),
            Entry::Vacant(place) => place.insert(
                ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .map_err(|error| format!("no pool of {threads} threads: {error}"))?,
            ),
        };
        Ok(pool.install(work))
    }
}
