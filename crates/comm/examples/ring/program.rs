//! Three ways around a ring in which everybody sends to the right and receives from the left.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error};

const COUNT: usize = 100_000;

/// (left, right)
fn neighbours<C: Communicator>(world: &C) -> (usize, usize) {
    let (rank, size) = (world.rank(), world.size());
    ((rank + size - 1) % size, (rank + 1) % size)
}

/// Large sends wait for their receiver: if all sent first, nobody would receive. So rank 0 receives first.
fn send<C: Communicator>(world: &C) -> Result<usize, Error> {
    let ((left, right), mine) = (neighbours(world), vec![world.rank(); COUNT]);
    let mut theirs = vec![0; COUNT];
    if world.rank() == 0 {
        world.recv(&mut theirs, left, 0)?;
        world.send(&mine, right, 0)?;
    } else {
        world.send(&mine, right, 0)?;
        world.recv(&mut theirs, left, 0)?;
    }
    Ok(theirs[0])
}

/// As above, but even a small send waits: what works this way never hangs for want of buffers.
fn ssend<C: Communicator>(world: &C) -> Result<usize, Error> {
    let ((left, right), mine) = (neighbours(world), [world.rank()]);
    let mut theirs = [0];
    if world.rank() == 0 {
        world.recv(&mut theirs, left, 0)?;
        world.ssend(&mine, right, 0)?;
    } else {
        world.ssend(&mine, right, 0)?;
        world.recv(&mut theirs, left, 0)?;
    }
    Ok(theirs[0])
}

/// Nobody waits before everything is under way, and the order does not matter.
fn isend<C: Communicator>(world: &C) -> Result<usize, Error> {
    let (left, right) = neighbours(world);
    let sending = world.isend(vec![world.rank(); COUNT], right, 0)?;
    let mut theirs = vec![0; COUNT];
    world.recv(&mut theirs, left, 0)?;
    sending.wait()?;
    Ok(theirs[0])
}

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (left, _) = neighbours(world);
    // A rank alone would wait for itself in `send` and `ssend`, which is an error.
    let is_ring = world.size() > 1;
    let heard = if is_ring { [send(world)?, ssend(world)?, isend(world)?] } else { [left; 3] };
    assert_eq!(heard, [left; 3]);
    let mut all = vec![[0; 3]; world.size()];
    world.gather(&[heard], &mut all, 0)?;
    if world.rank() == 0 {
        for (rank, [send, ssend, isend]) in all.iter().enumerate() {
            println!("rank {rank} heard of {send} by send, {ssend} by ssend, {isend} by isend");
        }
    }
    Ok(())
}
