//! Memory that ranks expose to each other.

use super::{COUNTS, Outcome, fails, list, numbers, same};
use crate::{
    BitAnd, BitOr, BitXor, Communicator, ErrorKind, Located, Lock, Max, Min, NoOp, OneSided, Prod,
    Replace, Sum,
};

list![
    a_window_begins_with_what_each_brings,
    all_put_to_all,
    all_get_from_all,
    who_is_locked_need_not_call,
    what_is_flushed_is_seen,
    all_accumulate_at_one,
    all_operations_are_built_in,
    every_ticket_is_given_once,
    one_swap_succeeds,
    swaps_lose_nothing,
    reads_do_not_disturb_sums,
    operations_of_one_rank_keep_their_order,
    what_one_rank_asks_is_done_in_order,
    nan_is_found_in_a_window,
    updates_do_not_mix,
    what_does_not_fit_is_refused,
    elements_and_operations_are_refused,
    windows_of_other_elements,
    an_epoch_that_fails_keeps_nobody_waiting,
    several_windows_at_once,
    windows_of_parts,
];

const ROUNDS: usize = if cfg!(miri) { 3 } else { 50 };

fn a_window_begins_with_what_each_brings<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let data = numbers(rank, 1, rank % 3 * count);
        let mut window = comm.window(&data)?;
        let lens: Vec<usize> = (0..size).map(|rank| rank % 3 * count).collect();
        same("lens", window.lens(), &lens)?;
        same("part", window.local(|mine| mine.to_vec())?, data.clone())?;
        window.local(|mine| mine.reverse())?;
        let back: Vec<u64> = data.into_iter().rev().collect();
        same("given back", window.free()?, back)?;
    }
    Ok(())
}

fn all_put_to_all<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let mut window = comm.window(&vec![0; size * count])?;
        for round in 0..3 {
            window.epoch(|epoch| {
                (0..size).try_for_each(|to| {
                    epoch.target(to)?.put(&numbers(rank, to + round, count), rank * count)
                })
            })?;
            let must: Vec<u64> =
                (0..size).flat_map(|from| numbers(from, rank + round, count)).collect();
            same("part", window.local(|mine| mine.to_vec())?, must)?;
        }
        window.free()?;
    }
    Ok(())
}

fn all_get_from_all<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let mut window = comm.window(&numbers(rank, 1, count + 2))?;
        let mut rooms = vec![vec![0; count]; size];
        window.lock_all(|all| {
            let mut targets = rooms.iter_mut().enumerate();
            targets.try_for_each(|(from, room)| all.target(from)?.get(room, 1))
        })?;
        for (from, room) in rooms.into_iter().enumerate() {
            same("part", &room[..], &numbers(from, 1, count + 2)[1..][..count])?;
        }
        window.free()?;
    }
    Ok(())
}

/// Rank 0 waits for a message, and the others reach its memory.
fn who_is_locked_need_not_call<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mut window = comm.window(&vec![0; size])?;
    if rank > 0 {
        window.lock(0, Lock::Exclusive, |target| target.put(&[rank], rank))?;
        comm.send(&[0_u8; 0], 0, 1)?;
    } else {
        for from in 1..size {
            comm.recv(&mut [0_u8; 0], from, 1)?;
        }
        same("part", window.local(|mine| mine.to_vec())?, (0..size).collect())?;
    }
    Ok(window.free().map(drop)?)
}

fn what_is_flushed_is_seen<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mut window = comm.window(&vec![0; size])?;
    for to in 0..size {
        let mut room = [9];
        let place = window.lock(to, Lock::Shared, |target| {
            target.put(&[rank + 1], rank)?;
            target.flush()?;
            target.get(&mut room, rank)?;
            Ok((target.rank(), target.count()))
        })?;
        same("target", place, (to, size))?;
        same("seen", room, [rank + 1])?;
    }
    Ok(window.free().map(drop)?)
}

