//! Point to point.

use super::{COUNTS, Outcome, fails, list, numbers, same};
use crate::{Communicator, ErrorKind, Source, Tags};

list![
    every_pair_in_every_mode,
    messages_do_not_overtake,
    a_tag_picks_its_message,
    any_source_and_any_tag,
    types_travel_as_they_are,
    a_shorter_message_leaves_the_rest,
    what_is_too_long_is_an_error,
    another_type_is_an_error,
    ranks_and_tags_are_checked,
    sendrecv_around_a_ring,
    a_probe_tells_and_leaves,
    a_matched_probe_takes,
];

/// Each rank sends to all others, in the order of ranks; all others wait for it.
fn every_pair_in_every_mode<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for from in 0..size {
        for to in (0..size).filter(|&to| to != from) {
            for (tag, count) in (0_u32..).zip(COUNTS) {
                let data = numbers(from, to, count);
                if rank == from {
                    comm.send(&data, to, tag)?;
                    comm.ssend(&data, to, tag)?;
                    comm.bsend(&data, to, tag)?;
                    // Ready mode needs a receive that is known to be there.
                    comm.recv::<u8>(&mut [], to, 9)?;
                    comm.rsend(&data, to, tag)?;
                } else if rank == to {
                    for _ in 0..3 {
                        let mut room = vec![0; count];
                        let status = comm.recv(&mut room, from, tag)?;
                        same("status", (status.source(), status.tag()), (from, tag))?;
                        same("count", (status.count(), status.bytes()), (count, 8 * count))?;
                        same("message", &room, &data)?;
                    }
                    let ready = comm.irecv(vec![0; count], from, tag)?;
                    comm.send::<u8>(&[], from, 9)?;
                    same("ready message", ready.wait()?.0, data)?;
                }
            }
        }
    }
    Ok(())
}

fn messages_do_not_overtake<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    let count = |n: usize| COUNTS[n % COUNTS.len()];
    let sends = (0..20).map(|n| comm.isend(numbers(rank, n, count(n)), to, 3));
    let sends = sends.collect::<Result<Vec<_>, _>>()?;
    for n in 0..20 {
        let mut room = vec![0; count(n)];
        comm.recv(&mut room, from, 3)?;
        same("message", room, numbers(from, n, count(n)))?;
    }
    crate::wait_all(sends)?;
    Ok(())
}

fn a_tag_picks_its_message<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for tag in 0..5_u32 {
        comm.bsend(&[tag], to, tag)?;
    }
    for tag in [3, 0, 4, 1, 2_u32] {
        let mut room = [9];
        comm.recv(&mut room, from, tag)?;
        same("message", room, [tag])?;
    }
    Ok(())
}

fn any_source_and_any_tag<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    if rank != 0 {
        for tag in 0..3_u32 {
            comm.send(&[rank as u64, u64::from(tag)], 0, tag)?;
        }
    } else {
        let mut next = vec![0; size];
        for _ in 0..3 * (size - 1) {
            let mut room = [0; 2];
            let status = comm.recv(&mut room, Source::Any, Tags::Any)?;
            let told = [status.source() as u64, u64::from(status.tag())];
            same("message", room, told)?;
            same("order", status.tag(), next[status.source()])?;
            next[status.source()] += 1;
        }
    }
    // A tag of any source.
    comm.barrier()?;
    if rank != 0 {
        comm.send(&[rank], 0, 7)?;
        return Ok(());
    }
    let mut seen = vec![0];
    for _ in 1..size {
        let mut room = [0_usize];
        same("source", comm.recv(&mut room, Source::Any, 7)?.source(), room[0])?;
        seen.push(room[0]);
    }
    seen.sort_unstable();
    same("sources", seen, (0..size).collect())
}

fn types_travel_as_they_are<C: Communicator>(comm: &C) -> Outcome {
    macro_rules! travel {
        ($($value:expr),*) => {$({
            let request = comm.isend(vec![$value; 3], comm.rank(), 0)?;
            let mut room = [$value; 3];
            room[0] = Default::default();
            comm.recv(&mut room, comm.rank(), 0)?;
            request.wait()?;
            same(std::any::type_name_of_val(&$value), room, [$value; 3])?;
        })*};
    }
    travel![1_i8, -2_i16, 3_i32, -4_i64, 5_isize, 1_u8, 2_u16, 3_u32, u64::MAX, 5_usize];
    travel![1.5_f32, -0.1_f64, true, [1_u8, 2, 3], [[0.5_f32; 2]; 2]];
    travel![crate::Located { value: 1_u8, at: 7 }];
    Ok(())
}

