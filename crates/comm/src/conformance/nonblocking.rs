//! Collectives that go on.

#![expect(clippy::cast_possible_truncation, reason = "there are few ranks")]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use super::{COUNTS, Outcome, fails, list, numbers, same};
use crate::{
    CallKind, CollectiveRequest, Communicator, ErrorKind, Lock, NonblockingCollectives, OneSided,
    Sum,
};

list![
    ibarriers,
    ibcast_from_every_root,
    iscatter_and_igather_with_every_root,
    open_parts_of_different_lengths,
    iallgather_and_ialltoall,
    open_reductions,
    open_reductions_in_the_order_of_ranks,
    open_prefixes,
    the_same_bits_without_waiting,
    completed_in_reverse_order,
    completed_in_another_order_on_each_rank,
    who_waits_for_one_drives_the_other,
    polled_in_turn,
    many_of_one_kind,
    beside_messages_and_collectives,
    calls_that_wait_drive_what_is_open,
    an_operation_that_receives_comes_after_who_waits,
    who_polls_drives_what_is_open,
    what_is_dropped_goes_on,
    on_several_communicators,
    open_roots_and_lengths_are_checked,
    one_that_fails_does_no_harm_to_others,
    a_panic_comes_out_of_its_own_request,
    a_panic_disturbs_no_lock,
];

/// It is not done before all have started it.
fn ibarriers<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for last in 0..size {
        if rank == last {
            for other in (0..size).filter(|&other| other != rank) {
                comm.recv(&mut [0_u8], other, 1)?;
            }
            comm.ibarrier()?.wait()?;
        } else {
            let mut barrier = comm.ibarrier()?;
            same("before the last", barrier.is_done(), false)?;
            comm.send(&[0_u8], last, 1)?;
            barrier.wait()?;
        }
    }
    Ok(())
}

fn ibcast_from_every_root<C: Communicator>(comm: &C) -> Outcome {
    for root in 0..comm.size() {
        for count in COUNTS {
            let buffer = comm.ibcast(numbers(comm.rank(), 1, count), root)?.wait()?;
            same("buffer", buffer, numbers(root, 1, count))?;
        }
    }
    Ok(())
}

fn iscatter_and_igather_with_every_root<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for root in 0..size {
        let is_root = rank == root;
        for count in COUNTS {
            let all: Vec<u64> = (0..size).flat_map(|part| numbers(part, root, count)).collect();
            let data = if is_root { all.clone() } else { vec![] };
            let mine = comm.iscatter(data, vec![0; count], root)?.wait()?;
            same("part", &mine, &numbers(rank, root, count))?;
            let room = vec![0; if is_root { size * count } else { 0 }];
            let back = comm.igather(mine, room, root)?.wait()?;
            same("whole", back, if is_root { all } else { vec![] })?;
        }
    }
    Ok(())
}

fn open_parts_of_different_lengths<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for scale in [0, 1, 3000] {
        let counts: Vec<usize> = (0..size).map(|part| (part * 2 % 3) * scale).collect();
        let all: Vec<u64> = (0..size).flat_map(|part| numbers(part, 1, counts[part])).collect();
        let mine = numbers(rank, 1, counts[rank]);
        let (part, whole) = (vec![0; mine.len()], vec![0; all.len()]);
        for root in 0..size {
            let part = comm.iscatterv(all.clone(), &counts, part.clone(), root)?.wait()?;
            same("iscatterv", &part, &mine)?;
            let room = if rank == root { whole.clone() } else { vec![] };
            let back = comm.igatherv(part, room, &counts, root)?.wait()?;
            same("igatherv", &back[..], if rank == root { &all } else { &[] })?;
        }
        let back = comm.iallgatherv(mine, whole, &counts)?.wait()?;
        same("iallgatherv", &back, &all)?;
        let sums = comm.ireduce_scatter(vec![1; all.len()], part, &counts, Sum)?.wait()?;
        same("ireduce_scatter", sums, vec![size as u64; counts[rank]])?;
    }
    Ok(())
}

