//! `array` on ranks of one thread each, which have as many chunks and add up what they count.

use tenfold_array::{Error, Settings};
use tenfold_comm::{Communicator, World};

use super::{Points, array};

pub(super) fn run(points: &Points) -> u64 {
    let world = World::threads(rayon::current_num_threads());
    let counts = world.run(|world| program(world, points)).expect("all ranks do the same");
    counts[0]
}

/// How many of all points lie inside, on each rank.
pub(super) fn program<C: Communicator>(world: &C, points: &Points) -> Result<u64, Error> {
    let ranks = Settings::new().threads(1).over(world)?;
    Ok(ranks.compute(&array::inside(points))?.into_scalar().unsigned_abs())
}
