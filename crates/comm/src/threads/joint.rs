//! Memory that ranks that are threads have together.

use std::fmt;

use super::communicator::ThreadComm;
use crate::collective;
use crate::memory::Seat;
use crate::{CallKind, ErrorKind, Joint, Result};

/// Memory that ranks that are threads have together.
pub struct ThreadJoint<'c> {
    comm: &'c ThreadComm,
    /// Its number in the world.
    number: u64,
    seat: Seat,
}

impl<'c> ThreadJoint<'c> {
    /// Every rank brings its part, and all have when this comes back.
    pub(super) fn new(comm: &'c ThreadComm, number: u64, seat: Seat) -> Result<Self> {
        collective::meet(comm, CallKind::SharedWindow, number)?;
        Ok(Self { comm, number, seat })
    }
}

// SAFETY: `Seat` gives what may be borrowed, of memory that lives as long as a seat. What a rank has borrowed
// has an end before it meets the others.
#[expect(unsafe_code, reason = "a promise about borrows")]
unsafe impl Joint for ThreadJoint<'_> {
    fn meet(&mut self, kind: CallKind) -> Result<()> {
        // First: who has heard from all finds all turns ended.
        self.seat.end_turn();
        collective::meet(self.comm, kind, self.number)?;
        if self.seat.is_open() {
            return Ok(());
        }
        // Somebody has sent what only a meeting sends.
        let from = self.comm.place();
        Err(ErrorKind::CollectiveOrder { call: kind, root: 0, from }.into())
    }

    fn own(&mut self) -> Option<&mut [u8]> {
        self.seat.own()
    }

    fn part(&self, rank: usize) -> Option<&[u8]> {
        self.seat.part(rank)
    }

    /// The last that has a part frees all.
    fn free(self) -> Result<()> {
        self.comm.check()
    }
}

impl fmt::Debug for ThreadJoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadJoint").field("number", &self.number).finish_non_exhaustive()
    }
}
