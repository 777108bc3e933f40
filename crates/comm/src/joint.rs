//! Memory that ranks of a node have together, as a backend makes it.

use crate::{CallKind, Result};

/// A part of memory of each rank, which all ranks of a node see where it lies. Programs meet it in a
/// [`SharedWindow`](crate::SharedWindow).
///
/// Parts are written and read in turns: at first each rank writes its own; after every second
/// [`meet`](Self::meet) so again, and after the others all ranks read all.
///
/// # Safety
/// What [`own`](Self::own) and [`part`](Self::part) give must start at a multiple of 16 bytes, and stay while
/// it is borrowed, also when `self` is forgotten. Nobody may have a part of
/// [`part`](Self::part) while its rank has [`own`](Self::own).
#[expect(unsafe_code, reason = "a promise about borrows")]
pub unsafe trait Joint: Sized {
    /// Comes back when every rank has called it for this memory.
    ///
    /// # Errors
    /// [`RankFailed`](crate::ErrorKind::RankFailed), [`RankEnded`](crate::ErrorKind::RankEnded). There is no
    /// going on then.
    fn meet(&mut self, kind: CallKind) -> Result<()>;

    /// The own part; `None` where it is not written now.
    fn own(&mut self) -> Option<&mut [u8]>;

    /// A rank's part; `None` where it is not read now, and for a rank that is not there.
    fn part(&self, rank: usize) -> Option<&[u8]>;

    /// Frees the memory of all; every rank calls it. What is dropped without may stay until the world ends.
    ///
    /// # Errors
    /// As [`meet`](Self::meet).
    fn free(self) -> Result<()>;
}
