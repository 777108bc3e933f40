//! The first messages of the course: a list, a record, an array, both neighbours on a ring. Lines come in any order.

#![expect(clippy::print_stdout, clippy::approx_constant, reason = "the course's are shown")]

use std::collections::BTreeMap;

use tenfold_comm::{Communicator, Error};

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    println!("I am rank {rank} of {size}, my list is {:?}", [1, 2, 3, 4].map(|x| x * rank));
    if size > 1 {
        record(world)?;
        array(world)?;
    }
    neighbours(world)
}

// ANCHOR: record
/// Any value that serde knows goes from rank 0 to rank 1.
fn record<C: Communicator>(world: &C) -> Result<(), Error> {
    let data = BTreeMap::from([("a".to_owned(), 7.0), ("b".to_owned(), 3.14)]);
    if world.rank() == 0 {
        world.send_object(&data, 1, 0)?;
    } else if world.rank() == 1 {
        let (received, _) = world.recv_object::<BTreeMap<String, f64>>(0, 0)?;
        println!("rank 1 received {received:?}");
        assert_eq!(received, data);
    }
    Ok(())
}
// ANCHOR_END: record

// ANCHOR: array
/// Numbers go as they lie, into memory that is there.
fn array<C: Communicator>(world: &C) -> Result<(), Error> {
    let data: [f64; 10] = std::array::from_fn(|i| i as f64);
    if world.rank() == 0 {
        world.send(&data, 1, 1)?;
    } else if world.rank() == 1 {
        let mut received = [0.0; 10];
        world.recv(&mut received, 0, 1)?;
        println!("rank 1 received {received:?}");
        assert_eq!(received, data);
    }
    Ok(())
}
// ANCHOR_END: array

/// To the right and from the left at the same time, and the other way round.
fn neighbours<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let (before, behind) = ((rank + size - 1) % size, (rank + 1) % size);
    let (mut left, mut right) = ([0], [0]);
    world.sendrecv((&[rank], behind, 2), &mut left, before, 2)?;
    world.sendrecv((&[rank], before, 3), &mut right, behind, 3)?;
    assert_eq!((left, right), ([before], [behind]));
    println!("I am {rank}, my neighbours are {} and {}", left[0], right[0]);
    Ok(())
}
