//! Every rank says who it is, in turn.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, World};

fn program<C: Communicator>(world: &C) -> Result<String, Error> {
    Ok(format!("hello from rank {} of {}", world.rank(), world.size()))
}

fn main() {
    let lines = World::threads(4).run(program).expect("nobody fails");
    lines.iter().for_each(|line| println!("{line}"));
    assert_eq!(lines[3], "hello from rank 3 of 4");
}
