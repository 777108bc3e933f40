//! Neighbours exchange their numbers in pairs, and nobody waits in a circle.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, World};

const TAG: u32 = 7;

fn program<C: Communicator>(world: &C) -> Result<f64, Error> {
    let partner = world.rank() ^ 1;
    if partner >= world.size() {
        return Ok(f64::NAN);
    }
    let mine = [world.rank() as f64; 1000];
    let mut theirs = [0.0; 1000];
    world.sendrecv((&mine, partner, TAG), &mut theirs, partner, TAG)?;
    Ok(theirs[999])
}

fn main() {
    let heard = World::threads(4).run(program).expect("nobody fails");
    println!("ranks 0 to 3 heard of {heard:?}");
    assert_eq!(heard, [1.0, 0.0, 3.0, 2.0]);
}
