//! A grid of ranks, whose rows and columns are communicators of their own.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Sum, World};

const COLUMNS: usize = 3;

fn program<C: Communicator>(world: &C) -> Result<(usize, usize), Error> {
    let (row, column) = (world.rank() / COLUMNS, world.rank() % COLUMNS);
    let mut sums = [0; 2];
    for (color, sum) in [row, column].into_iter().zip(&mut sums) {
        let color = u32::try_from(color).expect("few");
        let line = world.split(Some(color), 0)?.expect("all give a color");
        line.allreduce(&[world.rank()], std::slice::from_mut(sum), Sum)?;
    }
    Ok((sums[0], sums[1]))
}

fn main() {
    let sums = World::threads(6).run(program).expect("nobody fails");
    println!("the sums of ranks by row and column: {sums:?}");
    assert_eq!(sums, [(3, 3), (3, 5), (3, 7), (12, 3), (12, 5), (12, 7)]);
}
