//! A grid of ranks, whose rows and columns are communicators of their own.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Sum};

const COLUMNS: usize = 3;

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let (row, column) = (rank / COLUMNS, rank % COLUMNS);
    let mut sums = [0; 2];
    for (color, sum) in [row, column].into_iter().zip(&mut sums) {
        let color = u32::try_from(color).expect("few");
        let line = world.split(Some(color), 0)?.expect("all give a color");
        line.allreduce(&[rank], std::slice::from_mut(sum), Sum)?;
    }
    let of = |is_in: &dyn Fn(usize) -> bool| (0..size).filter(|&rank| is_in(rank)).sum::<usize>();
    let must = [of(&|rank| rank / COLUMNS == row), of(&|rank| rank % COLUMNS == column)];
    assert_eq!(sums, must);
    let mut all = vec![[0; 2]; size];
    world.gather(&[sums], &mut all, 0)?;
    if rank == 0 {
        println!("the sums of ranks by row and column: {all:?}");
    }
    Ok(())
}
