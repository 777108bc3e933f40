//! `tuned` on ranks, each with a band of rows, which tell their neighbours of their edges.

use std::ops::Range;

use tenfold_comm::{Blocks, Communicator, Error, World};

use super::{Field, Problem, threads::steps_between_meetings, tuned::Plate};

// 1. A rank keeps its band with a halo of `depth` rows of each neighbour, and takes it `depth` steps
//    ahead as if its edges were fixed. What is wrong with that creeps inward by one row a step, and
//    has used up the halo when the neighbours' rows come anew: one message for `depth` steps.
// 2. The price is the halo, updated by two ranks: `depth` rows of a band on average.
pub(super) fn run(problem: &Problem) -> Field {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    // Every rank has a row.
    let ranks = rayon::current_num_threads().min(rows);
    let bands = World::threads(ranks).run(|world| {
        let halo = halo(rows, ranks, world.rank());
        let values = &problem.field.values()[halo.start * cols..halo.end * cols];
        program(world, (rows, cols), problem.steps, values)
    });
    Field::new(rows, cols, bands.expect("all ranks do the same").concat())
}

/// The same on all ranks, and no more than the shortest band has rows.
pub(super) fn depth(rows: usize, ranks: usize) -> usize {
    steps_between_meetings(rows / ranks)
}

/// The rows of a rank's band, and of its neighbours' as far as it holds them.
pub(super) fn halo(rows: usize, ranks: usize, rank: usize) -> Range<usize> {
    let (band, depth) = (Blocks::new(rows, ranks).range(rank), depth(rows, ranks));
    band.start.saturating_sub(depth)..band.end.saturating_add(depth).min(rows)
}

/// The rows of this rank's band of a plate of `rows x cols` after all steps, from those of its halo.
pub(super) fn program<C: Communicator>(
    world: &C,
    (rows, cols): (usize, usize),
    steps: usize,
    values: &[f64],
) -> Result<Vec<f64>, Error> {
    let (rank, ranks) = (world.rank(), world.size());
    let (band, halo) = (Blocks::new(rows, ranks).range(rank), halo(rows, ranks, rank));
    let depth = depth(rows, ranks);
    let mut plate = Plate::new(values, cols, steps);
    let mut left = steps;
    while left > depth {
        plate.advance(depth);
        left -= depth;
        let (above, below) = (band.start - halo.start, halo.end - band.end);
        let (above, rest) = plate.values_mut().split_at_mut(above * cols);
        let (band, below) = rest.split_at_mut(rest.len() - below * cols);
        exchange(world, above, band, below)?;
    }
    plate.advance(left);
    Ok(plate.rows(band.start - halo.start, band.end - halo.start).to_vec())
}

/// Fills the halo above and below a band with what the neighbours' bands have there.
pub(super) fn exchange<C: Communicator>(
    world: &C,
    above: &mut [f64],
    band: &[f64],
    below: &mut [f64],
) -> Result<(), Error> {
    const UP: u32 = 0;
    const DOWN: u32 = 1;
    let rank = world.rank();
    // The halos are of one depth, but for those that the plate's ends do not have.
    let depth = above.len().max(below.len());
    let (first, last) = (&band[..depth], &band[band.len() - depth..]);
    world.scope(|scope| {
        if !above.is_empty() {
            scope.irecv(above, rank - 1, DOWN)?;
            scope.isend(first, rank - 1, UP)?;
        }
        if !below.is_empty() {
            scope.irecv(below, rank + 1, UP)?;
            scope.isend(last, rank + 1, DOWN)?;
        }
        Ok(())
    })
}
