//! Communicators made of others.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "there are few ranks"
)]

use super::{Outcome, fails, list, same};
use crate::{Blocks, Cartesian, Communicator, Comparison, ErrorKind, Group, Sum};

list![
    a_duplicate_has_its_own_messages,
    split_by_color_and_key,
    who_gives_no_color_gets_nothing,
    parts_of_parts,
    a_list_of_ranks,
    sets_of_ranks,
    a_grid_shifts_along_its_axes,
    blocks_are_scattered,
];

fn a_duplicate_has_its_own_messages<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let twin = comm.dup()?;
    same("twin", (twin.rank(), twin.size()), (rank, size))?;
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    let sends = [comm.isend(vec![1], to, 0), twin.isend(vec![2], to, 0)];
    for (comm, must) in [(&twin, 2), (comm, 1)] {
        let mut room = [0];
        comm.recv(&mut room, from, 0)?;
        same("message", room, [must])?;
    }
    for send in sends {
        send?.wait()?;
    }
    Ok(())
}

fn split_by_color_and_key<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    // Ranks of the same remainder, from high to low.
    let part = comm.split(Some((rank % 3) as u32), -(rank as i64))?;
    let mates: Vec<usize> = (0..size).rev().filter(|mate| mate % 3 == rank % 3).collect();
    let Some(part) = part else { return same("part", false, true) };
    same("size", part.size(), mates.len())?;
    same("rank", Some(part.rank()), mates.iter().position(|&mate| mate == rank))?;
    let mut all = vec![0; part.size()];
    part.allgather(&[rank], &mut all)?;
    same("mates", all, mates)
}

fn who_gives_no_color_gets_nothing<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let part = comm.split((rank != 0).then_some(u32::MAX), 0)?;
    same("is in", part.is_some(), rank != 0)?;
    if let Some(part) = part {
        same("part", (part.rank(), part.size()), (rank - 1, comm.size() - 1))?;
    }
    Ok(())
}

/// Several communicators at once, and a collective in each.
fn parts_of_parts<C: Communicator>(comm: &C) -> Outcome {
    let mut part = comm.dup()?;
    loop {
        let mut sum = [0];
        part.allreduce(&[1], &mut sum, Sum)?;
        same("sum", sum[0], part.size())?;
        if part.size() == 1 {
            return Ok(());
        }
        let color = u32::from(part.rank() >= part.size() / 2);
        part = match part.split(Some(color), 0)? {
            Some(part) => part,
            None => return same("part", false, true),
        };
    }
}

fn a_list_of_ranks<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let ranks: Vec<usize> = (0..size).step_by(2).collect::<Vec<_>>().into_iter().rev().collect();
    let part = comm.subset(&ranks)?;
    let place = ranks.iter().position(|&member| member == rank);
    same("rank", part.as_ref().map(Communicator::rank), place)?;
    if let Some(part) = part {
        let mut all = vec![0; part.size()];
        part.allgather(&[rank], &mut all)?;
        same("members", &all, &ranks)?;
    }
    let must = ErrorKind::Rank { argument: "ranks", rank: size, size };
    fails("a rank", comm.subset(&[size]), |kind| kind == must)?;
    fails("twice", comm.subset(&[0, 0]), |kind| {
        matches!(kind, ErrorKind::Item { argument: "ranks", at: 1, value: 0, .. })
    })
}

fn sets_of_ranks<C: Communicator>(comm: &C) -> Outcome {
    let size = comm.size();
    let all = Group::of(comm);
    let even = Group::new(&(0..size).step_by(2).collect::<Vec<_>>())?;
    let odd = all.difference(&even);
    same("odd", odd.ranks(), &(1..size).step_by(2).collect::<Vec<_>>())?;
    same("union", odd.union(&even).compare(&all) != Comparison::Unequal, true)?;
    let part = comm.subset(even.union(&odd).ranks())?;
    let Some(part) = part else { return same("part", false, true) };
    let mut ranks = vec![0; size];
    part.allgather(&[comm.rank()], &mut ranks)?;
    same("order", &ranks[..], even.union(&odd).ranks())?;
    let place = even.union(&odd).place(comm.rank());
    same("rank", Some(part.rank()), place)
}

fn a_grid_shifts_along_its_axes<C: Communicator>(comm: &C) -> Outcome {
    let rank = comm.rank();
    let grid = Cartesian::balanced(comm.size(), 2, true)?;
    grid.check(comm)?;
    for axis in 0..2 {
        let (from, to) = grid.shift(rank, axis, 1)?;
        let (Some(from), Some(to)) = (from, to) else { return same("a ring ends", true, false) };
        let mut room = [0];
        comm.sendrecv((&[rank], to, 0), &mut room, from, 0)?;
        same("neighbour", room, [from])?;
    }
    Ok(())
}

fn blocks_are_scattered<C: Communicator>(comm: &C) -> Outcome {
    let blocks = Blocks::new(10, comm.size());
    let all: Vec<usize> = (0..10).collect();
    let mut mine = vec![0; blocks.count(comm.rank())];
    comm.scatterv(&all, &blocks.counts(), &mut mine, 0)?;
    same("block", mine, blocks.range(comm.rank()).collect())
}
