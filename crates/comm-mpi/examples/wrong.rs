//! Wrong programs, each told of while it runs or at its end, and the right ones that differ by the mistake:
//! `TENFOLD_COMM_CHECK=1 mpirun -n 3 target/debug/examples/wrong "a ring of receives"`, without which it
//! lists them.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

#[path = "../../comm/tests/integration/wrong/case.rs"]
mod case;
#[path = "../../comm/tests/integration/wrong/circles.rs"]
mod circles;
#[path = "../../comm/tests/integration/wrong/collectives.rs"]
mod collectives;
#[path = "../../comm/tests/integration/wrong/messages.rs"]
mod messages;
#[path = "../../comm/tests/integration/wrong/requests.rs"]
mod requests;

use tenfold_comm::{Communicator as _, Deadlock, Error, NonblockingCollectives as _, Source, Sum};
use tenfold_comm_mpi::{MpiComm, World};

use case::{Case, LARGE, cases};

/// Not wrong: the last rank lets the others wait, and one asks again and again for what another sends.
fn slow(world: &MpiComm) -> Result<(), Error> {
    let mut large = vec![1.0; LARGE];
    if world.rank() == world.size() - 1 {
        std::thread::sleep(std::time::Duration::from_secs(1));
        world.send(&large, 0, 7)?;
    }
    if world.rank() == 0 {
        world.recv(&mut large, Source::Any, 7)?;
    }
    world.iallreduce(vec![1], vec![0], Sum)?.wait()?;
    world.barrier()?;
    match world.rank() {
        0 => {
            let mut request = world.irecv(vec![0], 1, 8)?;
            while !request.is_done() {}
            request.wait().map(drop)
        }
        1 => world.send(&[1], 0, 8),
        _ => Ok(()),
    }
}

/// Wrong, and goes on: two wait for ever, in one call after another.
fn again(world: &MpiComm) -> Result<(), Error> {
    let Some(other) = case::partner(world) else { return Ok(()) };
    for tag in 0..2 {
        let error = world.recv(&mut [0], other, tag).expect_err("nobody sends");
        println!("rank {} has heard of {:?}", world.rank(), error.deadlock().map(Deadlock::circle));
        world.sendrecv((&[1], other, 9), &mut [0], other, 9)?;
    }
    Ok(())
}

/// The right ones, one after another: nothing of one is left when the next begins.
fn twins(world: &MpiComm) -> Result<(), Error> {
    cases().iter().filter(|case| case.ranks <= world.size()).try_for_each(|case| {
        (case.right)(world)?;
        world.barrier()
    })
}

/// What is told of each, how many ranks it needs, and its name.
fn list(all: &[Case<MpiComm>]) {
    for case in all {
        println!("{:?} {} {}", case.told, case.ranks, case.name);
    }
}

fn main() -> Result<(), Error> {
    let all = cases();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => list(&all),
        ["slow"] => World::init()?.run(slow),
        ["again"] => World::init()?.run(again),
        ["twins"] => World::init()?.run(twins),
        [name] | ["right", name] => {
            let case = all.iter().find(|case| case.name == name);
            let case = case.unwrap_or_else(|| panic!("there is no {name:?}"));
            World::init()?.run(if arguments.len() == 1 { case.wrong } else { case.right });
        }
        _ => panic!("{arguments:?} is not one name"),
    }
    Ok(())
}
