//! Who may reach a rank's part of a window, and who waits.

use tenfold_comm::{Lock, Primitive, Result};

use crate::communicator::MpiComm;
use crate::part::Parts;
use crate::raw;

/// Locks of all parts, for each of which there are three numbers at this place of it.
///
/// They are not MPI's: a rank that waits for one of those takes no messages, and they are given in any order.
/// Here who comes draws a ticket, and goes in when it is its turn. Those that share count the turn of readers
/// on when they go in, and the turn of writers when they leave; those that do not count both when they leave.
/// So locks are given in the order in which they are asked for. All that is done to a number is to add to it,
/// since of those of one operation MPI says that each is one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    at: usize,
}

const NUMBER: usize = size_of::<u64>();

impl Access {
    /// So many bytes it takes of each part.
    pub(crate) const BYTES: usize = 3 * NUMBER;

    pub(crate) const fn new(at: usize) -> Self {
        Self { at }
    }

    fn tickets(self) -> usize {
        self.at
    }

    /// Whose turn it is, of those that ask for such a lock.
    fn turn(self, lock: Lock) -> usize {
        match lock {
            Lock::Shared => self.at + NUMBER,
            Lock::Exclusive => self.at + 2 * NUMBER,
        }
    }

    /// Waits for the lock of a rank's part, and takes what comes to this rank.
    pub(crate) fn lock(self, comm: &MpiComm, parts: &Parts, rank: usize, lock: Lock) -> Result<()> {
        let ticket = fetch_add(parts, rank, self.tickets(), 1);
        let ticket = ticket.unwrap_or_else(|error| fail(comm, error));
        let turn = self.turn(lock);
        let is_next = || {
            let is_next = fetch_add(parts, rank, turn, 0)? == ticket;
            if !is_next {
                // Who has the lock may need the core.
                std::thread::yield_now();
            }
            Ok(is_next.then_some(()))
        };
        let waited = comm.session.wait(comm.members(), is_next);
        match waited.unwrap_or_else(|error| fail(comm, error)) {
            Ok(()) if lock == Lock::Shared => {
                add(parts, rank, turn, 1).unwrap_or_else(|error| fail(comm, error));
                Ok(())
            }
            Ok(()) => Ok(()),
            // There is nobody else.
            Err(reason) => Err(reason.into()),
        }
    }

    /// Gives the lock back, when all is done that was asked for.
    pub(crate) fn unlock(self, comm: &MpiComm, parts: &Parts, rank: usize, lock: Lock) {
        let unlocked = parts.flush(rank).and_then(|()| {
            if lock == Lock::Exclusive {
                add(parts, rank, self.turn(Lock::Shared), 1)?;
            }
            add(parts, rank, self.turn(Lock::Exclusive), 1)
        });
        unlocked.unwrap_or_else(|error| fail(comm, error));
    }
}

/// The others would wait for ever.
fn fail(comm: &MpiComm, error: impl std::fmt::Display) -> ! {
    raw::abort(format_args!("rank {}: the lock of a window: {error:#}", comm.session.rank))
}

fn add(parts: &Parts, rank: usize, at: usize, value: u64) -> Result<()> {
    parts.add(&value.to_ne_bytes(), Primitive::U64, rank, at)?;
    parts.flush(rank)
}

fn fetch_add(parts: &Parts, rank: usize, at: usize, value: u64) -> Result<u64> {
    let mut before = [0; NUMBER];
    parts.fetch_add((&value.to_ne_bytes(), &mut before), Primitive::U64, rank, at)?;
    Ok(u64::from_ne_bytes(before))
}
