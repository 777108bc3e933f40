//! Memory that ranks of a node see where it lies.

use super::{COUNTS, Outcome, fails, list, numbers, same};
use crate::{Communicator, ErrorKind, OneSided, Sum};

list![
    who_shares_is_together,
    parts_are_written_and_read_in_turns,
    several_memories_at_once,
    what_is_not_there_is_not_shared,
];

/// Every rank is on one node, and has there the place that its rank gives it.
fn who_shares_is_together<C: Communicator>(comm: &C) -> Outcome {
    let node = comm.split_shared()?;
    let mut ranks = vec![0; node.size()];
    node.allgather(&[comm.rank()], &mut ranks)?;
    same("order", ranks.is_sorted(), true)?;
    same("own place", ranks[node.rank()], comm.rank())?;
    let mut firsts = [0];
    comm.allreduce(&[if node.rank() == 0 { node.size() } else { 0 }], &mut firsts, Sum)?;
    same("all ranks", firsts, [comm.size()])
}

fn parts_are_written_and_read_in_turns<C: Communicator>(comm: &C) -> Outcome {
    let node = comm.split_shared()?;
    let (rank, size) = (node.rank(), node.size());
    for count in COUNTS {
        let len = |rank: usize| (rank + 1) % 3 * count;
        let mut window = node.shared_window(&numbers(rank, 0, len(rank)))?;
        same("lens", window.lens(), &(0..size).map(len).collect::<Vec<_>>())?;
        for round in 0..3 {
            let must = |rank| numbers(rank, round, len(rank));
            same("own", &*window.own(), &must(rank)[..])?;
            let view = window.publish()?;
            for (other, part) in view.parts().enumerate() {
                same("part", part, &must(other)[..])?;
            }
            same("next", view.part((rank + 1) % size)?, &must((rank + 1) % size)[..])?;
            window = view.edit()?;
            window.own().copy_from_slice(&numbers(rank, round + 1, len(rank)));
        }
        window.free()?;
    }
    Ok(())
}

fn several_memories_at_once<C: Communicator>(comm: &C) -> Outcome {
    let node = comm.split_shared()?;
    let rank = node.rank();
    let mut first = node.shared_window(&[0; 3])?;
    first.own()[2] = rank;
    let view = first.publish()?;
    let mut second = node.shared_window(&[0.0; 1])?;
    second.own()[0] = view.part(node.size() - 1)?[2] as f64;
    let second = second.publish()?;
    same("second", second.part(0)?, &[(node.size() - 1) as f64])?;
    drop(second.edit()?);
    Ok(view.edit()?.free()?)
}

fn what_is_not_there_is_not_shared<C: Communicator>(comm: &C) -> Outcome {
    let node = comm.split_shared()?;
    let size = node.size();
    let view = node.shared_window(&[0_u8])?.publish()?;
    let must = ErrorKind::Rank { argument: "rank", rank: size, size };
    fails("part", view.part(size), |kind| kind == must)?;
    // A view that is forgotten keeps its memory.
    std::mem::forget(view);
    if comm.size() > 1 {
        let is_type = |kind| matches!(kind, ErrorKind::WindowType { .. });
        if size == comm.size() && comm.rank() == 0 {
            return fails("u8", node.shared_window(&[0_u8; 8]), is_type);
        }
        if size == comm.size() {
            return fails("i64", node.shared_window(&[0_i64]), is_type);
        }
    }
    Ok(())
}
