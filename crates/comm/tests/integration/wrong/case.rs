//! A wrong program, and the same without its mistake. The table is also that of the tests of other communicators.

use tenfold_comm::{Communicator, Result};

/// A wrong program, and the same without its mistake.
pub(super) struct Case<C> {
    pub(super) name: &'static str,
    pub(super) told: Told,
    /// How many ranks it needs at least.
    pub(super) ranks: usize,
    pub(super) wrong: fn(&C) -> Result<()>,
    pub(super) right: fn(&C) -> Result<()>,
}

/// What must be told of the wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Ranks wait for each other.
    Deadlock,
    /// The same, where sends wait for their receivers, and a send among them.
    Buffering,
    /// Collectives that do not fit together.
    Collectives,
    /// A call that says so.
    Failed,
    /// Messages that nobody has received.
    Unreceived,
    /// A request that was not waited for.
    Request,
}

/// All cases.
pub(super) fn cases<C: Communicator>() -> Vec<Case<C>> {
    let mut all = super::circles::cases();
    all.extend(super::collectives::cases());
    all.extend(super::messages::cases());
    all.extend(super::requests::cases());
    all
}

/// So many elements that no system puts them aside.
pub(super) const LARGE: usize = 100_000;

/// The ranks on either side in a ring.
pub(super) fn sides<C: Communicator>(world: &C) -> (usize, usize) {
    let (rank, size) = (world.rank(), world.size());
    ((rank + size - 1) % size, (rank + 1) % size)
}

/// The other of a pair; the last of an odd number has none.
pub(super) fn partner<C: Communicator>(world: &C) -> Option<usize> {
    let other = world.rank() ^ 1;
    (other < world.size()).then_some(other)
}