fn iallgather_and_ialltoall<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let room = vec![0; size * count];
        let all = comm.iallgather(numbers(rank, 1, count), room.clone())?.wait()?;
        same("all", all, (0..size).flat_map(|part| numbers(part, 1, count)).collect())?;
        let data = (0..size).flat_map(|to| numbers(rank, to, count)).collect();
        let got = comm.ialltoall(data, room)?.wait()?;
        same("got", got, (0..size).flat_map(|from| numbers(from, rank, count)).collect())?;
    }
    let count = |from: usize, to: usize| (from + 2 * to) % 4;
    let sends: Vec<usize> = (0..size).map(|to| count(rank, to)).collect();
    let receives: Vec<usize> = (0..size).map(|from| count(from, rank)).collect();
    let data: Vec<u64> = (0..size).flat_map(|to| numbers(rank, to, sends[to])).collect();
    let room = vec![0; receives.iter().sum()];
    let got = comm.ialltoallv(data, &sends, room, &receives)?.wait()?;
    same("v", got, (0..size).flat_map(|from| numbers(from, rank, receives[from])).collect())
}

/// Also of more than is combined at a time.
fn open_reductions<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let many = if cfg!(miri) { 3000 } else { 100_000 };
    for count in COUNTS.into_iter().chain([many]) {
        let data = numbers(rank, 1, count);
        let mut must = vec![0; count];
        for other in 0..size {
            must.iter_mut().zip(numbers(other, 1, count)).for_each(|(sum, n)| *sum += n);
        }
        for root in 0..size {
            let room = vec![0; if rank == root { count } else { 0 }];
            let sum = comm.ireduce(data.clone(), room, Sum, root)?.wait()?;
            same("ireduce", &sum[..], if rank == root { &must } else { &[] })?;
        }
        let sum = comm.iallreduce(data, vec![0; count], Sum)?.wait()?;
        same("iallreduce", sum, must)?;
    }
    Ok(())
}

/// The map x -> a x + b. To do one after the other is associative, and not commutative.
fn after(first: [u64; 2], second: [u64; 2]) -> [u64; 2] {
    let times = |a: u64, b: u64| a.wrapping_mul(b);
    [times(first[0], second[0]), times(first[1], second[0]).wrapping_add(second[1])]
}

fn map_of(rank: usize) -> [u64; 2] {
    [2 * rank as u64 + 3, rank as u64 + 1]
}

fn open_reductions_in_the_order_of_ranks<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let up_to = |end: usize| (0..end).map(map_of).reduce(after);
    let (data, must) = (vec![map_of(rank); 3], vec![up_to(size).unwrap_or_default(); 3]);
    let room = vec![[7; 2]; 3];
    for root in 0..size {
        let result = comm.ireduce(data.clone(), room.clone(), after, root)?.wait()?;
        same("ireduce", &result, if rank == root { &must } else { &room })?;
    }
    let all = comm.iallreduce(data.clone(), room.clone(), after)?;
    let scan = comm.iscan(data.clone(), room.clone(), after)?;
    let below = comm.iexscan(data.clone(), room.clone(), after)?;
    let part =
        comm.ireduce_scatter(vec![map_of(rank); size], vec![[7; 2]], &vec![1; size], after)?;
    same("ireduce_scatter", part.wait()?[0], must[0])?;
    same("iexscan", below.wait()?, vec![up_to(rank).unwrap_or([7; 2]); 3])?;
    same("iscan", scan.wait()?, vec![up_to(rank + 1).unwrap_or_default(); 3])?;
    same("iallreduce", all.wait()?, must)
}

fn open_prefixes<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank() as u64;
    for count in COUNTS {
        let data = vec![rank + 1; count];
        let scan = comm.iscan(data.clone(), vec![0; count], Sum)?.wait()?;
        same("iscan", scan, vec![(rank + 1) * (rank + 2) / 2; count])?;
        let below = comm.iexscan(data, vec![77; count], Sum)?.wait()?;
        let must = if rank == 0 { 77 } else { rank * (rank + 1) / 2 };
        same("iexscan", below, vec![must; count])?;
    }
    Ok(())
}

