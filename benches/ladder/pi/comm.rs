//! `tuned` on ranks, each of which counts its block of the points; an allreduce adds up.

use tenfold_comm::{Blocks, Communicator, Error, Sum, World};

use super::{Points, tuned};

pub(super) fn run(points: &Points) -> u64 {
    let world = World::threads(rayon::current_num_threads());
    let counts = world.run(|world| program(world, points)).expect("all ranks do the same");
    counts[0]
}

/// How many of all points lie inside; any point can be made without those before it.
pub(super) fn program<C: Communicator>(world: &C, points: &Points) -> Result<u64, Error> {
    let n = usize::try_from(points.n).expect("as many as a loop counts");
    let mine = Blocks::new(n, world.size()).range(world.rank());
    let count = tuned::count(points.seed, mine.start as u64, mine.len() as u64);
    let mut inside = [0];
    world.allreduce(&[count], &mut inside, Sum)?;
    Ok(inside[0])
}
