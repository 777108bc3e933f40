//! Neighbours exchange their arrays in pairs, and nobody waits in a circle.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error};

const COUNT: usize = 100_000;
const TAG: u32 = 7;

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let mine = vec![rank; COUNT];
    let mut theirs = mine.clone();
    // 0 and 1, 2 and 3, ..; of an odd number the last is alone.
    let partner = rank ^ 1;
    if partner < size {
        world.sendrecv((&mine, partner, TAG), &mut theirs, partner, TAG)?;
        assert_eq!(theirs, vec![partner; COUNT]);
    }
    let mut heard = vec![0; size];
    world.gather(&theirs[..1], &mut heard, 0)?;
    if rank == 0 {
        println!("each heard of {heard:?}");
    }
    Ok(())
}