/// Sums of floats whose bits tell in which order they were added.
fn the_same_bits_without_waiting<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let data: Vec<f64> = (1..100).map(|n| 1.0 / f64::from(n * (rank as u32 + 3))).collect();
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let room = vec![0.0; data.len()];
    let (mut all, mut scan) = (room.clone(), room.clone());
    comm.allreduce(&data, &mut all, Sum)?;
    comm.scan(&data, &mut scan, Sum)?;
    let sum = comm.iallreduce(data.clone(), room.clone(), Sum)?.wait()?;
    same("iallreduce", bits(&sum), bits(&all))?;
    let sum = comm.iscan(data.clone(), room.clone(), Sum)?.wait()?;
    same("iscan", bits(&sum), bits(&scan))?;
    for root in 0..size {
        let sum = comm.ireduce(data.clone(), all.clone(), Sum, root)?.wait()?;
        same("ireduce", bits(&sum), bits(&all))?;
    }
    Ok(())
}

/// Three of different kinds, and what must come of them.
type Three<'c, C> = [(CollectiveRequest<'c, C, Vec<u64>>, Vec<u64>); 3];

fn three<C: Communicator>(comm: &C, salt: usize, count: usize) -> crate::Result<Three<'_, C>> {
    let (rank, size) = (comm.rank(), comm.size());
    let sum = comm.iallreduce(vec![rank as u64; count], vec![0; count], Sum)?;
    let root = salt % size;
    let given = comm.ibcast(numbers(rank, salt, count), root)?;
    let all = comm.iallgather(numbers(rank, salt, count), vec![0; size * count])?;
    let must = (0..size).flat_map(|part| numbers(part, salt, count)).collect();
    let total = (size * (size - 1) / 2) as u64;
    Ok([(sum, vec![total; count]), (given, numbers(root, salt, count)), (all, must)])
}

fn completed_in_reverse_order<C: Communicator>(comm: &C) -> Outcome {
    for (salt, count) in COUNTS.into_iter().enumerate() {
        for (request, must) in three(comm, salt, count)?.into_iter().rev() {
            same("result", request.wait()?, must)?;
        }
    }
    Ok(())
}

/// Whoever waits for one must not keep another from those who wait for that.
fn completed_in_another_order_on_each_rank<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    for (salt, count) in COUNTS.into_iter().enumerate() {
        let mut requests = vec![];
        requests.extend(three(comm, salt, count)?);
        let barrier = comm.ibarrier()?;
        requests.extend(three(comm, salt + 1, count)?);
        let turns = rank * 2 % requests.len();
        requests.rotate_left(turns);
        if rank % 2 == 1 {
            requests.reverse();
            barrier.wait()?;
            for (request, must) in requests {
                same("result", request.wait()?, must)?;
            }
        } else {
            for (request, must) in requests {
                same("result", request.wait()?, must)?;
            }
            barrier.wait()?;
        }
    }
    Ok(())
}

/// Of four, rank 0 hears the last part of the first from rank 2, by way of rank 3, and rank 2 that of the
/// second from rank 0. Each waits for that one. Rank 1 starts them when the others wait.
fn who_waits_for_one_drives_the_other<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let last = 1 % size;
    for other in (0..size).filter(|&other| rank == last && other != last) {
        comm.recv(&mut [0_u8], other, 1)?;
    }
    let first = comm.iallgather(vec![rank], vec![0; size])?;
    let second = comm.iallgather(vec![10 * rank], vec![0; size])?;
    if rank != last {
        comm.send(&[0_u8], last, 1)?;
    }
    let (firsts, seconds) = ((0..size).collect(), (0..size).map(|part| 10 * part).collect());
    if rank < size / 2 {
        same("first", first.wait()?, firsts)?;
        same("second", second.wait()?, seconds)
    } else {
        same("second", second.wait()?, seconds)?;
        same("first", first.wait()?, firsts)
    }
}

