//! Work of different lengths, of which each rank takes the next piece when it has done with one.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Lock, OneSided, Sum};

const PIECES: u64 = 200;

/// The steps of Collatz's sequence from all numbers of a piece.
fn work(piece: u64) -> u64 {
    let steps = |mut n: u64| {
        let mut steps = 0;
        while n > 1 {
            n = if n.is_multiple_of(2) { n / 2 } else { 3 * n + 1 };
            steps += 1;
        }
        steps
    };
    (piece * 100..(piece + 1) * 100).map(steps).sum()
}

pub(crate) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    // Rank 0 has the number of the next piece, and works like all others.
    let mut next = world.window(if world.rank() == 0 { &[0_u64][..] } else { &[] })?;
    let mut mine = [0, 0];
    loop {
        let piece = next.lock(0, Lock::Shared, |next| next.fetch_and_op(1, 0, Sum))?;
        if piece >= PIECES {
            break;
        }
        mine = [mine[0] + 1, mine[1] + work(piece)];
    }
    let mut all = [0; 2];
    world.allreduce(&mine, &mut all, Sum)?;
    next.free()?;
    if world.rank() == 0 {
        println!("{} pieces have {} steps", all[0], all[1]);
    }
    assert_eq!(all, [PIECES, (0..PIECES).map(work).sum()]);
    Ok(())
}
