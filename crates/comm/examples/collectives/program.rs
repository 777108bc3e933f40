//! Each collective on vectors that show who gets what. On four ranks they are those of the exercise: 0 to 7,
//! 8 to 15, 16 to 23, 24 to 31; on n ranks they have 2 n numbers.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Sum};

/// What is in a buffer that nothing was received into.
const NOTHING: usize = usize::MAX;

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, length) = (world.rank(), 2 * world.size());
    let mine: Vec<usize> = (rank * length..(rank + 1) * length).collect();
    show(world, "at first", &mine)?;
    bcast(world, mine.clone())?;
    scatter(world, &mine)?;
    scatterv(world, &mine)?;
    gatherv(world, &mine)?;
    alltoall(world, &mine)?;
    reduce_by_halves(world, &mine)
}

/// Rank 0's vector on all.
fn bcast<C: Communicator>(world: &C, mut buffer: Vec<usize>) -> Result<(), Error> {
    world.bcast(&mut buffer, 0)?;
    show(world, "after bcast from rank 0", &buffer)?;
    assert!(buffer.into_iter().eq(0..2 * world.size()));
    Ok(())
}

/// Two numbers of rank 0's vector for each.
fn scatter<C: Communicator>(world: &C, mine: &[usize]) -> Result<(), Error> {
    let mut got = vec![NOTHING; mine.len()];
    world.scatter(mine, &mut got[..2], 0)?;
    show(world, "after scatter from rank 0", &got)?;
    assert_eq!(got[..2], [2 * world.rank(), 2 * world.rank() + 1]);
    Ok(())
}

/// 1, 1, 2, 4, .. numbers for the ranks, as long as there are any; the last gets the rest.
fn counts(size: usize) -> Vec<usize> {
    let (mut left, mut next) = (2 * size, 1);
    let mut counts = vec![0; size];
    for (rank, count) in counts.iter_mut().enumerate() {
        *count = if rank == size - 1 { left } else { next.min(left) };
        left -= *count;
        next = if rank == 0 { 1 } else { 2 * next.min(left) };
    }
    counts
}

/// Parts of different length.
fn scatterv<C: Communicator>(world: &C, mine: &[usize]) -> Result<(), Error> {
    let (rank, counts) = (world.rank(), counts(world.size()));
    let mut got = vec![NOTHING; mine.len()];
    world.scatterv(mine, &counts, &mut got[..counts[rank]], 0)?;
    show(world, &format!("after scatterv of {counts:?} from rank 0"), &got)?;
    let first: usize = counts[..rank].iter().sum();
    assert!(got[..counts[rank]].iter().copied().eq(first..first + counts[rank]));
    Ok(())
}

/// The first 1, 1, 2, 4, .. numbers of the ranks, on rank 1.
fn gatherv<C: Communicator>(world: &C, mine: &[usize]) -> Result<(), Error> {
    let (rank, size, counts) = (world.rank(), world.size(), counts(world.size()));
    let root = 1 % size;
    let mut got = vec![NOTHING; mine.len()];
    world.gatherv(&mine[..counts[rank]], &mut got, &counts, root)?;
    show(world, &format!("after gatherv of {counts:?} to rank {root}"), &got)?;
    if rank == root && size == 4 {
        assert_eq!(got, [0, 8, 16, 17, 24, 25, 26, 27]);
    }
    assert_eq!(got[0], if rank == root { 0 } else { NOTHING });
    Ok(())
}

/// Two numbers from each to each.
fn alltoall<C: Communicator>(world: &C, mine: &[usize]) -> Result<(), Error> {
    let mut got = vec![NOTHING; mine.len()];
    world.alltoall(mine, &mut got)?;
    show(world, "after alltoall", &got)?;
    for (from, pair) in got.chunks(2).enumerate() {
        let first = from * mine.len() + 2 * world.rank();
        assert_eq!(pair, [first, first + 1]);
    }
    Ok(())
}

/// The sums of the lower half of the ranks on its first, and of the upper half on its first.
fn reduce_by_halves<C: Communicator>(world: &C, mine: &[usize]) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let color = u32::from(rank >= size.div_ceil(2));
    let half = world.split(Some(color), 0)?.expect("all give a color");
    let mut got = vec![NOTHING; mine.len()];
    half.reduce(mine, &mut got, Sum, 0)?;
    show(world, "after reduce in halves", &got)?;
    if size == 4 {
        let sums = match rank {
            0 => [8, 10, 12, 14, 16, 18, 20, 22],
            2 => [40, 42, 44, 46, 48, 50, 52, 54],
            _ => [NOTHING; 8],
        };
        assert_eq!(got, sums);
    }
    assert_eq!(got[0] == NOTHING, half.rank() != 0);
    Ok(())
}

/// Prints the vectors of all ranks in turn. Rank 0 does: what ranks print themselves comes in any order.
fn show<C: Communicator>(world: &C, when: &str, mine: &[usize]) -> Result<(), Error> {
    let mut all = vec![0; mine.len() * world.size()];
    world.gather(mine, &mut all, 0)?;
    if world.rank() == 0 {
        println!("{when}:");
        for (rank, vector) in all.chunks(mine.len()).enumerate() {
            let text = |&number: &usize| {
                if number == NOTHING { String::from(" -") } else { format!("{number:2}") }
            };
            let numbers = vector.iter().map(text).collect::<Vec<_>>();
            println!("  rank {rank}: {}", numbers.join(" "));
        }
    }
    Ok(())
}