fn polled_in_turn<C: Communicator>(comm: &C) -> Outcome {
    for count in COUNTS {
        let mut requests = Vec::from(three(comm, 5, count)?);
        while !requests.is_empty() {
            let is_done =
                |(request, _): &mut (CollectiveRequest<'_, C, Vec<u64>>, _)| request.is_done();
            for (request, must) in requests.extract_if(.., is_done) {
                same("result", request.wait()?, must)?;
            }
            std::thread::yield_now();
        }
    }
    Ok(())
}

/// More than have a number of their own, some of them open at once.
fn many_of_one_kind<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let many = if cfg!(miri) { 50 } else { 2100 };
    let mut open = std::collections::VecDeque::new();
    for n in 0..many {
        open.push_back((n, comm.ibcast(vec![n * 10 + rank], n % size)?));
        if open.len() > 20
            && let Some((n, request)) = open.swap_remove_back(n % 13)
        {
            same("given", request.wait()?, vec![n * 10 + n % size])?;
        }
    }
    for (n, request) in open {
        same("given", request.wait()?, vec![n * 10 + n % size])?;
    }
    Ok(())
}

fn beside_messages_and_collectives<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for count in COUNTS {
        let receive = comm.irecv(vec![0; count], crate::Source::Any, crate::Tags::Any)?;
        let first = comm.iallreduce(vec![rank as u64; count], vec![0; count], Sum)?;
        let mut sum = vec![0; count];
        comm.allreduce(&vec![1_u64; count], &mut sum, Sum)?;
        same("allreduce", sum, vec![size as u64; count])?;
        let second = comm.ibarrier()?;
        let send = comm.isend(numbers(rank, 1, count), to, 1)?;
        let mut given = numbers(rank, 2, count);
        comm.bcast(&mut given, size - 1)?;
        same("bcast", given, numbers(size - 1, 2, count))?;
        same("message", receive.wait()?.0, numbers(from, 1, count))?;
        second.wait()?;
        send.wait()?;
        same("sum", first.wait()?, vec![(size * (size - 1) / 2) as u64; count])?;
    }
    Ok(())
}

/// Starts something on rank 0, which then cannot be far, and on the others when it has.
fn first_on_rank_0<C: Communicator, R>(
    comm: &C,
    start: impl FnOnce() -> crate::Result<R>,
) -> crate::Result<R> {
    if comm.rank() > 0 {
        comm.recv(&mut [0_u8], 0, 2)?;
        return start();
    }
    let started = start()?;
    (1..comm.size()).try_for_each(|other| comm.send(&[0_u8], other, 2))?;
    Ok(started)
}

/// Rank 0 waits for messages that the others send when a barrier is done, which it has started.
fn calls_that_wait_drive_what_is_open<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for call in 0..6 {
        let (sum, barrier) = first_on_rank_0(comm, || {
            Ok((comm.iallreduce(vec![1], vec![0], Sum)?, comm.ibarrier()?))
        })?;
        if rank == 0 {
            for other in 1..size {
                let mut room = [0_usize];
                match call {
                    0 => drop(comm.recv(&mut room, other, 1)?),
                    1 => room.copy_from_slice(&comm.irecv(vec![0], other, 1)?.wait()?.0),
                    2 => {
                        comm.probe(other, 1)?;
                        comm.recv(&mut room, other, 1)?;
                    }
                    3 => drop(comm.mprobe(other, 1)?.recv(&mut room)?),
                    4 => {
                        let mut requests = vec![comm.irecv(vec![0], other, 1)?];
                        if let Some((_, message, _)) = crate::wait_any(&mut requests)? {
                            room.copy_from_slice(&message);
                        }
                    }
                    _ => comm.scope(|scope| scope.irecv(&mut room, other, 1).map(drop))?,
                }
                same("message", room, [other])?;
            }
            comm.barrier()?;
            barrier.wait()?;
        } else {
            barrier.wait()?;
            comm.send(&[rank], 0, 1)?;
            comm.barrier()?;
        }
        same("sum", sum.wait()?, vec![size])?;
    }
    Ok(())
}

