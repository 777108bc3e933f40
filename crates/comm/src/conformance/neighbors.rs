//! Collectives among the neighbours in a grid.

use super::{COUNTS, Outcome, fails, list, numbers, same};
use crate::{Cartesian, Communicator, ErrorKind, Result, Sum};

list![
    neighbors_gather,
    neighbors_exchange_parts,
    neighbors_exchange_parts_of_different_lengths,
    grids_and_lengths_are_checked,
];

/// Grids of all ranks, with and without ends.
fn grids<C: Communicator>(comm: &C) -> Result<Vec<Cartesian>> {
    let size = comm.size();
    let mut grids = vec![];
    for periodic in [false, true] {
        for axes in 1..=3 {
            grids.push(Cartesian::balanced(size, axes, periodic)?);
        }
        grids.push(Cartesian::new(&[1, size], &[periodic, !periodic])?);
    }
    Ok(grids)
}

/// What is there where nothing comes.
const UNTOUCHED: u64 = u64::MAX;

fn neighbors_gather<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    for grid in grids(comm)? {
        let neighbors = grid.neighbors(rank)?;
        for count in COUNTS {
            let mut room = vec![UNTOUCHED; neighbors.len() * count];
            grid.neighbor_allgather(comm, &numbers(rank, 1, count), &mut room)?;
            let part = |&from: &Option<usize>| match from {
                Some(from) => numbers(from, 1, count),
                None => vec![UNTOUCHED; count],
            };
            same("gathered", room, neighbors.iter().flat_map(part).collect())?;
        }
        let counts: Vec<usize> = neighbors.iter().map(|from| from.map_or(2, |n| n % 3)).collect();
        let mut room = vec![UNTOUCHED; counts.iter().sum()];
        grid.neighbor_allgatherv(comm, &numbers(rank, 1, rank % 3), &mut room, &counts)?;
        let part = |&from: &Option<usize>| match from {
            Some(from) => numbers(from, 1, from % 3),
            None => vec![UNTOUCHED; 2],
        };
        same("gathered parts", room, neighbors.iter().flat_map(part).collect())?;
    }
    Ok(())
}

/// What is sent before comes from behind, also where both neighbours are one rank.
fn neighbors_exchange_parts<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    for grid in grids(comm)? {
        let neighbors = grid.neighbors(rank)?;
        for count in COUNTS {
            let places = 0..neighbors.len();
            let data: Vec<u64> = places.clone().flat_map(|to| numbers(rank, to, count)).collect();
            let mut room = vec![UNTOUCHED; data.len()];
            grid.neighbor_alltoall(comm, &data, &mut room)?;
            let part = |from: usize| match neighbors[from] {
                Some(rank) => numbers(rank, from ^ 1, count),
                None => vec![UNTOUCHED; count],
            };
            same("exchanged", room, places.flat_map(part).collect())?;
        }
    }
    Ok(())
}

fn neighbors_exchange_parts_of_different_lengths<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    // Only these two know how much it is.
    let count = |from: usize, place: usize| (from + place) % 3 * 700;
    for grid in grids(comm)? {
        let neighbors = grid.neighbors(rank)?;
        let places = 0..neighbors.len();
        let sends: Vec<usize> = places.clone().map(|to| count(rank, to)).collect();
        let receives = places.clone().map(|from| match neighbors[from] {
            Some(rank) => count(rank, from ^ 1),
            None => 1,
        });
        let receives: Vec<usize> = receives.collect();
        let data: Vec<u64> = places.clone().flat_map(|to| numbers(rank, to, sends[to])).collect();
        let mut room = vec![UNTOUCHED; receives.iter().sum()];
        grid.neighbor_alltoallv(comm, (&data, &sends), (&mut room, &receives))?;
        let part = |from: usize| match neighbors[from] {
            Some(rank) => numbers(rank, from ^ 1, receives[from]),
            None => vec![UNTOUCHED],
        };
        same("exchanged", room, places.flat_map(part).collect())?;
    }
    Ok(())
}

/// What is refused has not taken place: the next one does.
fn grids_and_lengths_are_checked<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let other = Cartesian::new(&[size + 1], &[true])?;
    let must = ErrorKind::Grid { places: size + 1, size };
    fails("grid", other.neighbor_alltoall(comm, &[1; 2], &mut [0; 2]), |kind| kind == must)?;
    fails("grid", other.neighbor_allgather(comm, &[1], &mut [0; 2]), |kind| kind == must)?;
    let ring = Cartesian::new(&[size], &[true])?;
    let is_length = |argument| move |kind| matches!(kind, ErrorKind::Length { argument: a, .. } if a == argument);
    fails("room", ring.neighbor_allgather(comm, &[1; 2], &mut [0; 3]), is_length("recv"))?;
    fails("odd", ring.neighbor_alltoall(comm, &[1; 3], &mut [0; 3]), is_length("send"))?;
    fails("room", ring.neighbor_alltoall(comm, &[1; 2], &mut [0; 4]), is_length("recv"))?;
    let counts = ring.neighbor_allgatherv(comm, &[1], &mut [0; 2], &[2]);
    fails("counts", counts, is_length("counts"))?;
    let max = usize::MAX;
    let counts = ring.neighbor_alltoallv(comm, (&[1], &[1, max]), (&mut [0], &[1, 0]));
    fails("counts", counts, |kind| matches!(kind, ErrorKind::Overflow { at: 1, .. }))?;
    // A point has no neighbours, and no parts.
    if size == 1 {
        let point = Cartesian::new(&[], &[])?;
        point.neighbor_alltoall::<_, u8>(comm, &[], &mut [])?;
        fails("point", point.neighbor_alltoall(comm, &[1], &mut [0]), is_length("send"))?;
    }
    let mut heard = [0; 2];
    ring.neighbor_allgather(comm, &[rank], &mut heard)?;
    same("heard", heard, [(rank + size - 1) % size, (rank + 1) % size])?;
    let mut sum = [0];
    Ok(comm.allreduce(&[1], &mut sum, Sum)?)
}
