//! The first collectives of the course: a sum around a ring and its replacement, what all get, what each gets, what one gets.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Sum};

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let by_ring = ring(world)?;

    // ANCHOR: allreduce
    let mut sum = [0];
    world.allreduce(&[rank], &mut sum, Sum)?;
    assert_eq!((sum[0], by_ring), (size * (size - 1) / 2, sum[0]));
    // ANCHOR_END: allreduce

    // What rank 0 has, on all: an object, and an array.
    let record = ("key1".to_owned(), 0.0, "key2".to_owned(), 11);
    let everywhere = world.bcast_object((rank == 0).then_some(&record), 0)?;
    let tenths = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
    let mut data = if rank == 0 { tenths } else { [0.0; 8] };
    world.bcast(&mut data, 0)?;
    assert_eq!((everywhere, data), (record, tenths));

    // A row of rank 0's matrix for each.
    let matrix: Vec<f64> =
        if rank == 0 { (0..size * size).map(|i| i as f64).collect() } else { vec![] };
    let mut row = vec![0.0; size];
    world.scatter(&matrix, &mut row, 0)?;
    assert!(row.iter().zip(rank * size..).all(|(&x, i)| x == i as f64));

    // Ten numbers of each on rank 0.
    let mine: [f64; 10] = std::array::from_fn(|i| (i * (rank + 1)) as f64);
    let mut all = vec![0.0; if rank == 0 { 10 * size } else { 0 }];
    world.gather(&mine, &mut all, 0)?;
    if rank == 0 {
        println!("the sum of ranks is {by_ring} by the ring, {} by allreduce", sum[0]);
        println!("gathered: {all:?}");
        assert!(all.chunks(10).zip(1..).all(|(ten, factor)| ten[9] == f64::from(9 * factor)));
    }
    Ok(())
}

// ANCHOR: ring
/// Each passes on what it heard. Nobody waits before its own number is on its way.
fn ring<C: Communicator>(world: &C) -> Result<usize, Error> {
    let (rank, size) = (world.rank(), world.size());
    let (left, right) = ((rank + size - 1) % size, (rank + 1) % size);
    let (mut passed, mut sum) = ([rank], 0);
    for _ in 0..size {
        let sending = world.issend(passed.to_vec(), right, 17)?;
        world.recv(&mut passed, left, 17)?;
        sending.wait()?;
        sum += passed[0];
    }
    Ok(sum)
}
// ANCHOR_END: ring