/// Rank 0 waits for a message of rank 1, and drives an operation that waits for one too: the call was first.
fn an_operation_that_receives_comes_after_who_waits<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    if size == 1 {
        return Ok(());
    }
    for call in 0..2 {
        let second = Rc::new(Cell::new(Ok([0])));
        let (handle, heard) = (comm.handle(), Rc::clone(&second));
        let sum = move |left: usize, right: usize| {
            if handle.rank() == 0 && heard.get() == Ok([0]) {
                let mut room = [0];
                let result = handle.recv(&mut room, 1, 7);
                heard.set(result.map(|_| room).map_err(|error| error.kind()));
            }
            left + right
        };
        let sum = first_on_rank_0(comm, || comm.iallreduce(vec![1], vec![0], sum))?;
        if rank == 1 {
            comm.send(&[1], 0, 7)?;
            comm.send(&[2], 0, 7)?;
        }
        if rank == 0 {
            let mut first = [0];
            match call {
                0 => drop(comm.recv(&mut first, 1, 7)?),
                _ => first.copy_from_slice(&comm.irecv(vec![0], 1, 7)?.wait()?.0),
            }
            same("first", first, [1])?;
        }
        same("sum", sum.wait()?, vec![size])?;
        if rank == 0 {
            same("second", second.get(), Ok([2]))?;
        }
    }
    Ok(())
}

/// Rank 0 polls for messages that the others send when a barrier is done, which it has started.
fn who_polls_drives_what_is_open<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for call in 0..3 {
        let barrier = first_on_rank_0(comm, || comm.ibarrier())?;
        if rank == 0 {
            for other in 1..size {
                let mut room = [0_usize];
                match call {
                    0 => {
                        let mut request = comm.irecv(vec![0], other, 1)?;
                        while !request.is_done() {
                            std::thread::yield_now();
                        }
                        room.copy_from_slice(&request.wait()?.0);
                    }
                    1 => {
                        while comm.iprobe(other, 1)?.is_none() {
                            std::thread::yield_now();
                        }
                        comm.recv(&mut room, other, 1)?;
                    }
                    _ => loop {
                        if let Some(message) = comm.improbe(other, 1)? {
                            message.recv(&mut room)?;
                            break;
                        }
                        std::thread::yield_now();
                    },
                }
                same("message", room, [other])?;
            }
            barrier.wait()?;
        } else {
            barrier.wait()?;
            comm.send(&[rank], 0, 1)?;
        }
    }
    Ok(())
}

/// The others need what this rank hands on.
fn what_is_dropped_goes_on<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for dropping in 0..size {
        let all = comm.iallgather(vec![rank], vec![0; size])?;
        let forgotten = comm.ibarrier()?;
        if rank == dropping {
            drop(all);
            std::mem::forget(forgotten);
        } else {
            same("all", all.wait()?, (0..size).collect())?;
            forgotten.wait()?;
        }
        comm.barrier()?;
    }
    Ok(())
}

fn on_several_communicators<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let twin = comm.dup()?;
    let Some(half) = comm.split(Some((rank % 2) as u32), 0)? else {
        return same("a color was given", false, true);
    };
    let first = comm.iallreduce(vec![1], vec![0], Sum)?;
    let second = twin.iallreduce(vec![10], vec![0], Sum)?;
    let third = half.iallreduce(vec![100], vec![0], Sum)?;
    let size = comm.size();
    if rank.is_multiple_of(2) {
        same("third", third.wait()?, vec![100 * half.size()])?;
        same("second", second.wait()?, vec![10 * size])?;
        same("first", first.wait()?, vec![size])
    } else {
        same("first", first.wait()?, vec![size])?;
        same("second", second.wait()?, vec![10 * size])?;
        same("third", third.wait()?, vec![100 * half.size()])
    }
}

