//! The ranks in two groups, the first third and the rest, and sums in each: on 12 ranks 6 and 60 of ranks in the world, 6 and 28
//! of ranks in the group.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Sum};

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    // ANCHOR: split
    let color = u32::from(rank > (size - 1) / 3);
    let group = world.split(Some(color), 0)?.expect("all give a color");
    let (mut sum_a, mut sum_b) = ([0], [0]);
    group.allreduce(&[rank], &mut sum_a, Sum)?;
    group.allreduce(&[group.rank()], &mut sum_b, Sum)?;
    // ANCHOR_END: split

    let mine = [color as usize, group.rank(), sum_a[0], sum_b[0]];
    let mut all = vec![[0; 4]; size];
    world.gather(&[mine], &mut all, 0)?;
    if rank == 0 {
        for (rank, [color, in_group, a, b]) in all.iter().enumerate() {
            println!("rank {rank:2}, color {color}, in its group {in_group}: sums {a} and {b}");
        }
    }
    let first = (size - 1) / 3 + 1;
    let below = |n: usize| n * (n - 1) / 2;
    let must = [below(first), below(size) - below(first)][color as usize];
    assert_eq!((sum_a[0], sum_b[0]), (must, below(group.size())));
    if size == 12 {
        assert_eq!((sum_a[0], sum_b[0]), [(6, 6), (60, 28)][color as usize]);
    }
    Ok(())
}
