//! What each rank has found, on rank 0: by a message from each, and by one gather in their place.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Blocks, Communicator, Error};

const TOTAL: usize = 10;
const TAG: u32 = 3;

/// The receiver counts where each part begins. It receives in the order of ranks, not of arrival.
fn by_messages<C: Communicator>(world: &C, mine: &[usize], all: &mut [usize]) -> Result<(), Error> {
    let blocks = Blocks::new(TOTAL, world.size());
    if world.rank() != 0 {
        return world.send(mine, 0, TAG);
    }
    all[blocks.range(0)].copy_from_slice(mine);
    for from in 1..world.size() {
        world.recv(&mut all[blocks.range(from)], from, TAG)?;
    }
    Ok(())
}

/// The call knows all that: how many elements each rank brings is enough.
fn by_gather<C: Communicator>(world: &C, mine: &[usize], all: &mut [usize]) -> Result<(), Error> {
    world.gatherv(mine, all, &Blocks::new(TOTAL, world.size()).counts(), 0)
}

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let mine: Vec<usize> =
        Blocks::new(TOTAL, world.size()).range(world.rank()).map(|i| i * i).collect();
    let (mut received, mut gathered) = ([0; TOTAL], [0; TOTAL]);
    by_messages(world, &mine, &mut received)?;
    by_gather(world, &mine, &mut gathered)?;
    if world.rank() == 0 {
        println!("by messages: {received:?}\nby a gather: {gathered:?}");
        assert_eq!(received, gathered);
        assert_eq!(gathered, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    }
    Ok(())
}
