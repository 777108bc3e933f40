//! Wrong programs, each told of while it runs or at its end, and the right ones that differ by the mistake:
//! `TENFOLD_COMM_CHECK=1 mpirun -n 3 target/debug/examples/wrong "a ring of receives"`, without which it
//! lists them. With `late 5` before the name ranks begin at random times, of the seed 5.

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
fn twins(world: &MpiComm, late: Late) -> Result<(), Error> {
    let cases = cases().into_iter().filter(|case| case.ranks <= world.size());
    (0..).zip(cases).try_for_each(|(round, case)| {
        late.sleep(world.rank(), round);
        (case.right)(world)?;
        world.barrier()
    })
}

/// By what seed ranks are late, if they are.
#[derive(Clone, Copy)]
struct Late(Option<u64>);

impl Late {
    /// Lets a rank come late: by less than 16 ms, or not at all.
    fn sleep(self, rank: usize, round: u64) {
        let Some(seed) = self.0 else { return };
        let seed = (seed << 20 | round << 8 | rank as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let random = (seed ^ seed >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40;
        if !random.is_multiple_of(3) {
            std::thread::sleep(std::time::Duration::from_micros(random % 16_000));
        }
    }
}

fn run(program: impl FnOnce(&MpiComm) -> Result<(), Error>, late: Late) -> Result<(), Error> {
    World::init()?.run(|world| {
        late.sleep(world.rank(), 0);
        program(world)
    });
    Ok(())
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
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (late, arguments) = match arguments[..] {
        ["late", seed, ref rest @ ..] => (Some(seed.parse().expect("a seed is a number")), rest),
        ref all => (None, all),
    };
    let (late, named) = (Late(late), |name: &str| {
        let case = all.iter().find(|case| case.name == name);
        case.unwrap_or_else(|| panic!("there is no {name:?}"))
    });
    match *arguments {
        [] => list(&all),
        ["slow"] => run(slow, late)?,
        ["again"] => run(again, late)?,
        ["twins"] => run(|world| twins(world, late), late)?,
        ["right", name] => run(named(name).right, late)?,
        [name] => run(named(name).wrong, late)?,
        _ => panic!("{arguments:?} is not one name"),
    }
    Ok(())
}
