//! Sends and receives that go on.

use super::{COUNTS, Outcome, fails, list, numbers, same};
use crate::{Cancel, Communicator, Error, ErrorKind, Request, Source, Status, Tags};

list![
    all_to_all_by_requests,
    wait_any_takes_what_is_done,
    wait_some_takes_all_that_are_done,
    one_that_fails_costs_the_others_nothing,
    a_call_that_waits_comes_after_what_was_started,
    an_issend_waits_for_its_receiver,
    what_is_cancelled_takes_no_message,
    what_is_met_cannot_be_cancelled,
    a_dropped_request_is_taken_back,
    a_scope_waits_for_what_it_started,
    a_scope_that_fails_takes_back,
    a_persistent_request_goes_again,
];

fn all_to_all_by_requests<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let room = |_| vec![0; count];
        let receives = (0..size).map(|from| comm.irecv(room(from), from, 1));
        let receives = receives.collect::<Result<Vec<_>, _>>()?;
        let sends = (0..size).rev().map(|to| comm.isend(numbers(rank, to, count), to, 1));
        let sends = sends.collect::<Result<Vec<_>, _>>()?;
        for (from, (message, status)) in crate::wait_all(receives)?.into_iter().enumerate() {
            same("source", (status.source(), status.count()), (from, count))?;
            same("message", message, numbers(from, rank, count))?;
        }
        for (to, (data, status)) in (0..size).rev().zip(crate::wait_all(sends)?) {
            same("sent", (status.source(), status.count()), (to, count))?;
            same("given back", data, numbers(rank, to, count))?;
        }
    }
    Ok(())
}

fn wait_any_takes_what_is_done<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mut none: Vec<Request<'_, C, u8>> = vec![];
    same("none", crate::wait_any(&mut none)?.is_none(), true)?;
    let mut receives = vec![];
    for from in 0..size {
        receives.push(comm.irecv(vec![0; 1], from, 2)?);
    }
    for to in (0..size).rev() {
        comm.send(&[rank], to, 2)?;
    }
    let mut sources = vec![];
    let mut left: Vec<usize> = (0..size).collect();
    while let Some((at, message, status)) = crate::wait_any(&mut receives)? {
        same("place", left.remove(at), status.source())?;
        same("message", message[0], status.source())?;
        sources.push(message[0]);
    }
    sources.sort_unstable();
    same("sources", sources, (0..size).collect())
}

fn wait_some_takes_all_that_are_done<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let mut receives = vec![];
    for tag in 0..4_u32 {
        receives.push(comm.irecv(vec![0_u32; 1], rank, tag)?);
    }
    for tag in [3, 1_u32] {
        comm.send(&[tag], rank, tag)?;
    }
    let done = crate::wait_some(&mut receives)?;
    let mut places = vec![];
    for (at, result) in done {
        places.push((at, result?.0[0]));
    }
    same("done", places, vec![(1, 1), (3, 3)])?;
    same("open", receives.len(), 2)?;
    same("is done", receives.iter_mut().any(Request::is_done), false)?;
    for tag in [0, 2_u32] {
        comm.send(&[tag], rank, tag)?;
    }
    let rest = crate::wait_all(receives)?;
    same("rest", rest.iter().map(|(message, _)| message[0]).collect::<Vec<_>>(), vec![0, 2])
}

/// Receives from this rank, of which the one in the middle has too little room, and all messages.
fn three_of_which_one_fails<C: Communicator>(
    comm: &C,
) -> Result<Vec<Request<'_, C, usize>>, Error> {
    let rank = comm.rank();
    let requests = [2, 1, 2].map(|room| comm.irecv(vec![0; room], rank, 1));
    for n in 0..3 {
        comm.send(&[rank, n], rank, 1)?;
    }
    requests.into_iter().collect()
}

fn one_that_fails_costs_the_others_nothing<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let must = ErrorKind::Truncated { sent: 2, room: 1, from: rank, tag: 1 };
    let check = |(n, result): (usize, Result<(Vec<usize>, Status), Error>)| {
        if n == 1 {
            return fails("no room", result, |kind| kind == must);
        }
        let (message, status) = result?;
        same("message", message, vec![rank, n])?;
        same("status", (status.source(), status.count()), (rank, 2))
    };
    let results = crate::wait_each(three_of_which_one_fails(comm)?);
    same("each", results.len(), 3)?;
    results.into_iter().enumerate().try_for_each(check)?;
    let mut requests = three_of_which_one_fails(comm)?;
    let (mut left, mut seen) = (vec![0, 1, 2], 0);
    while !requests.is_empty() {
        let done = crate::wait_some(&mut requests)?;
        same("something is done", done.is_empty(), false)?;
        for (at, result) in done {
            check((left[at], result))?;
            seen += 1;
            left[at] = 3;
        }
        left.retain(|n| *n != 3);
    }
    same("seen", seen, 3)
}

