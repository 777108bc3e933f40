//! Collectives, against what a sequential program would compute.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "there are few ranks"
)]

use super::{COUNTS, Outcome, fails, list, numbers, same};
use crate::{
    And, BitAnd, BitOr, BitXor, Blocks, Communicator, ErrorKind, Located, Max, MaxLoc, Min, MinLoc,
    Or, Prod, Sum, Xor,
};

list![
    barriers,
    bcast_from_every_root,
    scatter_and_gather_with_every_root,
    parts_of_different_lengths,
    all_gather,
    all_to_all,
    reductions,
    reductions_of_many,
    reductions_in_the_order_of_ranks,
    the_same_bits_with_every_root,
    prefixes,
    all_operations,
    roots_and_lengths_are_checked,
    collectives_do_not_meet_messages,
];

/// Nobody leaves before the last has come: what is sent before is there afterwards.
fn barriers<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for _ in 0..5 {
        for to in 0..size {
            comm.bsend(&[rank], to, 1)?;
        }
        comm.barrier()?;
        for from in 0..size {
            same("here", comm.iprobe(from, 1)?.is_some(), true)?;
            comm.recv(&mut [0_usize], from, 1)?;
        }
        comm.barrier()?;
    }
    Ok(())
}

fn bcast_from_every_root<C: Communicator>(comm: &C) -> Outcome {
    for root in 0..comm.size() {
        for count in COUNTS {
            let mut buffer = numbers(comm.rank(), 1, count);
            comm.bcast(&mut buffer, root)?;
            same("buffer", buffer, numbers(root, 1, count))?;
        }
    }
    Ok(())
}

fn scatter_and_gather_with_every_root<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for root in 0..size {
        for count in COUNTS {
            let all: Vec<u64> = (0..size).flat_map(|part| numbers(part, root, count)).collect();
            let mut mine = vec![0; count];
            let data = if rank == root { &all[..] } else { &[] };
            comm.scatter(data, &mut mine, root)?;
            same("part", &mine, &numbers(rank, root, count))?;
            let mut back = vec![0; if rank == root { size * count } else { 0 }];
            comm.gather(&mine, &mut back, root)?;
            same("whole", back, if rank == root { all } else { vec![] })?;
        }
    }
    Ok(())
}

fn parts_of_different_lengths<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for scale in [0, 1, 3000] {
        let counts: Vec<usize> = (0..size).map(|part| (part * 2 % 3) * scale).collect();
        let all: Vec<u64> = (0..size).flat_map(|part| numbers(part, 1, counts[part])).collect();
        let mine = numbers(rank, 1, counts[rank]);
        for root in 0..size {
            let mut part = vec![0; counts[rank]];
            comm.scatterv(&all, &counts, &mut part, root)?;
            same("scatterv", &part, &mine)?;
            let mut back = vec![0; if rank == root { all.len() } else { 0 }];
            comm.gatherv(&mine, &mut back, &counts, root)?;
            same("gatherv", &back, if rank == root { &all } else { &back })?;
        }
        let mut back = vec![0; all.len()];
        comm.allgatherv(&mine, &mut back, &counts)?;
        same("allgatherv", &back, &all)?;
        let ones = vec![1; all.len()];
        let mut part = vec![0; counts[rank]];
        comm.reduce_scatter(&ones, &mut part, &counts, Sum)?;
        same("reduce_scatter", part, vec![size; counts[rank]])?;
    }
    Ok(())
}

fn all_gather<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let mut all = vec![0; size * count];
        comm.allgather(&numbers(rank, 1, count), &mut all)?;
        let must = (0..size).flat_map(|part| numbers(part, 1, count)).collect();
        same("all", all, must)?;
    }
    Ok(())
}

