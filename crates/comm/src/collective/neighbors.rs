//! Collectives among the neighbours in a grid.

use super::channel::Channel;
use super::counts::Counts;
use super::way::Way;
use crate::{CallKind, Cartesian, Element, Result};

/// Along each axis, first what moves down and then what moves up. So of two neighbours that are one rank,
/// what was sent to the lower comes from the upper.
async fn along_axes<W: Way, T: Element>(
    channel: &Channel<W>,
    neighbors: &[Option<usize>],
    mut data: impl FnMut(usize) -> std::ops::Range<usize>,
    (send, recv): (&[T], &mut [T]),
    receives: Counts<'_>,
) -> Result<()> {
    for lower in (0..neighbors.len()).step_by(2) {
        for (to, from) in [(lower, lower + 1), (lower + 1, lower)] {
            let sends = neighbors[to].map(|rank| (&send[data(to)], rank));
            let room = neighbors[from].map(|rank| (&mut recv[receives.range(from)], rank));
            match (sends, room) {
                (Some(sends), Some(room)) => channel.exchange(sends, room).await?,
                (Some((data, to)), None) => channel.send(data, to).await?,
                (None, Some((room, from))) => channel.recv(room, from).await?,
                (None, None) => {}
            }
        }
    }
    Ok(())
}

pub(crate) async fn neighbor_allgatherv<W: Way, T: Element>(
    way: W,
    grid: &Cartesian,
    data: &[T],
    (result, counts): (&mut [T], Counts<'_>),
) -> Result<()> {
    grid.check(way.comm())?;
    let channel = Channel::new(way, CallKind::NeighborAllgather, 0)?;
    let neighbors = grid.neighbors(channel.rank)?;
    counts.check(("recv", "counts"), result.len(), neighbors.len())?;
    along_axes(&channel, &neighbors, |_| 0..data.len(), (data, result), counts).await
}

pub(crate) async fn neighbor_alltoallv<W: Way, T: Element>(
    way: W,
    grid: &Cartesian,
    (data, sends): (&[T], Counts<'_>),
    (result, receives): (&mut [T], Counts<'_>),
) -> Result<()> {
    grid.check(way.comm())?;
    let channel = Channel::new(way, CallKind::NeighborAlltoall, 0)?;
    let neighbors = grid.neighbors(channel.rank)?;
    sends.check(("send", "send_counts"), data.len(), neighbors.len())?;
    receives.check(("recv", "recv_counts"), result.len(), neighbors.len())?;
    along_axes(&channel, &neighbors, |to| sends.range(to), (data, result), receives).await
}
