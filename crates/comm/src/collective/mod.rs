//! Collectives as algorithms over sends and receives, for communicators that have none of their own.
//!
//! Their messages have a stream of their own, and are received from known ranks in a known order, so that
//! results are the same in every run. Reductions combine neighbours in the order of ranks, by one tree for
//! a given number of ranks, whoever the root is.

mod blocks;
mod channel;
mod counts;
mod prefix;
mod tree;

pub(crate) use blocks::{allgather_for, allgatherv, alltoallv, gatherv, scatterv};
pub(crate) use counts::Counts;
pub(crate) use prefix::{exscan, scan};
pub use tree::{agree, meet};
pub(crate) use tree::{allreduce, barrier, bcast, reduce, reduce_scatter};