fn all_to_all<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let data: Vec<u64> = (0..size).flat_map(|to| numbers(rank, to, count)).collect();
        let mut room = vec![0; size * count];
        comm.alltoall(&data, &mut room)?;
        let must = (0..size).flat_map(|from| numbers(from, rank, count)).collect();
        same("alltoall", room, must)?;
    }
    let count = |from: usize, to: usize| (from + 2 * to) % 4;
    let sends: Vec<usize> = (0..size).map(|to| count(rank, to)).collect();
    let receives: Vec<usize> = (0..size).map(|from| count(from, rank)).collect();
    let data: Vec<u64> = (0..size).flat_map(|to| numbers(rank, to, sends[to])).collect();
    let mut room = vec![0; receives.iter().sum()];
    comm.alltoallv(&data, &sends, &mut room, &receives)?;
    let must = (0..size).flat_map(|from| numbers(from, rank, receives[from])).collect();
    same("alltoallv", room, must)
}

fn reductions<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let data = numbers(rank, 1, count);
        let mut must = vec![0; count];
        for other in 0..size {
            must.iter_mut().zip(numbers(other, 1, count)).for_each(|(sum, n)| *sum += n);
        }
        for root in 0..size {
            let mut sum = vec![0; if rank == root { count } else { 0 }];
            comm.reduce(&data, &mut sum, Sum, root)?;
            same("reduce", &sum, if rank == root { &must } else { &sum })?;
        }
        let mut sum = vec![0; count];
        comm.allreduce(&data, &mut sum, Sum)?;
        same("allreduce", sum, must)?;
    }
    Ok(())
}

/// More than is combined at a time.
fn reductions_of_many<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let count = if cfg!(miri) { 3000 } else { 100_000 };
    let data: Vec<u64> = (0..count).map(|n| (n * (rank + 1)) as u64).collect();
    let must: Vec<u64> = (0..count).map(|n| (n * size * (size + 1) / 2) as u64).collect();
    let mut sum = vec![0; count];
    comm.allreduce(&data, &mut sum, Sum)?;
    same("allreduce", &sum, &must)?;
    comm.reduce(&data, &mut sum, Sum, size - 1)?;
    same("reduce", &sum, &must)?;
    let blocks = Blocks::new(count, size);
    let counts = blocks.counts();
    let mut part = vec![0; counts[rank]];
    comm.reduce_scatter(&data, &mut part, &counts, Sum)?;
    same("reduce_scatter", &part[..], &must[blocks.range(rank)])
}

/// The map x -> a x + b. To do one after the other is associative, and not commutative.
fn after(first: [u64; 2], second: [u64; 2]) -> [u64; 2] {
    let times = |a: u64, b: u64| a.wrapping_mul(b);
    [times(first[0], second[0]), times(first[1], second[0]).wrapping_add(second[1])]
}

fn map_of(rank: usize) -> [u64; 2] {
    [2 * rank as u64 + 3, rank as u64 + 1]
}

fn reductions_in_the_order_of_ranks<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let up_to = |end: usize| (0..end).map(map_of).reduce(after);
    let (data, must) = ([map_of(rank); 3], [up_to(size).unwrap_or_default(); 3]);
    for root in 0..size {
        let mut result = [[0; 2]; 3];
        comm.reduce(&data, &mut result, after, root)?;
        same("reduce", result, if rank == root { must } else { result })?;
    }
    let mut result = [[0; 2]; 3];
    comm.allreduce(&data, &mut result, after)?;
    same("allreduce", result, must)?;
    comm.scan(&data, &mut result, after)?;
    same("scan", result, [up_to(rank + 1).unwrap_or_default(); 3])?;
    let mut result = [[7; 2]; 3];
    comm.exscan(&data, &mut result, after)?;
    same("exscan", result, [up_to(rank).unwrap_or([7; 2]); 3])
}

/// Sums of floats whose bits tell in which order they were added.
fn the_same_bits_with_every_root<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let data: Vec<f64> = (1..100).map(|n| 1.0 / (n * (rank + 3)) as f64).collect();
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let mut all = vec![0.0; data.len()];
    comm.allreduce(&data, &mut all, Sum)?;
    for root in 0..size {
        let mut sum = all.clone();
        comm.reduce(&data, &mut sum, Sum, root)?;
        same("sum", bits(&sum), bits(&all))?;
    }
    let mut first = all.clone();
    comm.bcast(&mut first, 0)?;
    same("on all ranks", bits(&first), bits(&all))
}