/// By the call that would start it. On every rank alike; nothing has been started then.
fn open_roots_and_lengths_are_checked<C: Communicator>(comm: &C) -> Outcome {
    let size = comm.size();
    let root = ErrorKind::Rank { argument: "root", rank: size, size };
    let length = |argument, len, needed| ErrorKind::Length { argument, len, needed };
    fails("ibcast", comm.ibcast(vec![0], size), |kind| kind == root)?;
    fails("iscatter", comm.iscatter(vec![0], vec![0], size), |kind| kind == root)?;
    fails("igather", comm.igather(vec![0], vec![0], size), |kind| kind == root)?;
    fails("ireduce", comm.ireduce(vec![0], vec![0], Sum, size), |kind| kind == root)?;
    let must = length("recv", 2, 1);
    fails("iallreduce", comm.iallreduce(vec![0], vec![0; 2], Sum), |kind| kind == must)?;
    fails("iscan", comm.iscan(vec![0], vec![0; 2], Sum), |kind| kind == must)?;
    fails("iexscan", comm.iexscan(vec![0], vec![0; 2], Sum), |kind| kind == must)?;
    let (must, room) = (length("recv", size + 1, size), vec![0; size + 1]);
    fails("iallgather", comm.iallgather(vec![0], room.clone()), |kind| kind == must)?;
    let (must, counts) = (length("counts", size + 1, size), vec![1; size + 1]);
    let result = comm.iallgatherv(vec![0], room.clone(), &counts);
    fails("iallgatherv", result, |kind| kind == must)?;
    let result = comm.ireduce_scatter(vec![0], vec![0], &counts, Sum);
    fails("ireduce_scatter", result, |kind| kind == must)?;
    let must = length("send_counts", size + 1, size);
    let result = comm.ialltoallv(vec![0], &counts, room, &counts);
    fails("ialltoallv", result, |kind| kind == must)?;
    let sum = comm.iallreduce(vec![1], vec![0], Sum)?.wait()?;
    same("the next", sum, vec![size])
}

/// A collective of other kinds on rank 0 and on the others, which rank 0 is told of.
fn mismatched<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    if rank > 0 {
        comm.ireduce(vec![1_u8], vec![0], Sum, 0)?.wait()?;
        return Ok(());
    }
    let (here, there) = (CallKind::Igather, CallKind::Ireduce);
    let must = ErrorKind::CollectiveMismatch { here, root: 0, there, their_root: 0, from: 1 };
    let gathered = comm.igather(vec![1_u8], vec![0; size], 0).and_then(CollectiveRequest::wait);
    fails("igather", gathered, |kind| kind == must)
}

/// Rank 0 fails when it hears from rank 1, which has sent more, as have others. That is taken for nothing else,
/// however many follow, and hides no mismatch.
fn one_that_fails_does_no_harm_to_others<C: Communicator>(comm: &C) -> Outcome {
    const PIECE: usize = 64;
    let (rank, size) = (comm.rank(), comm.size());
    if size == 1 {
        return Ok(());
    }
    let many = if cfg!(miri) { 10 } else { 2100 };
    let count = if rank == 0 { 1 } else { 2 * PIECE };
    let data = vec![[rank as u64; 512]; count];
    let sums = comm.ireduce(data.clone(), data, |a, _| a, 0).and_then(CollectiveRequest::wait);
    if rank == 0 {
        let call = CallKind::Ireduce;
        let must = ErrorKind::CountMismatch { call, expected: 1, sent: PIECE, from: 1 };
        fails("ireduce", sums, |kind| kind == must)?;
    } else {
        sums?;
    }
    mismatched(comm)?;
    for n in 0..many {
        let sum = comm.ireduce(vec![rank + n], vec![0], Sum, 0)?.wait()?;
        let must = if rank == 0 { size * n + size * (size - 1) / 2 } else { 0 };
        same("sum", sum, vec![must])?;
    }
    mismatched(comm)
}

/// What an operation throws.
const THROWN: &str = "an operation";

