//! Collectives whose messages run along trees.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::channel::Channel;
use super::counts::{Counts, same};
use super::way::Way;
use crate::{CallKind, Element, ErrorKind, Operation, Result};

/// Dissemination: in round k everybody hears from who is 2^k ranks below.
pub(crate) async fn barrier<W: Way>(way: W) -> Result<()> {
    let channel = Channel::new(way, CallKind::Barrier, 0)?;
    let (rank, size) = (channel.rank, channel.size);
    for step in steps(size) {
        let (to, from) = ((rank + step) % size, (rank + size - step) % size);
        channel.exchange::<u8>((&[], to), (&mut [], from)).await?;
    }
    Ok(())
}

/// The same, where all ranks bring the same number.
pub(super) async fn meet<W: Way>(way: W, kind: CallKind, number: u64) -> Result<()> {
    let channel = Channel::new(way, kind, 0)?;
    let (rank, size) = (channel.rank, channel.size);
    for step in steps(size) {
        let (to, from) = ((rank + step) % size, (rank + size - step) % size);
        let mut theirs = [0];
        channel.exchange((&[number], to), (&mut theirs, from)).await?;
        if theirs != [number] {
            return Err(ErrorKind::CollectiveOrder { call: kind, root: 0, from }.into());
        }
    }
    Ok(())
}

/// 1, 2, 4, .. below `size`.
pub(super) fn steps(size: usize) -> impl DoubleEndedIterator<Item = usize> {
    let count = size.next_power_of_two().trailing_zeros();
    (0..count).map(|k| 1 << k)
}

pub(crate) async fn bcast<W: Way, T: Element>(way: W, buffer: &mut [T], root: usize) -> Result<()> {
    down(&Channel::new(way, CallKind::Bcast, root)?, buffer).await
}

/// A binomial tree, with ranks counted from the root: from whoever differs in the lowest bit, to those that
/// differ in a lower one.
async fn down<W: Way, T: Element>(channel: &Channel<W>, buffer: &mut [T]) -> Result<()> {
    let (size, root) = (channel.size, channel.root());
    let rank = (channel.rank + size - root) % size;
    let real = |rank: usize| (rank + root) % size;
    if rank != 0 {
        channel.recv(buffer, real(rank & (rank - 1))).await?;
    }
    for step in steps(size).rev() {
        if rank.trailing_zeros() > step.trailing_zeros() && rank + step < size {
            channel.send(buffer, real(rank + step)).await?;
        }
    }
    Ok(())
}

/// Rank 0's context, on every rank that makes the same groups as rank 0.
pub(super) async fn agree<W: Way>(way: W, context: u64, groups: &[Vec<usize>]) -> Result<u64> {
    let channel = Channel::new(way, CallKind::Derive, 0)?;
    let mut hasher = DefaultHasher::new();
    groups.hash(&mut hasher);
    let mine = hasher.finish();
    let mut agreed = [context, mine];
    down(&channel, &mut agreed).await?;
    if agreed[1] != mine {
        return Err(ErrorKind::GroupMismatch { rank: channel.rank, from: 0 }.into());
    }
    Ok(agreed[0])
}

fn fold<T: Element>(into: &mut [T], right: &[T], operation: &impl Operation<T>) {
    for (left, &right) in into.iter_mut().zip(right) {
        *left = operation.combine(*left, right);
    }
}

pub(super) fn fold_from_left<T: Element>(
    left: &[T],
    into: &mut [T],
    operation: &impl Operation<T>,
) {
    for (&left, right) in left.iter().zip(into) {
        *right = operation.combine(left, *right);
    }
}

/// So many bytes are sent and combined at a time: what comes is combined while it is in a cache, and needs no
/// room for all of it: an allreduce of 4 MiB on two idle cores takes 1 ms, and 2 in one piece.
const PIECE_BYTES: usize = 256 << 10;

/// The elements of a piece.
fn piece<T: Element>() -> usize {
    (PIECE_BYTES / T::LAYOUT.bytes().max(1)).max(1)
}

/// The pieces of a buffer: one of an empty one, so that its ranks meet.
fn pieces<T: Element>(buffer: &mut [T]) -> impl Iterator<Item = &mut [T]> {
    let (full, rest) = buffer.split_at_mut(buffer.len() / piece::<T>() * piece::<T>());
    full.chunks_mut(piece::<T>()).chain(std::iter::once(rest))
}

/// Room for a piece.
fn first_piece<T: Element>(buffer: &[T]) -> Vec<T> {
    buffer[..buffer.len().min(piece::<T>())].to_vec()
}

