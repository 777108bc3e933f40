//! Particles that cross the border between two ranks are sent as they lie in memory.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Element, Error, World};

#[derive(Clone, Copy, Debug, PartialEq, Element)]
#[repr(C)]
struct Particle {
    place: [f64; 2],
    speed: [f64; 2],
    id: u32,
}

/// Rank 0 has what is left of 1.0, and rank 1 what is right of it.
fn program<C: Communicator>(world: &C) -> Result<Vec<u32>, Error> {
    let (rank, other) = (world.rank(), 1 - world.rank());
    let mut mine: Vec<Particle> = (0..10_u32)
        .map(|n| Particle {
            place: [rank as f64 + f64::from(n) / 10.0, 0.0],
            speed: [if n % 2 == 0 { 0.35 } else { -0.35 }, 0.0],
            id: u32::from(rank == 1) * 10 + n,
        })
        .collect();
    mine.iter_mut().for_each(|particle| particle.place[0] += particle.speed[0]);
    let is_mine = |particle: &Particle| (particle.place[0] < 1.0) == (rank == 0);
    let (mut stay, leave): (Vec<Particle>, Vec<Particle>) = mine.into_iter().partition(is_mine);
    let sending = world.isend(leave, other, 0)?;
    // How many come is known when they are there.
    let message = world.mprobe(other, 0)?;
    let count = message.status().count_of::<Particle>().expect("particles are sent");
    let mut come = vec![Particle { place: [0.0; 2], speed: [0.0; 2], id: 0 }; count];
    message.recv(&mut come)?;
    sending.wait()?;
    stay.append(&mut come);
    let mut ids: Vec<u32> = stay.iter().map(|particle| particle.id).collect();
    ids.sort_unstable();
    Ok(ids)
}

fn main() {
    let ids = World::threads(2).run(program).expect("nobody fails");
    println!("a particle lies as {}", Particle::LAYOUT);
    println!("rank 0 has {:?}, rank 1 has {:?}", ids[0], ids[1]);
    assert_eq!(ids[0], [0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 13]);
    assert_eq!(ids[1], [8, 10, 12, 14, 15, 16, 17, 18, 19]);
}
