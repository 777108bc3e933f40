//! A sum whose parts are scattered over the ranks: by messages, then by collectives.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Sum};

/// For each rank.
const COUNT: usize = 1000;
const PARTS: u32 = 1;
const SUMS: u32 = 2;

/// Only rank 0 has the numbers. It sends the others their parts, and receives their sums.
fn by_messages<C: Communicator>(world: &C, all: &[f64]) -> Result<f64, Error> {
    if world.rank() != 0 {
        let mut mine = [0.0; COUNT];
        world.recv(&mut mine, 0, PARTS)?;
        world.send(&[mine.iter().sum::<f64>()], 0, SUMS)?;
        return Ok(0.0);
    }
    let (mine, others) = all.split_at(COUNT);
    for (part, to) in others.chunks(COUNT).zip(1..) {
        world.send(part, to, PARTS)?;
    }
    let mut total = mine.iter().sum::<f64>();
    for from in 1..world.size() {
        let mut sum = [0.0];
        world.recv(&mut sum, from, SUMS)?;
        total += sum[0];
    }
    Ok(total)
}

/// The same, and in the end every rank has the total.
fn by_collectives<C: Communicator>(world: &C, all: &[f64]) -> Result<f64, Error> {
    let mut mine = [0.0; COUNT];
    world.scatter(all, &mut mine, 0)?;
    let mut total = [0.0];
    world.allreduce(&[mine.iter().sum::<f64>()], &mut total, Sum)?;
    Ok(total[0])
}

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let is_root = world.rank() == 0;
    let count = if is_root { COUNT * world.size() } else { 0 };
    let all: Vec<f64> = (0..count).map(|n| n as f64).collect();
    let (sent, scattered) = (by_messages(world, &all)?, by_collectives(world, &all)?);
    let last = (COUNT * world.size() - 1) as f64;
    assert_eq!(scattered, last * (last + 1.0) / 2.0);
    if is_root {
        println!("0 + 1 + .. + {last} = {sent} by messages, {scattered} by collectives");
        assert_eq!(sent, scattered);
    }
    Ok(())
}