/// Starts a reduction whose operation panics on rank 0.
fn start_a_panic<C: Communicator>(comm: &C) -> crate::Result<CollectiveRequest<'_, C, Vec<u32>>> {
    let is_root = comm.rank() == 0;
    let operation = move |a: u32, b: u32| {
        if is_root { resume_unwind(Box::new(THROWN)) } else { a + b }
    };
    comm.ireduce(vec![1], vec![0], operation, 0)
}

/// That this panics with that.
fn panics(what: &str, body: impl FnOnce()) -> Outcome {
    let thrown = catch_unwind(AssertUnwindSafe(body)).err();
    let thrown = thrown.and_then(|thrown| thrown.downcast_ref::<&str>().copied());
    same(what, thrown, Some(THROWN))
}

/// Rank 0 drives it in calls that wait for messages, which the others send when a barrier is done.
fn a_panic_comes_out_of_its_own_request<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    if size == 1 {
        return Ok(());
    }
    for call in 0..5 {
        let (sum, barrier) =
            first_on_rank_0(comm, || Ok((start_a_panic(comm)?, comm.ibarrier()?)))?;
        if rank > 0 {
            sum.wait()?;
            barrier.wait()?;
            comm.send(&[rank], 0, 1)?;
            comm.barrier()?;
            continue;
        }
        for other in 1..size {
            let mut room = [0_usize];
            match call {
                0 => drop(comm.recv(&mut room, other, 1)?),
                1 => room.copy_from_slice(&comm.irecv(vec![0], other, 1)?.wait()?.0),
                2 => {
                    // The second is for a message that does not come.
                    let (first, second) =
                        (comm.irecv(vec![0], other, 1)?, comm.irecv(vec![0], other, 2)?);
                    let mut requests = vec![second, first];
                    for (at, result) in crate::wait_some(&mut requests)? {
                        same("place", at, 1)?;
                        room.copy_from_slice(&result?.0);
                    }
                    same("left", requests.len(), 1)?;
                }
                3 => comm.scope(|scope| scope.irecv(&mut room, other, 1).map(drop))?,
                _ => {
                    while comm.iprobe(other, 1)?.is_none() {
                        std::thread::yield_now();
                    }
                    comm.recv(&mut room, other, 1)?;
                }
            }
            same("message", room, [other])?;
        }
        comm.barrier()?;
        barrier.wait()?;
        if call % 2 == 0 {
            panics("wait", || drop(sum.wait()))?;
        } else {
            panics("drop", || drop(sum))?;
        }
    }
    let sum = comm.iallreduce(vec![1], vec![0], Sum)?.wait()?;
    same("the next", sum, vec![size])
}

/// Rank 0 waits for a lock that rank 1 has, and drives a reduction meanwhile.
fn a_panic_disturbs_no_lock<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    if size == 1 {
        return Ok(());
    }
    let mut window = comm.window(&[0_u64])?;
    let add = |target: &crate::Target<'_, '_, C, u64>| target.update(0, 1, |sum| sum[0] += 1);
    if rank == 1 {
        window.lock(0, Lock::Exclusive, |target| {
            comm.sendrecv((&[0_u8], 0, 1), &mut [0_u8], 0, 1)?;
            start_a_panic(comm)?.wait()?;
            comm.ibarrier()?.wait()?;
            add(target)
        })?;
    } else {
        let start = || Ok::<_, crate::Error>((start_a_panic(comm)?, comm.ibarrier()?));
        let (sum, barrier) = if rank == 0 {
            comm.recv(&mut [0_u8], 1, 1)?;
            let started = start()?;
            comm.send(&[0_u8], 1, 1)?;
            started
        } else {
            start()?
        };
        window.lock(0, Lock::Exclusive, add)?;
        if rank == 0 {
            panics("wait", || drop(sum.wait()))?;
        } else {
            sum.wait()?;
        }
        barrier.wait()?;
    }
    for lock in [Lock::Shared, Lock::Exclusive] {
        window.lock(0, lock, |target| target.accumulate(&[1], 0, Sum))?;
    }
    let must = if rank == 0 { 3 * size as u64 } else { 0 };
    same("sum", window.free()?, vec![must])
}
