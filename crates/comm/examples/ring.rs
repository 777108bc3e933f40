//! Three ways around a ring in which everybody sends to the right and receives from the left.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, World};

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

fn main() {
    let world = World::threads(4);
    for (name, heard) in
        [("send", world.run(send)), ("ssend", world.run(ssend)), ("isend", world.run(isend))]
    {
        let heard = heard.expect("nobody fails");
        println!("{name}: ranks 0 to 3 heard of {heard:?}");
        assert_eq!(heard, [3, 0, 1, 2]);
    }
}
