//! Collectives that move each rank's part of a buffer.

use super::channel::Channel;
use super::counts::{Counts, same};
use crate::{CallKind, Communicator, Element, Result};

/// From the root to each, one after another.
pub(crate) fn scatterv<C: Communicator, T: Element>(
    comm: &C,
    (data, counts): (&[T], Counts<'_>),
    result: &mut [T],
    root: usize,
) -> Result<()> {
    let channel = Channel::new(comm, CallKind::Scatter, root)?;
    if !channel.is_root() {
        return channel.recv(result, root);
    }
    counts.check(("send", "counts"), data.len(), channel.size)?;
    same("recv", result.len(), counts.of(root))?;
    for to in (0..channel.size).filter(|&to| to != root) {
        channel.send(&data[counts.range(to)], to)?;
    }
    result.copy_from_slice(&data[counts.range(root)]);
    Ok(())
}

/// From each to the root, in the order of ranks.
pub(crate) fn gatherv<C: Communicator, T: Element>(
    comm: &C,
    data: &[T],
    (result, counts): (&mut [T], Counts<'_>),
    root: usize,
) -> Result<()> {
    let channel = Channel::new(comm, CallKind::Gather, root)?;
    if !channel.is_root() {
        return channel.send(data, root);
    }
    counts.check(("recv", "counts"), result.len(), channel.size)?;
    same("send", data.len(), counts.of(root))?;
    for from in (0..channel.size).filter(|&from| from != root) {
        channel.recv(&mut result[counts.range(from)], from)?;
    }
    result[counts.range(root)].copy_from_slice(data);
    Ok(())
}

pub(crate) fn allgatherv<C: Communicator, T: Element>(
    comm: &C,
    data: &[T],
    parts: (&mut [T], Counts<'_>),
) -> Result<()> {
    ring(&Channel::new(comm, CallKind::Allgather, 0)?, data, parts)
}

/// An allgather for another call, whose messages no allgather takes.
pub(crate) fn allgather_for<C: Communicator, T: Element>(
    comm: &C,
    kind: CallKind,
    data: &[T],
    result: &mut [T],
) -> Result<()> {
    ring(&Channel::new(comm, kind, 0)?, data, (result, Counts::Each(data.len())))
}

/// Everybody hands on what it heard last.
fn ring<C: Communicator, T: Element>(
    channel: &Channel<'_, C>,
    data: &[T],
    (result, counts): (&mut [T], Counts<'_>),
) -> Result<()> {
    let (rank, size) = (channel.rank, channel.size);
    counts.check(("recv", "counts"), result.len(), size)?;
    same("send", data.len(), counts.of(rank))?;
    result[counts.range(rank)].copy_from_slice(data);
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    for step in 0..size - 1 {
        let mine = counts.range((rank + size - step) % size);
        let theirs = counts.range((rank + size - step - 1) % size);
        let (sends, receives) = two(result, mine, theirs);
        channel.exchange((sends, to), (receives, from))?;
    }
    Ok(())
}

/// Two parts of a slice that do not overlap, the first to read and the second to write.
fn two<T>(
    slice: &mut [T],
    read: std::ops::Range<usize>,
    write: std::ops::Range<usize>,
) -> (&[T], &mut [T]) {
    if read.end <= write.start {
        let (low, high) = slice.split_at_mut(write.start);
        (&low[read], &mut high[..write.len()])
    } else {
        let (low, high) = slice.split_at_mut(read.start);
        (&high[..read.len()], &mut low[write])
    }
}

/// In round k, to who is k ranks above and from who is k below.
pub(crate) fn alltoallv<C: Communicator, T: Element>(
    comm: &C,
    (data, sends): (&[T], Counts<'_>),
    (result, receives): (&mut [T], Counts<'_>),
) -> Result<()> {
    let channel = Channel::new(comm, CallKind::Alltoall, 0)?;
    let (rank, size) = (channel.rank, channel.size);
    sends.check(("send", "send_counts"), data.len(), size)?;
    receives.check(("recv", "recv_counts"), result.len(), size)?;
    same("recv", receives.of(rank), sends.of(rank))?;
    result[receives.range(rank)].copy_from_slice(&data[sends.range(rank)]);
    for step in 1..size {
        let (to, from) = ((rank + step) % size, (rank + size - step) % size);
        let data = &data[sends.range(to)];
        channel.exchange((data, to), (&mut result[receives.range(from)], from))?;
    }
    Ok(())
}