fn all_accumulate_at_one<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let home = size - 1;
        let mut window = comm.window(&vec![1; if rank == home { count } else { 0 }])?;
        window.epoch(|epoch| {
            let target = epoch.target(home)?;
            target.accumulate(&numbers(rank, 1, count), 0, Sum)?;
            target.accumulate(&vec![2; count], 0, Sum)
        })?;
        let mut must = vec![1 + 2 * size as u64; if rank == home { count } else { 0 }];
        for other in 0..size {
            must.iter_mut().zip(numbers(other, 1, count)).for_each(|(sum, n)| *sum += n);
        }
        same("sum", window.free()?, must)?;
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "there are few ranks"
)]
fn all_operations_are_built_in<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    macro_rules! all {
        ($($operation:ident $first:expr, $value:expr;)*) => {$({
            let (value, first) = ($value, $first);
            let mut window = comm.window(&[first])?;
            window.epoch(|epoch| epoch.target(0)?.accumulate(&[value(rank)], 0, $operation))?;
            let must = (0..size).map(value);
            let must = must.fold(first, |a, b| crate::Operation::combine(&$operation, a, b));
            let must = if rank == 0 { must } else { first };
            same(stringify!($operation), window.free()?, vec![must])?;
        })*};
    }
    all! {
        Sum 200, |rank: usize| (rank * 30) as u8;
        Sum i32::MAX, |rank: usize| rank as i32;
        Sum 0.5, |rank: usize| rank as f32;
        Prod -1, |rank: usize| rank as i64 % 20 + 1;
        Prod 1.0, |rank: usize| f64::from(1 << (rank % 3));
        Min 3, |rank: usize| 7 - rank as i32 % 5;
        Min f64::INFINITY, |rank: usize| rank as f64 - 2.0;
        Max 2.0, |rank: usize| (rank as f32 * 3.0) % 5.0;
        Max 0, |rank: usize| rank as u16 % 4;
        BitAnd 0x7f, |rank: usize| 0xff_u8 ^ (1 << (rank % 8));
        BitOr 1 << 9, |rank: usize| 1_u16 << (rank % 16);
        BitXor 7, |rank: usize| 5_u64 << (rank % 60);
        Replace -4, |_: usize| -6_isize;
        NoOp 4, |rank: usize| rank;
    }
    Ok(())
}

fn every_ticket_is_given_once<C: Communicator>(comm: &C) -> Outcome {
    let size = comm.size();
    let mut window = comm.window(&[0_u64; 2])?;
    let mut mine = vec![0; ROUNDS];
    for ticket in &mut mine {
        *ticket = window.lock(size / 2, Lock::Shared, |target| target.fetch_and_op(1, 1, Sum))?;
    }
    same("rising", mine.is_sorted_by(|a, b| a < b), true)?;
    let mut all = vec![0; size * ROUNDS];
    comm.allgather(&mine, &mut all)?;
    all.sort_unstable();
    same("tickets", all, (0..(size * ROUNDS) as u64).collect())?;
    Ok(window.free().map(drop)?)
}

fn one_swap_succeeds<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let mut window = comm.window(&[-1_i32])?;
    let mine = i32::try_from(rank).unwrap_or(0);
    let found = window.lock(0, Lock::Shared, |target| target.compare_and_swap(-1, mine, 0))?;
    let mut winners = [0];
    comm.allreduce(&[u32::from(found == -1)], &mut winners, Sum)?;
    same("winners", winners, [1])?;
    let there = window.lock(0, Lock::Shared, |target| target.fetch_and_op(0, 0, NoOp))?;
    same("winner", found == -1 || found == there, true)?;
    same("its number", found == -1, there == mine)?;
    Ok(window.free().map(drop)?)
}

fn swaps_lose_nothing<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mut window = comm.window(&[0_u64])?;
    let mut found = vec![0; ROUNDS];
    for (n, found) in found.iter_mut().enumerate() {
        let mine = (1 + rank * ROUNDS + n) as u64;
        *found = window.lock(0, Lock::Shared, |target| target.fetch_and_op(mine, 0, Replace))?;
    }
    let mut all = vec![0; size * ROUNDS];
    comm.allgather(&found, &mut all)?;
    let mut last = window.free()?;
    comm.bcast(&mut last, 0)?;
    all.extend(last);
    all.sort_unstable();
    same("each once", all, (0..=(size * ROUNDS) as u64).collect())
}

fn reads_do_not_disturb_sums<C: Communicator>(comm: &C) -> Outcome {
    let size = comm.size();
    let mut window = comm.window(&[-0.0_f64])?;
    window.lock_all(|all| {
        let target = all.target(size - 1)?;
        for _ in 0..ROUNDS {
            target.accumulate(&[1.0], 0, Sum)?;
            target.fetch_and_op(5.0, 0, NoOp)?;
            target.accumulate(&[5.0], 0, NoOp)?;
        }
        Ok(())
    })?;
    let must = if comm.rank() == size - 1 { (size * ROUNDS) as f64 } else { -0.0 };
    same("sum", window.free()?[0].to_bits(), must.to_bits())
}

