//! The rows of `tuned` on all cores.

use rayon::prelude::*;

use super::{Grid, tuned};

// A row through the middle costs several times one at the edge, so rayon may split down to single
// rows and balance by stealing.
pub(super) fn run(grid: &Grid) -> Vec<u32> {
    let mut counts = vec![0; grid.n() * grid.n()];
    counts
        .par_chunks_mut(grid.n())
        .zip(grid.axis())
        .for_each(|(row, &x)| tuned::fill(row, x, grid.axis()));
    counts
}
