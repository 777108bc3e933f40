//! What all ranks bring, combined: sums, extremes and where they are, operations of one's own, and what the
//! ranks up to each give.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Located, Max, MaxLoc, Min, Sum};

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    // 1, 2, .., in an order in which the largest is somewhere in the middle.
    let mine = 1 + (rank + size / 2) % size;
    on_all(world, mine)?;
    on_rank_0(world, mine)?;
    up_to_each(world, mine)
}

/// Element by element, on every rank.
fn on_all<C: Communicator>(world: &C, mine: usize) -> Result<(), Error> {
    let size = world.size();
    let (mut sums, mut least, mut most) = ([0; 2], [0], [0]);
    world.allreduce(&[mine, mine * mine], &mut sums, Sum)?;
    world.allreduce(&[mine], &mut least, Min)?;
    world.allreduce(&[mine], &mut most, Max)?;
    assert_eq!(sums, [size * (size + 1) / 2, size * (size + 1) * (2 * size + 1) / 6]);
    assert_eq!((least, most), ([1], [size]));
    if world.rank() == 0 {
        println!("sums of numbers and squares {sums:?}, least {least:?}, most {most:?}");
    }
    Ok(())
}

/// Where the largest is, and an operation that is not commutative: it keeps the order of ranks.
fn on_rank_0<C: Communicator>(world: &C, mine: usize) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let mut largest = [Located { value: 0, at: 0 }];
    world.reduce(&[Located { value: mine, at: rank as u64 }], &mut largest, MaxLoc, 0)?;
    // Functions x -> a x + b, each after those of the lower ranks, in whole numbers that wrap around.
    let after = |[a, b]: [usize; 2], [c, d]: [usize; 2]| {
        [a.wrapping_mul(c), b.wrapping_mul(c).wrapping_add(d)]
    };
    let mut all = [[0; 2]];
    world.reduce(&[[3, mine]], &mut all, after, 0)?;
    if rank == 0 {
        println!("the largest is {} of rank {}", largest[0].value, largest[0].at);
        println!("all functions after each other: x -> {} x + {}", all[0][0], all[0][1]);
        assert_eq!((largest[0].value, largest[0].at), (size, ((size - 1) - size / 2) as u64));
        let one_by_one = (0..size).map(|rank| [3, 1 + (rank + size / 2) % size]).reduce(after);
        assert_eq!(Some(all[0]), one_by_one);
    }
    Ok(())
}

/// Running sums, with and without one's own number: where a rank's part of something begins and ends.
fn up_to_each<C: Communicator>(world: &C, mine: usize) -> Result<(), Error> {
    let (mut begin, mut end) = ([0], [0]);
    world.exscan(&[mine], &mut begin, Sum)?;
    world.scan(&[mine], &mut end, Sum)?;
    assert_eq!(end[0], begin[0] + mine);
    let mut all = vec![[0; 2]; world.size()];
    world.gather(&[[begin[0], end[0]]], &mut all, 0)?;
    if world.rank() == 0 {
        for (rank, [begin, end]) in all.iter().enumerate() {
            println!("rank {rank} has {begin}..{end}");
        }
        assert!(all.windows(2).all(|pair| pair[0][1] == pair[1][0]));
    }
    Ok(())
}