fn operations_of_one_rank_keep_their_order<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let mut window = comm.window(&[0_i32; 2])?;
    let to = (rank + 1) % comm.size();
    window.lock(to, Lock::Exclusive, |target| {
        target.accumulate(&[1, 2], 0, Sum)?;
        target.accumulate(&[3, 4], 0, Prod)?;
        target.accumulate(&[1, 1], 0, Sum)?;
        let found = target.fetch_and_op(5, 0, Max)?;
        target.accumulate(&[10], 0, Sum)?;
        target.accumulate(&[6], 1, BitXor)?;
        let swapped = target.compare_and_swap(15, 70, 0)?;
        Ok(same("found", (found, swapped), (4, 15)))
    })??;
    same("part", window.free()?, vec![70, 15])
}

/// Of each target, all under a shared lock and without a flush.
fn what_one_rank_asks_is_done_in_order<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let mut window = comm.window(&vec![0; size * count])?;
        let (first, second) = (numbers(rank, 1, count), numbers(rank, 2, count));
        let sums: Vec<u64> = first.iter().zip(&second).map(|(a, b)| a + b).collect();
        window.lock_all(|all| {
            for to in 0..size {
                let (target, at) = (all.target(to)?, rank * count);
                let mut rooms = [(); 4].map(|()| vec![7; count]);
                target.put(&first, at)?;
                target.get(&mut rooms[0], at)?;
                target.put(&first, at)?;
                target.put(&second, at)?;
                target.get(&mut rooms[1], at)?;
                target.accumulate(&first, at, Sum)?;
                target.get(&mut rooms[2], at)?;
                target.accumulate(&first, at, Sum)?;
                target.put(&first, at)?;
                target.accumulate(&second, at, Sum)?;
                target.accumulate(&sums, at, Max)?;
                target.get(&mut rooms[3], at)?;
                let must = [&first, &second, &sums, &sums].map(Clone::clone);
                if let wrong @ Err(_) = same("found", rooms, must) {
                    return Ok(wrong);
                }
            }
            Ok(Ok(()))
        })??;
        window.free()?;
    }
    let mut window = comm.window(&vec![0_i32; size])?;
    let to = (rank + 1) % size;
    window.lock(to, Lock::Shared, |target| {
        let mut room = [7];
        target.put(&[5], rank)?;
        let sum = target.fetch_and_op(2, rank, Sum)?;
        target.get(&mut room, rank)?;
        target.put(&[1], rank)?;
        let read = target.fetch_and_op(0, rank, NoOp)?;
        target.put(&[3], rank)?;
        let swap = target.fetch_and_op(4, rank, Replace)?;
        target.accumulate(&[1], rank, Sum)?;
        let compared = target.compare_and_swap(5, 6, rank)?;
        Ok(same("found", (sum, room, read, swap, compared), (5, [7], 1, 3, 5)))
    })??;
    let mut must = vec![0; size];
    must[(rank + size - 1) % size] = 6;
    same("part", window.free()?, must)
}

fn nan_is_found_in_a_window<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let mut window = comm.window(&[1.0_f32; 2])?;
    let value = if rank == comm.size() - 1 { f32::NAN } else { rank as f32 };
    window.epoch(|epoch| {
        epoch.target(0)?.accumulate(&[value], 0, Min)?;
        epoch.target(0)?.accumulate(&[value], 1, Max)
    })?;
    let are_nan = window.free()?.iter().all(|number| number.is_nan());
    same("NaN", are_nan, rank == 0)
}

fn updates_do_not_mix<C: Communicator>(comm: &C) -> Outcome {
    let size = comm.size();
    let mut window = comm.window(&[0_u64; 3])?;
    for round in 0..ROUNDS {
        let home = round % size;
        let equal = window.lock(home, Lock::Exclusive, |target| {
            target.update(0, 3, |all| {
                let equal = all[0] == all[1] && all[1] == all[2];
                all.iter_mut().for_each(|n| *n += 1);
                equal
            })
        })?;
        same("equal", equal, true)?;
    }
    let part = window.free()?;
    let mut sum = [0; 3];
    comm.allreduce(&part, &mut sum, Sum)?;
    same("sum", sum, [(ROUNDS * size) as u64; 3])
}