/// Each rank sends two messages when the receiver has started one receive, and mostly waits in the other.
fn a_call_that_waits_comes_after_what_was_started<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for count in COUNTS {
        let first = comm.irecv(vec![0; count], from, 4)?;
        comm.send(&[0_u8], from, 9)?;
        comm.recv(&mut [0_u8], to, 9)?;
        let sends = [1, 2].map(|salt| comm.isend(numbers(rank, salt, count), to, 4));
        let mut second = vec![0; count];
        comm.recv(&mut second, from, 4)?;
        same("second", second, numbers(from, 2, count))?;
        same("first", first.wait()?.0, numbers(from, 1, count))?;
        for send in sends {
            send?.wait()?;
        }
    }
    Ok(())
}

fn an_issend_waits_for_its_receiver<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    for count in COUNTS {
        let mut request = comm.issend(numbers(rank, 1, count), rank, 1)?;
        same("not yet", request.is_done(), false)?;
        let mut room = vec![0; count];
        comm.recv(&mut room, rank, 1)?;
        request.wait()?;
        same("message", room, numbers(rank, 1, count))?;
    }
    Ok(())
}

fn what_is_cancelled_takes_no_message<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let receive = comm.irecv(vec![7], rank, 1)?;
    match receive.cancel()? {
        Cancel::Cancelled(room) => same("receive", room, vec![7])?,
        other => return same("receive", format!("{other:?}"), String::from("taken back")),
    }
    let send = comm.issend(vec![1], rank, 1)?;
    match send.cancel()? {
        Cancel::Cancelled(data) => same("send", data, vec![1])?,
        // It goes on, and is as good as any.
        Cancel::Refused(send) => {
            comm.recv(&mut [0], rank, 1)?;
            same("send", send.wait()?.0, vec![1])?;
        }
        other @ Cancel::Completed(..) => {
            return same("send", format!("{other:?}"), String::from("open"));
        }
    }
    same("nothing", comm.iprobe(rank, 1)?, None)
}

fn what_is_met_cannot_be_cancelled<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let receive = comm.irecv(vec![0; 2], rank, 1)?;
    comm.send(&[5], rank, 1)?;
    match receive.cancel()? {
        Cancel::Completed(room, status) => same("met", (room, status.count()), (vec![5, 0], 1)),
        other => same("met", format!("{other:?}"), String::from("done")),
    }
}

fn a_dropped_request_is_taken_back<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    drop(comm.irecv(vec![0; 2], Source::Any, Tags::Any)?);
    drop(comm.issend(vec![7; 2], rank, 1)?);
    comm.barrier()?;
    // What could not be taken back goes on.
    if comm.iprobe(rank, 1)?.is_some() {
        let mut room = [0; 2];
        comm.recv(&mut room, rank, 1)?;
        same("goes on", room, [7; 2])?;
    }
    let request = comm.isend(vec![8], rank, 1)?;
    let mut room = [0];
    comm.recv(&mut room, rank, 1)?;
    request.wait()?;
    same("message", room, [8])
}

fn a_scope_waits_for_what_it_started<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    for count in COUNTS {
        let data = numbers(rank, 1, count);
        let mut rooms = vec![vec![0; count]; size];
        let status = comm.scope(|scope| {
            let mut requests = vec![];
            for (from, room) in rooms.iter_mut().enumerate() {
                requests.push(scope.irecv(room, from, 1)?);
            }
            for to in 0..size {
                // Nobody waits for it, and it is sent all the same.
                scope.isend(&data, to, 1)?;
            }
            requests.swap_remove(size - 1).wait()
        })?;
        same("status", (status.source(), status.count()), (size - 1, count))?;
        for (from, room) in rooms.into_iter().enumerate() {
            same("message", room, numbers(from, 1, count))?;
        }
    }
    Ok(())
}

fn a_scope_that_fails_takes_back<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (mut room, data) = ([0; 2], [1]);
    let result = comm.scope(|scope| {
        scope.irecv(&mut room, rank, 1)?;
        scope.issend(&data, rank, 2)?;
        scope.isend(&data, size, 1).map(drop)
    });
    same("fails", result.is_err(), true)?;
    // What could not be taken back goes on.
    if comm.iprobe(rank, 2)?.is_some() {
        comm.recv(&mut [0], rank, 2)?;
    }
    comm.bsend(&[3], rank, 1)?;
    let mut next = [0];
    comm.recv(&mut next, rank, 1)?;
    same("next", (next, room), ([3], [0; 2]))
}

fn a_persistent_request_goes_again<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for count in COUNTS {
        let mut send = comm.send_init(vec![0; count], to, 1)?;
        let mut receive = comm.recv_init(vec![0; count], from, 1)?;
        fails("inactive", receive.wait(), |kind| kind == ErrorKind::Inactive)?;
        for round in 0..3 {
            receive.start()?;
            same("taken", receive.buffer().is_none(), true)?;
            fails("active", receive.start(), |kind| kind == ErrorKind::Active)?;
            let Some(data) = send.buffer() else { return same("free", false, true) };
            data.copy_from_slice(&numbers(rank, round, count));
            send.start()?;
            same("status", receive.wait()?.count(), count)?;
            send.wait()?;
            let must = numbers(from, round, count);
            same("message", receive.buffer().map(|room| &*room), Some(&must[..]))?;
        }
    }
    Ok(())
}
