//! `tuned` on all cores, some rows at a time.

use rayon::prelude::*;

use super::{Grid, tuned::fill};

/// Rows a task fills.
const ROWS: usize = 8;

// A row through the middle costs several times one at the edge, so there are many more tasks than
// cores, and rayon hands them to whoever is free.
pub(super) fn run(grid: &Grid) -> Vec<u32> {
    let mut counts = vec![0; grid.n() * grid.n()];
    counts
        .par_chunks_mut(ROWS * grid.n())
        .zip(grid.axis().par_chunks(ROWS))
        .for_each(|(counts, xs)| fill(counts, xs, grid.axis()));
    counts
}
