//! Memory that other ranks reach, as a backend makes it.

use crate::memory::{RecvBuffer, SendBuffer};
use crate::{Builtin, CallKind, Primitive, Result};

/// Whether a lock leaves room for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lock {
    /// Others may hold a shared lock at the same time.
    Shared,
    /// Nobody else has a lock.
    Exclusive,
}

/// A part of memory of each rank, which all ranks of a communicator put to and get from. Programs meet it in
/// a [`Window`](crate::Window).
///
/// Ranks are those of the communicator, and places are in bytes. What stands in the arguments is checked
/// before: the rank is there, the bytes lie in its part, the elements are [plain](crate::Layout::is_plain).
/// Operations are called between a lock of their rank, or of all, and its unlock; a rank that has one asks
/// for no other.
///
/// When an operation comes back its buffers are no longer used. What it does at the other rank is done by the
/// next flush or unlock; what one rank asks of one place is done in the order in which it asks. Each number that is
/// accumulated, fetched or swapped is so in one step that no other of the same operation divides.
///
/// # Errors
/// [`RankFailed`](crate::ErrorKind::RankFailed) of all calls.
#[expect(clippy::missing_errors_doc, reason = "the errors of all calls stand above")]
pub trait Exposed: Sized {
    /// Waits for a lock of a rank's part.
    fn lock(&self, rank: usize, lock: Lock) -> Result<()>;

    /// Gives the lock back, when all is done that was asked for. Also in a world that has failed.
    fn unlock(&self, rank: usize) -> Result<()>;

    /// Waits for shared locks of all parts.
    fn lock_all(&self) -> Result<()>;

    /// Gives the locks of all parts back, as [`unlock`](Self::unlock).
    fn unlock_all(&self) -> Result<()>;

    /// Comes back when all is done that this rank has asked this one for.
    fn flush(&self, rank: usize) -> Result<()>;

    /// Comes back when every rank has called it for this memory. What was done to a rank's part before is seen
    /// by it.
    fn meet(&self, kind: CallKind) -> Result<()>;

    /// Copies `data` to a rank.
    fn put(&self, data: SendBuffer<'_>, rank: usize, at: usize) -> Result<()>;

    /// Fills `room` from a rank.
    fn get(&self, room: RecvBuffer<'_>, rank: usize, at: usize) -> Result<()>;

    /// Combines what a rank has with `data`, number by number.
    ///
    /// # Errors
    /// [`Operation`](crate::ErrorKind::Operation) where there is none such on these numbers.
    fn accumulate(
        &self,
        data: SendBuffer<'_>,
        rank: usize,
        at: usize,
        operation: (Builtin, Primitive),
    ) -> Result<()>;

    /// As [`accumulate`](Self::accumulate) with one number; what was there before comes to the
    /// second buffer.
    ///
    /// # Errors
    /// As [`accumulate`](Self::accumulate).
    fn fetch_and_op(
        &self,
        buffers: (SendBuffer<'_>, RecvBuffer<'_>),
        rank: usize,
        at: usize,
        operation: (Builtin, Primitive),
    ) -> Result<()>;

    /// Puts the second integer where the first is; what was there before comes to the last buffer.
    fn compare_and_swap(
        &self,
        buffers: ([SendBuffer<'_>; 2], RecvBuffer<'_>),
        rank: usize,
        at: usize,
        primitive: Primitive,
    ) -> Result<()>;

    /// Shows `body` this rank's part, which starts at a multiple of 16 bytes. The rank has an exclusive lock
    /// of it, and `body` asks nothing of this memory.
    fn with_local<R>(&self, body: impl FnOnce(&mut [u8]) -> R) -> Result<R>;

    /// Frees the memory of all; every rank calls it. What is dropped without may stay until the world ends.
    fn free(self) -> Result<()>;
}

/// For implementors of [`Exposed::lock_all`]: a lock of each of so many parts, or of none.
///
/// They are asked for in the order of ranks, and who locks one part holds no other: so nobody waits in a circle.
///
/// # Errors
/// That of the first that is not given; those before are given back then.
pub fn lock_each(
    ranks: usize,
    lock: impl Fn(usize) -> Result<()>,
    unlock: impl Fn(usize),
) -> Result<()> {
    for rank in 0..ranks {
        if let Err(error) = lock(rank) {
            (0..rank).for_each(unlock);
            return Err(error);
        }
    }
    Ok(())
}