/// What all together give, on rank 0: in round k, whoever has bit k hands what he has to who does not.
async fn up<W: Way, T: Element>(
    channel: &Channel<W>,
    mine: &mut [T],
    operation: &impl Operation<T>,
) -> Result<()> {
    let mut theirs = first_piece(mine);
    for step in steps(channel.size) {
        if channel.rank & step != 0 {
            for mine in pieces(mine) {
                channel.send(mine, channel.rank - step).await?;
            }
            return Ok(());
        }
        if channel.rank + step < channel.size {
            for mine in pieces(mine) {
                let theirs = &mut theirs[..mine.len()];
                channel.recv(theirs, channel.rank + step).await?;
                fold(mine, theirs, operation);
            }
        }
    }
    Ok(())
}

pub(crate) async fn reduce<W: Way, T: Element>(
    way: W,
    data: &[T],
    result: &mut [T],
    operation: &impl Operation<T>,
    root: usize,
) -> Result<()> {
    let channel = Channel::new(way, CallKind::Reduce, root)?;
    if channel.is_root() {
        same("recv", result.len(), data.len())?;
    }
    let mut mine = data.to_vec();
    up(&channel, &mut mine, operation).await?;
    // By way of rank 0, so that the tree, and with it the result, does not depend on the root.
    match (channel.rank, root) {
        (0, 0) => result.copy_from_slice(&mine),
        (0, _) => channel.send(&mine, root).await?,
        (rank, _) if rank == root => channel.recv(result, 0).await?,
        _ => {}
    }
    Ok(())
}

pub(crate) async fn allreduce<W: Way, T: Element>(
    way: W,
    data: &[T],
    result: &mut [T],
    operation: &impl Operation<T>,
) -> Result<()> {
    let channel = Channel::new(way, CallKind::Allreduce, 0)?;
    same("recv", result.len(), data.len())?;
    if channel.size == 1 {
        result.copy_from_slice(data);
        return Ok(());
    }
    if channel.size.is_power_of_two() {
        first_round(&channel, data, result, operation).await?;
        return doubling(&channel, result, operation).await;
    }
    result.copy_from_slice(data);
    up(&channel, result, operation).await?;
    down(&channel, result).await
}

/// Pairs that differ in the lowest bit exchange what they bring. What comes is received where the result goes,
/// so that two ranks copy nothing aside: copies of 64 KiB that lie badly take as long as the messages.
async fn first_round<W: Way, T: Element>(
    channel: &Channel<W>,
    data: &[T],
    result: &mut [T],
    operation: &impl Operation<T>,
) -> Result<()> {
    let other = channel.rank ^ 1;
    let mut start = 0;
    for result in pieces(result) {
        let data = &data[start..start + result.len()];
        start += result.len();
        channel.exchange((data, other), (&mut *result, other)).await?;
        if other < channel.rank {
            fold(result, data, operation);
        } else {
            fold_from_left(data, result, operation);
        }
    }
    Ok(())
}

/// In round k, pairs that differ in bit k exchange what they have: the tree of `up`, which each walks.
async fn doubling<W: Way, T: Element>(
    channel: &Channel<W>,
    mine: &mut [T],
    operation: &impl Operation<T>,
) -> Result<()> {
    if channel.size == 2 {
        return Ok(());
    }
    let mut theirs = first_piece(mine);
    for step in steps(channel.size).skip(1) {
        let other = channel.rank ^ step;
        for mine in pieces(mine) {
            let theirs = &mut theirs[..mine.len()];
            channel.exchange((mine, other), (theirs, other)).await?;
            if other < channel.rank {
                fold_from_left(theirs, mine, operation);
            } else {
                fold(mine, theirs, operation);
            }
        }
    }
    Ok(())
}

pub(crate) async fn reduce_scatter<W: Way, T: Element>(
    way: W,
    data: &[T],
    result: &mut [T],
    counts: Counts<'_>,
    operation: &impl Operation<T>,
) -> Result<()> {
    let channel = Channel::new(way, CallKind::ReduceScatter, 0)?;
    counts.check(("send", "counts"), data.len(), channel.size)?;
    same("recv", result.len(), counts.of(channel.rank))?;
    let mut mine = data.to_vec();
    up(&channel, &mut mine, operation).await?;
    if !channel.is_root() {
        return channel.recv(result, 0).await;
    }
    result.copy_from_slice(&mine[counts.range(0)]);
    for to in 1..channel.size {
        channel.send(&mine[counts.range(to)], to).await?;
    }
    Ok(())
}
