//! Values of serde types.

use std::collections::BTreeMap;

use super::{Outcome, fails, list, same};
use crate::{Communicator, ErrorKind, Source};

list![
    objects_go_around_a_ring,
    an_object_is_no_array,
    objects_from_every_root,
    what_cannot_be_read_is_an_error,
];

type Value = (String, Vec<u16>, BTreeMap<u8, Option<f64>>);

fn value(rank: usize) -> Value {
    let map = BTreeMap::from([(1, None), (2, Some(rank as f64))]);
    (format!("rank {rank}"), vec![7; rank * 3000], map)
}

fn objects_go_around_a_ring<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    // A send to the right that does not wait for its receiver: even ranks first.
    let odd_ring = size > 1;
    if odd_ring && rank % 2 == 0 {
        comm.send_object(&value(rank), to, 1)?;
    }
    if odd_ring {
        let (got, status) = comm.recv_object::<Value>(from, 1)?;
        same("object", (got, status.source()), (value(from), from))?;
    }
    if odd_ring && rank % 2 == 1 {
        comm.send_object(&value(rank), to, 1)?;
    }
    Ok(())
}

fn an_object_is_no_array<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    comm.send_object(&1_u8, rank, 1)?;
    let is_type = |kind| matches!(kind, ErrorKind::Type { .. });
    fails("bytes", comm.recv(&mut [0_u8; 9], rank, 1), is_type)?;
    comm.send(&[1_u8], rank, 1)?;
    fails("object", comm.recv_object::<u8>(Source::Any, 1), is_type)
}

fn objects_from_every_root<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let all: Vec<Value> = (0..size).map(value).collect();
    for root in 0..size {
        let is_root = rank == root;
        let got = comm.bcast_object(is_root.then_some(&all[root]), root)?;
        same("bcast", &got, &all[root])?;
        let got = comm.gather_object(&all[rank], root)?;
        same("gather", got.as_ref(), is_root.then_some(&all))?;
        let got = comm.scatter_object(if is_root { &all } else { &[] }, root)?;
        same("scatter", &got, &all[rank])?;
    }
    same("allgather", comm.allgather_object(&all[rank])?, all)
}

fn what_cannot_be_read_is_an_error<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    comm.send_object(&[255_u8; 3], rank, 1)?;
    let is_read = |kind| kind == ErrorKind::Read { from: rank };
    fails("another type", comm.recv_object::<(bool, String)>(rank, 1), is_read)
}
