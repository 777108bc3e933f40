//! Structs of elements.

use super::{COUNTS, Outcome, fails, list, same};
use crate::{Communicator, Element, ErrorKind, Source, Tags};

list![structs_go_around_a_ring, structs_in_collectives, another_struct_is_another_type];

/// Bytes without a value lie before `mass` and behind `parts`.
#[derive(Clone, Copy, Debug, PartialEq, Element)]
#[element(crate = crate)]
#[repr(C)]
struct Body {
    kind: u8,
    mass: f64,
    parts: [Part<i16>; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Element)]
#[element(crate = crate)]
#[repr(C)]
struct Part<T>(T, bool);

fn bodies(rank: usize, count: usize) -> Vec<Body> {
    let body = |n: usize| {
        let part = |number: i16| Part(number, number % 2 == 0);
        Body {
            kind: n.to_le_bytes()[0],
            mass: (rank * 1000 + n) as f64,
            parts: [3, 4, 5].map(part),
        }
    };
    (0..count).map(body).collect()
}

const NONE: Body = Body { kind: 0, mass: 0.0, parts: [Part(0, false); 3] };

fn structs_go_around_a_ring<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for count in COUNTS {
        let mut room = vec![NONE; count];
        let status = comm.sendrecv((&bodies(rank, count), to, 1), &mut room, from, 1)?;
        same("count", (status.count(), status.is_of::<Body>()), (count, true))?;
        same("bodies", room, bodies(from, count))?;
    }
    Ok(())
}

fn structs_in_collectives<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mut all = vec![NONE; 3 * size];
    comm.allgather(&bodies(rank, 3), &mut all)?;
    same("all", &all, &(0..size).flat_map(|part| bodies(part, 3)).collect())?;
    let heavier = |a: Body, b: Body| if b.mass > a.mass { b } else { a };
    let mut heaviest = [NONE; 3];
    comm.allreduce(&bodies(rank, 3), &mut heaviest, heavier)?;
    same("heaviest", heaviest.to_vec(), bodies(size - 1, 3))
}

fn another_struct_is_another_type<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    comm.send(&bodies(rank, 1), rank, 1)?;
    let is_type = |kind| matches!(kind, ErrorKind::Type { .. });
    let mut room = [[0_u64; 4]; 1];
    same("as many bytes", size_of_val(&room), size_of::<Body>())?;
    fails("numbers", comm.recv(&mut room, Source::Any, Tags::Any), is_type)
}