fn a_shorter_message_leaves_the_rest<C: Communicator>(comm: &C) -> Outcome {
    let request = comm.isend(vec![1, 2], comm.rank(), 0)?;
    let mut room = [9; 4];
    let status = comm.recv(&mut room, comm.rank(), 0)?;
    request.wait()?;
    same("count", status.count(), 2)?;
    same("room", room, [1, 2, 9, 9])
}

/// The receiver is told, the sender is not, and what comes next is right.
fn what_is_too_long_is_an_error<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for sent in [3, 10_000] {
        let long = comm.isend(vec![1_u64; sent], to, 5)?;
        let next = comm.isend(vec![2_u64], to, 5)?;
        let mut room = [0_u64; 2];
        let must = ErrorKind::Truncated { sent, room: 2, from, tag: 5 };
        fails("too long", comm.recv(&mut room, from, 5), |kind| kind == must)?;
        same("room", room, [0; 2])?;
        comm.recv(&mut room, from, 5)?;
        same("next", room, [2, 0])?;
        crate::wait_all([long, next])?;
    }
    Ok(())
}

fn another_type_is_an_error<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    let is_it = |kind| {
        matches!(kind, ErrorKind::Type { sent, expected, from: f, tag: 5 }
            if f == from && sent.to_string() == "u64" && expected.to_string() == "f64")
    };
    for sent in [1, 10_000] {
        let wrong = comm.isend(vec![1_u64; sent], to, 5)?;
        fails("type", comm.recv(&mut vec![0.0; sent], from, 5), is_it)?;
        wrong.wait()?;
    }
    Ok(())
}

fn ranks_and_tags_are_checked<C: Communicator>(comm: &C) -> Outcome {
    let (size, max) = (comm.size(), comm.max_tag());
    let to = ErrorKind::Rank { argument: "to", rank: size, size };
    let from = ErrorKind::Rank { argument: "from", rank: size, size };
    let tag = ErrorKind::Tag { tag: max + 1, max };
    fails("to", comm.send(&[1], size, 0), |kind| kind == to)?;
    fails("to", comm.isend(vec![1], size, 0), |kind| kind == to)?;
    fails("from", comm.recv(&mut [1], size, 0), |kind| kind == from)?;
    fails("from", comm.irecv(vec![1], size, 0), |kind| kind == from)?;
    fails("from", comm.iprobe(size, 0), |kind| kind == from)?;
    fails("from", comm.mprobe(size, 0), |kind| kind == from)?;
    fails("tag", comm.send(&[1], 0, max + 1), |kind| kind == tag)?;
    fails("tag", comm.recv(&mut [1], 0, max + 1), |kind| kind == tag)?;
    fails("tag", comm.probe(Source::Any, max + 1), |kind| kind == tag)?;
    fails("to", comm.sendrecv((&[1], size, 0), &mut [1], 0, 0), |kind| kind == to)
}

fn sendrecv_around_a_ring<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for count in COUNTS {
        let mut room = vec![0; count];
        comm.sendrecv((&numbers(rank, 1, count), to, 1), &mut room, from, 1)?;
        same("message", room, numbers(from, 1, count))?;
    }
    Ok(())
}

fn a_probe_tells_and_leaves<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for count in COUNTS {
        let request = comm.isend(numbers(rank, 2, count), to, 4)?;
        for _ in 0..2 {
            let status = comm.probe(from, Tags::Any)?;
            same("count", (status.count_of::<u64>(), status.tag()), (Some(count), 4))?;
            same("type", (status.is_of::<u64>(), status.is_of::<f64>()), (true, false))?;
        }
        same("another tag", comm.iprobe(from, 5)?, None)?;
        let mut room = vec![0; count];
        comm.recv(&mut room, from, 4)?;
        same("message", room, numbers(from, 2, count))?;
        request.wait()?;
    }
    // Nobody has ended while it is asked for what it has not sent.
    Ok(comm.barrier()?)
}

fn a_matched_probe_takes<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for count in COUNTS {
        let sends = [1, 2].map(|salt| comm.isend(numbers(rank, salt, count), to, 4));
        let first = comm.mprobe(from, 4)?;
        // What was taken is nobody else's.
        let mut second = vec![0; count];
        comm.recv(&mut second, from, 4)?;
        let mut room = vec![0; first.status().count()];
        same("status", first.recv(&mut room)?.source(), from)?;
        same("first", room, numbers(from, 1, count))?;
        same("second", second, numbers(from, 2, count))?;
        for send in sends {
            send?.wait()?;
        }
    }
    same("nothing more", comm.improbe(from, 4)?.is_none(), true)?;
    Ok(comm.barrier()?)
}
