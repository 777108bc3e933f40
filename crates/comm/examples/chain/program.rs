//! A chain: every rank but the last sends an array to the next. Three ways, of which two let all go at once.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Cartesian, Communicator, Error, wait_all};

const COUNT: usize = 100_000;
/// What is in the buffer of the first rank, which nobody sends to.
const NOTHING: usize = usize::MAX;

/// (the rank before, the rank behind)
type Neighbours = (Option<usize>, Option<usize>);

/// Send, then receive: the last rank has nothing to send and receives at once, so that the one before can go
/// on, and so forth. It takes as long as the chain is.
fn send_then_receive<C: Communicator>(
    world: &C,
    (before, behind): Neighbours,
    mine: &[usize],
    theirs: &mut [usize],
) -> Result<(), Error> {
    if let Some(behind) = behind {
        world.send(mine, behind, 1)?;
    }
    if let Some(before) = before {
        world.recv(theirs, before, 1)?;
    }
    Ok(())
}

/// Both at the same time, but for the ends, which have one neighbour.
fn sendrecv<C: Communicator>(
    world: &C,
    neighbours: Neighbours,
    mine: &[usize],
    theirs: &mut [usize],
) -> Result<(), Error> {
    match neighbours {
        (Some(before), Some(behind)) => {
            world.sendrecv((mine, behind, 2), theirs, before, 2).map(drop)
        }
        (None, Some(behind)) => world.send(mine, behind, 2),
        (Some(before), None) => world.recv(theirs, before, 2).map(drop),
        (None, None) => Ok(()),
    }
}

/// All is started before anything is waited for. A request holds its buffer, and gives it back.
fn nonblocking<C: Communicator>(
    world: &C,
    (before, behind): Neighbours,
    mine: &[usize],
    theirs: &mut [usize],
) -> Result<(), Error> {
    let mut requests = vec![];
    if let Some(before) = before {
        requests.push(world.irecv(vec![0; COUNT], before, 3)?);
    }
    if let Some(behind) = behind {
        requests.push(world.isend(mine.to_vec(), behind, 3)?);
    }
    let done = wait_all(requests)?;
    if before.is_some() {
        theirs.copy_from_slice(&done[0].0);
    }
    Ok(())
}

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let neighbours = Cartesian::new(&[size], &[false])?.shift(rank, 0, 1)?;
    let mine = vec![rank; COUNT];
    let mut heard = [NOTHING; 3];
    for (way, heard) in [send_then_receive, sendrecv, nonblocking].into_iter().zip(&mut heard) {
        let mut theirs = vec![NOTHING; COUNT];
        way(world, neighbours, &mine, &mut theirs)?;
        *heard = theirs[COUNT - 1];
    }
    assert_eq!(heard, [neighbours.0.unwrap_or(NOTHING); 3]);
    let mut all = vec![[0; 3]; size];
    world.gather(&[heard], &mut all, 0)?;
    if rank == 0 {
        println!("rank 0 heard of nobody");
        for (rank, heard) in all.iter().enumerate().skip(1) {
            println!("rank {rank} heard of {heard:?}");
        }
    }
    Ok(())
}