fn prefixes<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank() as u64;
    for count in COUNTS {
        let data = vec![rank + 1; count];
        let mut result = vec![0; count];
        comm.scan(&data, &mut result, Sum)?;
        same("scan", &result, &vec![(rank + 1) * (rank + 2) / 2; count])?;
        let mut result = vec![77; count];
        comm.exscan(&data, &mut result, Sum)?;
        let must = if rank == 0 { 77 } else { rank * (rank + 1) / 2 };
        same("exscan", result, vec![must; count])?;
    }
    Ok(())
}

fn all_operations<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    macro_rules! all {
        ($($operation:ident $value:expr;)*) => {$({
            let value = $value;
            let mut result = [value(0)];
            comm.allreduce(&[value(rank)], &mut result, $operation)?;
            let must = (0..size).map(value);
            let must = must.reduce(|a, b| crate::Operation::combine(&$operation, a, b));
            same(stringify!($operation), Some(result[0]), must)?;
        })*};
    }
    all! {
        Sum |rank: usize| rank as u32 + 1;
        Prod |rank: usize| rank as i64 + 1;
        Prod |rank: usize| rank as f64 + 0.5;
        Min |rank: usize| 7 - rank as i32 % 5;
        Max |rank: usize| (rank as f32 * 3.0) % 5.0;
        And |rank: usize| rank != 1;
        Or |rank: usize| rank == 1;
        Xor |rank: usize| rank.is_multiple_of(2);
        BitAnd |rank: usize| 0xff_u8 ^ (1 << (rank % 8));
        BitOr |rank: usize| 1_u16 << rank;
        BitXor |rank: usize| 5_u64 << rank;
        MinLoc |rank: usize| Located { value: 3 - rank as i32 % 3, at: rank as u64 };
        MaxLoc |rank: usize| Located { value: (rank % 3) as f64, at: rank as u64 };
    }
    Ok(())
}

/// On every rank alike, so that nobody waits for those that were told.
fn roots_and_lengths_are_checked<C: Communicator>(comm: &C) -> Outcome {
    let size = comm.size();
    let root = ErrorKind::Rank { argument: "root", rank: size, size };
    let length = |argument, len, needed| ErrorKind::Length { argument, len, needed };
    fails("bcast", comm.bcast(&mut [0], size), |kind| kind == root)?;
    fails("scatter", comm.scatter(&[0], &mut [0], size), |kind| kind == root)?;
    fails("gather", comm.gather(&[0], &mut [0], size), |kind| kind == root)?;
    fails("reduce", comm.reduce(&[0], &mut [0], Sum, size), |kind| kind == root)?;
    let must = length("recv", 2, 1);
    fails("allreduce", comm.allreduce(&[0], &mut [0; 2], Sum), |kind| kind == must)?;
    fails("scan", comm.scan(&[0], &mut [0; 2], Sum), |kind| kind == must)?;
    fails("exscan", comm.exscan(&[0], &mut [0; 2], Sum), |kind| kind == must)?;
    let must = length("recv", size + 1, size);
    let mut room = vec![0; size + 1];
    fails("allgather", comm.allgather(&[0], &mut room), |kind| kind == must)?;
    let must = length("counts", size + 1, size);
    let counts = vec![1; size + 1];
    fails("allgatherv", comm.allgatherv(&[0], &mut room, &counts), |kind| kind == must)
}

fn collectives_do_not_meet_messages<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let receive = comm.irecv(vec![0; 1], crate::Source::Any, crate::Tags::Any)?;
    let mut sum = [0];
    comm.allreduce(&[1], &mut sum, Sum)?;
    comm.barrier()?;
    same("sum", sum, [size])?;
    comm.send(&[rank], rank, 6)?;
    same("message", receive.wait()?.0, vec![rank])
}