fn what_does_not_fit_is_refused<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mut window = comm.window(&vec![7_u16; rank + 2])?;
    let unknown = ErrorKind::Rank { argument: "rank", rank: size, size };
    let lock = window.lock(size, Lock::Shared, |_| Ok(()));
    fails("lock", lock, |kind| kind == unknown)?;
    let epoch = window.epoch(|epoch| epoch.target(size).map(drop));
    fails("target", epoch, |kind| kind == unknown)?;
    let outside = |at, count| ErrorKind::Part { rank: 0, at, count, len: 2 };
    let exclusive = window.lock(0, Lock::Exclusive, |target| {
        for (at, count) in [(0, 3), (2, 1), (3, 0), (usize::MAX, 2)] {
            let is_outside = |kind| kind == outside(at, count);
            let mut room = vec![1; count];
            let results = [
                target.put(&room, at),
                target.get(&mut room, at),
                target.accumulate(&[1; 3][..count], at, Sum),
                target.update(at, count, |_| ()),
            ];
            for result in results {
                if let Err(wrong) = fails("outside", result, is_outside) {
                    return Ok(Err(wrong));
                }
            }
        }
        let is_outside = |kind| kind == outside(2, 1);
        let fetch = fails("fetch", target.fetch_and_op(1, 2, Sum), is_outside);
        let swap = || fails("swap", target.compare_and_swap(7, 1, 2), is_outside);
        target.put(&[], 2)?;
        Ok(fetch.and_then(|()| swap()))
    })?;
    exclusive?;
    same("as it was", window.free()?, vec![7; rank + 2])
}

fn elements_and_operations_are_refused<C: Communicator>(comm: &C) -> Outcome {
    let is_elements = |kind| matches!(kind, ErrorKind::Elements { .. });
    fails("bool", comm.window(&[true]), is_elements)?;
    fails("gaps", comm.window(&[Located { value: 1_u8, at: 0 }]), is_elements)?;
    fails("shared", comm.shared_window(&[[false; 3]]), is_elements)?;
    let mut window = comm.window(&[1.5_f64])?;
    window.lock(0, Lock::Shared, |target| {
        let none = |kind| matches!(kind, ErrorKind::Operation { builtin: None, .. });
        let closure = fails("closure", target.accumulate(&[1.0], 0, |a, _| a), none);
        let shared = |kind| kind == ErrorKind::LockShared { rank: 0 };
        let update = || fails("update", target.update(0, 1, |all| all[0] = 1.0), shared);
        let swap = || fails("swap", target.compare_and_swap(1.5, 0.0, 0), is_elements);
        Ok(closure.and_then(|()| update()).and_then(|()| swap()))
    })??;
    same("as it was", window.free()?, vec![1.5])?;
    // What cannot be accumulated can be put.
    let mut window = comm.window(&[[1_u8, 2]])?;
    window.lock(0, Lock::Shared, |target| {
        let none = |kind| matches!(kind, ErrorKind::Operation { .. });
        let replace = fails("array", target.accumulate(&[[1, 2]], 0, Replace), none);
        target.put(&[[3, 4]], 0).map(|()| replace)
    })??;
    let must = if comm.rank() == 0 { [3, 4] } else { [1, 2] };
    same("put", window.free()?, vec![must])
}

fn windows_of_other_elements<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    if size == 1 {
        return Ok(());
    }
    let is_type = |kind| matches!(kind, ErrorKind::WindowType { .. });
    if rank == 0 {
        return fails("u8", comm.window(&[0_u8; 4]), is_type);
    }
    fails("f32", comm.window(&[0_f32; 1]), is_type)
}

fn an_epoch_that_fails_keeps_nobody_waiting<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mut window = comm.window(&[0; 1])?;
    let result = window.epoch(|epoch| {
        let at = usize::from(rank == size - 1);
        epoch.target(0)?.accumulate(&[1], at, Sum)
    });
    same("fails", result.is_err(), rank == size - 1)?;
    window.epoch(|epoch| epoch.target(0)?.accumulate(&[1], 0, Sum))?;
    let must = if rank == 0 { 2 * size - 1 } else { 0 };
    same("sum", window.free()?, vec![must])
}

fn several_windows_at_once<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mut first = comm.window(&[0_usize; 1])?;
    let mut second = comm.window(&[0_u8; 2])?;
    // One that is never freed.
    std::mem::forget(comm.window(&[1])?);
    let next = (rank + 1) % size;
    first.epoch(|epoch| {
        epoch.target(next)?.put(&[rank], 0)?;
        second.lock(next, Lock::Exclusive, |target| target.put(&[1, 2], 0))
    })?;
    same("first", first.free()?, vec![(rank + size - 1) % size])?;
    same("second", second.free()?, vec![1, 2])
}

fn windows_of_parts<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let Some(part) = comm.split(Some(u32::from(rank % 2 == 1)), 0)? else {
        return same("part", false, true);
    };
    let mut window = part.window(&[0])?;
    window.epoch(|epoch| epoch.target(0)?.accumulate(&[rank], 0, Sum))?;
    let mates: usize = (0..comm.size()).filter(|mate| mate % 2 == rank % 2).sum();
    let must = if part.rank() == 0 { mates } else { 0 };
    same("sum", window.free()?, vec![must])
}
