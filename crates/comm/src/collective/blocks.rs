//! Collectives that move each rank's part of a buffer.

use super::channel::Channel;
use super::counts::{Counts, same};
use super::way::Way;
use crate::{CallKind, Element, ErrorKind, Result};

/// From the root to each, one after another.
pub(crate) async fn scatterv<W: Way, T: Element>(
    way: W,
    (data, counts): (&[T], Counts<'_>),
    result: &mut [T],
    root: usize,
) -> Result<()> {
    let channel = Channel::new(way, CallKind::Scatter, root)?;
    if !channel.is_root() {
        return channel.recv(result, root).await;
    }
    counts.check(("send", "counts"), data.len(), channel.size)?;
    same("recv", result.len(), counts.of(root))?;
    for to in (0..channel.size).filter(|&to| to != root) {
        channel.send(&data[counts.range(to)], to).await?;
    }
    result.copy_from_slice(&data[counts.range(root)]);
    Ok(())
}

/// From each to the root, in the order of ranks.
pub(crate) async fn gatherv<W: Way, T: Element>(
    way: W,
    data: &[T],
    (result, counts): (&mut [T], Counts<'_>),
    root: usize,
) -> Result<()> {
    let channel = Channel::new(way, CallKind::Gather, root)?;
    if !channel.is_root() {
        return channel.send(data, root).await;
    }
    counts.check(("recv", "counts"), result.len(), channel.size)?;
    same("send", data.len(), counts.of(root))?;
    for from in (0..channel.size).filter(|&from| from != root) {
        channel.recv(&mut result[counts.range(from)], from).await?;
    }
    result[counts.range(root)].copy_from_slice(data);
    Ok(())
}

pub(crate) async fn allgatherv<W: Way, T: Element>(
    way: W,
    data: &[T],
    parts: (&mut [T], Counts<'_>),
) -> Result<()> {
    ring(&Channel::new(way, CallKind::Allgather, 0)?, data, parts).await
}

/// An allgather for another call, whose messages no allgather takes.
pub(crate) async fn allgather_for<W: Way, T: Element>(
    way: W,
    kind: CallKind,
    data: &[T],
    result: &mut [T],
) -> Result<()> {
    ring(&Channel::new(way, kind, 0)?, data, (result, Counts::Each(data.len()))).await
}

/// Everybody hands on what it heard last.
async fn ring<W: Way, T: Element>(
    channel: &Channel<W>,
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
        channel.exchange((sends, to), (receives, from)).await?;
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
pub(crate) async fn alltoallv<W: Way, T: Element>(
    way: W,
    (data, sends): (&[T], Counts<'_>),
    (result, receives): (&mut [T], Counts<'_>),
) -> Result<()> {
    let channel = Channel::new(way, CallKind::Alltoall, 0)?;
    let (rank, size) = (channel.rank, channel.size);
    sends.check(("send", "send_counts"), data.len(), size)?;
    receives.check(("recv", "recv_counts"), result.len(), size)?;
    let (value, to_itself) = (receives.of(rank), sends.of(rank));
    if value != to_itself {
        let must = "what this rank sends to itself, as `send_counts` says";
        return Err(ErrorKind::Item { argument: "recv_counts", at: rank, value, must }.into());
    }
    result[receives.range(rank)].copy_from_slice(&data[sends.range(rank)]);
    for step in 1..size {
        let (to, from) = ((rank + step) % size, (rank + size - step) % size);
        let data = &data[sends.range(to)];
        channel.exchange((data, to), (&mut result[receives.range(from)], from)).await?;
    }
    Ok(())
}
