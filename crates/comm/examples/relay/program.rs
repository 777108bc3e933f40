//! Every rank but the last hands something to the next, and has as much to do as the others. One way all work one after
//! another, and nothing says so: no rank hangs, and none does nothing. Its trace does:
//!
//! ```sh
//! cargo xtask mpirun -n 4 --trace relay --example relay -- ssend
//! ```

use std::thread;
use std::time::Duration;

use tenfold_comm::{Cartesian, Communicator, Error};

/// Stands for work, so that ranks without a core of their own take no longer.
const WORK: Duration = Duration::from_millis(20);

/// (the rank before, the rank behind)
fn neighbours<C: Communicator>(world: &C) -> Result<(Option<usize>, Option<usize>), Error> {
    Cartesian::new(&[world.size()], &[false])?.shift(world.rank(), 0, 1)
}

fn received<C: Communicator>(world: &C, before: Option<usize>) -> Result<(), Error> {
    let Some(before) = before else { return Ok(()) };
    let mut theirs = [usize::MAX];
    world.recv(&mut theirs, before, 0)?;
    assert_eq!(theirs, [before]);
    Ok(())
}

/// The send waits for the receive of the next rank, which comes after that one's own send and work: the last
/// rank works first, and the first one last.
pub(crate) fn ssend<C: Communicator>(world: &C) -> Result<(), Error> {
    let (before, behind) = neighbours(world)?;
    if let Some(behind) = behind {
        world.ssend(&[world.rank()], behind, 0)?;
    }
    thread::sleep(WORK);
    received(world, before)
}

/// The send is under way while its rank works.
pub(crate) fn isend<C: Communicator>(world: &C) -> Result<(), Error> {
    let (before, behind) = neighbours(world)?;
    let sending = behind.map(|behind| world.issend(vec![world.rank()], behind, 0)).transpose()?;
    thread::sleep(WORK);
    received(world, before)?;
    if let Some(sending) = sending {
        sending.wait()?;
    }
    Ok(())
}

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    ssend(world)?;
    world.barrier()?;
    isend(world)
}
