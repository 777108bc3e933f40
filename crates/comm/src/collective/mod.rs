//! Collectives as algorithms over sends and receives, for communicators that have none of their own.
//!
//! Each is written once, as a future. One that waits for its messages is done when it is polled once; one that
//! does not wait does what it can whenever it is polled.
//!
//! Their messages have streams of their own, and are received from known ranks in a known order, so that
//! results are the same in every run. Reductions combine neighbours in the order of ranks, by one tree for
//! a given number of ranks, whoever the root is.

mod blocks;
mod channel;
mod counts;
mod neighbors;
mod prefix;
mod tree;
mod way;

pub(crate) use blocks::{allgather_for, allgatherv, alltoallv, gatherv, scatterv};
#[cfg(feature = "ndarray")]
pub(crate) use channel::Channel;
pub(crate) use counts::Counts;
pub(crate) use neighbors::{neighbor_allgatherv, neighbor_alltoallv};
pub(crate) use prefix::{exscan, scan};
pub(crate) use tree::{allreduce, barrier, bcast, reduce, reduce_scatter};
pub(crate) use way::{Blocking, Stepwise, now};

use crate::{CallKind, Communicator, Result};

/// For implementors of [`Communicator::derive`]: rank 0's `context`, on every rank that makes the same groups
/// as rank 0. A collective.
///
/// # Errors
/// [`GroupMismatch`](crate::ErrorKind::GroupMismatch)
pub fn agree<C: Communicator>(comm: &C, context: u64, groups: &[Vec<usize>]) -> Result<u64> {
    now(tree::agree(Blocking(comm), context, groups))
}

/// For implementors of [`Exposed`](crate::Exposed) and [`Joint`](crate::Joint): a barrier for a thing of this
/// number, which the ranks have [agreed](agree) on. Who comes with another is an error.
///
/// # Errors
/// [`CollectiveOrder`](crate::ErrorKind::CollectiveOrder),
/// [`CollectiveMismatch`](crate::ErrorKind::CollectiveMismatch),
/// [`RankFailed`](crate::ErrorKind::RankFailed), [`RankEnded`](crate::ErrorKind::RankEnded)
pub fn meet<C: Communicator>(comm: &C, kind: CallKind, number: u64) -> Result<()> {
    now(tree::meet(Blocking(comm), kind, number))
}
