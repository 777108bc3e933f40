//! What the ranks up to each give.

use super::channel::Channel;
use super::counts::same;
use super::tree::{fold_from_left, steps};
use super::way::Way;
use crate::{CallKind, Element, Operation, Result};

/// In round k, everybody hands what the last 2^k ranks up to it give to who is 2^k ranks above.
async fn rounds<W: Way, T: Element>(
    channel: &Channel<W>,
    data: &[T],
    operation: &impl Operation<T>,
    mut hear: impl FnMut(&[T]),
) -> Result<()> {
    let (rank, size) = (channel.rank, channel.size);
    let (mut mine, mut theirs) = (data.to_vec(), data.to_vec());
    for step in steps(size) {
        let above = (rank + step < size).then_some(rank + step);
        match (above, rank.checked_sub(step)) {
            (Some(to), Some(from)) => channel.exchange((&mine, to), (&mut theirs, from)).await?,
            (Some(to), None) => channel.send(&mine, to).await?,
            (None, Some(from)) => channel.recv(&mut theirs, from).await?,
            (None, None) => {}
        }
        if step <= rank {
            fold_from_left(&theirs, &mut mine, operation);
            hear(&theirs);
        }
    }
    Ok(())
}

pub(crate) async fn scan<W: Way, T: Element>(
    way: W,
    data: &[T],
    result: &mut [T],
    operation: &impl Operation<T>,
) -> Result<()> {
    let channel = Channel::new(way, CallKind::Scan, 0)?;
    same("recv", result.len(), data.len())?;
    result.copy_from_slice(data);
    rounds(&channel, data, operation, |below| fold_from_left(below, result, operation)).await
}

pub(crate) async fn exscan<W: Way, T: Element>(
    way: W,
    data: &[T],
    result: &mut [T],
    operation: &impl Operation<T>,
) -> Result<()> {
    let channel = Channel::new(way, CallKind::Exscan, 0)?;
    same("recv", result.len(), data.len())?;
    let mut is_first = true;
    rounds(&channel, data, operation, |below| {
        if std::mem::take(&mut is_first) {
            result.copy_from_slice(below);
        } else {
            fold_from_left(below, result, operation);
        }
    })
    .await
}
