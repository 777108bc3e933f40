//! Random programs, which every rank makes for itself, and what a sequential model says of them: messages,
//! collectives, and those that do not wait, on all ranks and on parts of them.
//! `cargo xtask mpirun -n 3 --backend mpi --example model -- COUNT [SEED [FIRST]]`.
//!
//! Rank 0 prints what all ranks have got, as one number, which is the same on threads. One program, as a failure
//! names it, is run again by a count of 1 and its own number.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

#[path = "../../comm/tests/integration/program.rs"]
mod program;

use std::ops::Range;

use tenfold_comm::Communicator as _;
use tenfold_comm_mpi::World;

/// The seed, and the numbers of the programs.
fn numbers(arguments: &[String]) -> Result<(u64, Range<u64>), String> {
    if arguments.len() > 3 {
        return Err(format!("{} arguments; COUNT, SEED and FIRST are all", arguments.len()));
    }
    let number = |at: usize, name, default| match arguments.get(at) {
        None => Ok(default),
        Some(text) => {
            text.parse().map_err(|_| format!("{name} is `{text}`, expected a whole number"))
        }
    };
    let (count, seed, first) =
        (number(0, "COUNT", 100)?, number(1, "SEED", 1)?, number(2, "FIRST", 0_u64)?);
    let end = first.checked_add(count);
    Ok((seed, first..end.ok_or("FIRST and COUNT are more than a number holds")?))
}

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(|world| {
        let (seed, numbers) = numbers(&std::env::args().skip(1).collect::<Vec<_>>())?;
        let sum = program::run(world, seed, numbers.clone())?;
        if world.rank() == 0 {
            let (count, ranks) = (numbers.end - numbers.start, world.size());
            println!("{count} programs of seed {seed} on {ranks} ranks: {sum:016x}");
        }
        Ok::<_, String>(())
    });
    Ok(())
}
