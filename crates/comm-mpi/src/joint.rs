//! Memory that ranks of a node have together.

use std::fmt;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use tenfold_comm::{CallKind, Communicator as _, ErrorKind, Joint, Result, meet};

use crate::communicator::MpiComm;
use crate::part::Parts;

/// Memory that ranks that are processes of a node have together.
///
/// Before a rank's part there is how often it has said that it has done with what it borrowed. Turns are
/// counted from 0: in even ones a rank writes its own part, in odd ones all read all, each once no rank's turn
/// is below its own. While something is borrowed a rank's turn stays: so of a rank that reads and one that
/// writes neither is ahead, and one turn would be even and odd.
pub struct MpiJoint<'c> {
    comm: &'c MpiComm,
    /// Its number in the world.
    number: u64,
    parts: Parts,
    /// Where this process sees the parts of all ranks.
    starts: Vec<*mut u8>,
    turn: u64,
}

/// What is shared comes behind the turn.
const HEAD: usize = 64;

impl<'c> MpiJoint<'c> {
    /// Every rank brings its part, and all have when this comes back.
    pub(crate) fn new(comm: &'c MpiComm, number: u64, data: &[u8]) -> Result<Self> {
        // The same on every rank, before MPI is asked for memory: of one that is not shared it may show anything.
        if let Some(from) = comm.firsts()?.iter().position(|&first| first != 0) {
            return Err(ErrorKind::Apart { rank: 0, from }.into());
        }
        let parts = Parts::new(comm, HEAD, data)?;
        let starts = (0..comm.size()).map(|rank| parts.query(rank)).collect::<Result<Vec<_>>>()?;
        Ok(Self { comm, number, parts, starts, turn: 0 })
    }

    /// The turn of a rank.
    fn turn_of(&self, rank: usize) -> &AtomicU64 {
        // SAFETY: it starts a part, aligned to 64 bytes, which stays as long as the communicator; after
        // it was made nobody uses it but as this.
        unsafe { AtomicU64::from_ptr(self.starts[rank].cast()) }
    }

    /// Whether all ranks have come as far.
    fn is_open(&self) -> bool {
        (0..self.starts.len()).all(|rank| self.turn_of(rank).load(Ordering::Acquire) >= self.turn)
    }
}

// SAFETY: parts are aligned to 64 bytes, and MPI keeps them until they are freed by value, or until it ends: then
// the communicator is gone that is borrowed for as long. The turns say what may be borrowed, see `MpiJoint`.
unsafe impl Joint for MpiJoint<'_> {
    fn meet(&mut self, kind: CallKind) -> Result<()> {
        // First: who has heard from all finds all turns ended.
        self.turn += 1;
        self.turn_of(self.parts.rank()).store(self.turn, Ordering::Release);
        self.parts.sync()?;
        meet(self.comm, kind, self.number)?;
        self.parts.sync()?;
        if self.is_open() {
            return Ok(());
        }
        // Somebody has sent what only a meeting sends.
        let from = self.comm.rank();
        Err(ErrorKind::CollectiveOrder { call: kind, root: 0, from }.into())
    }

    fn own(&mut self) -> Option<&mut [u8]> {
        if !self.turn.is_multiple_of(2) || !self.is_open() {
            return None;
        }
        let (start, bytes) = (self.parts.own(), self.parts.bytes(self.parts.rank()));
        // SAFETY: the turn is even and open, so that nobody reads the part; it is borrowed alone, and all of
        // its bytes have a value.
        Some(unsafe { slice::from_raw_parts_mut(start.wrapping_add(HEAD), bytes - HEAD) })
    }

    fn part(&self, rank: usize) -> Option<&[u8]> {
        let &start = self.starts.get(rank)?;
        if self.turn.is_multiple_of(2) || !self.is_open() {
            return None;
        }
        let bytes = self.parts.bytes(rank);
        // SAFETY: the turn is odd and open, so that nobody writes the part while this is borrowed.
        Some(unsafe { slice::from_raw_parts(start.wrapping_add(HEAD), bytes - HEAD) })
    }

    fn free(self) -> Result<()> {
        self.parts.free(&self.comm.session.windows)
    }
}

impl fmt::Debug for MpiJoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MpiJoint").field("number", &self.number).finish_non_exhaustive()
    }
}
