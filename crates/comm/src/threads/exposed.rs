//! Memory that ranks that are threads expose to each other.

use std::fmt;
use std::sync::Arc;

use super::access::Access;
use super::communicator::ThreadComm;
use crate::collective;
use crate::memory::{RecvBuffer, Region, SendBuffer};
use crate::sync::{Mutex, Once};
use crate::{Builtin, CallKind, Exposed, Lock, Primitive, Result, lock_each};

/// The parts of all ranks of a communicator.
#[derive(Debug)]
pub(super) struct Exposure(Box<[Part]>);

/// What a rank exposes. Each copy takes the memory's own lock: whoever has which access, there is no race.
/// Nothing of a user's runs under it but what its rank does to its own part, alone.
#[derive(Debug)]
struct Part {
    access: Access,
    memory: Once<Mutex<Region>>,
}

/// Memory of ranks that are threads.
pub struct ThreadExposed<'c> {
    comm: &'c ThreadComm,
    /// Its number in the world.
    number: u64,
    exposure: Arc<Exposure>,
}

impl Exposure {
    pub(super) fn new(ranks: usize) -> Self {
        let part = |_| Part { access: Access::new(), memory: Once::new() };
        Self((0..ranks).map(part).collect())
    }
}

impl<'c> ThreadExposed<'c> {
    /// Every rank brings what it exposes, and all have when this comes back.
    pub(super) fn new(
        comm: &'c ThreadComm,
        number: u64,
        exposure: Arc<Exposure>,
        region: Region,
    ) -> Result<Self> {
        // Nobody has before: each rank comes once.
        let _ = exposure.0[comm.place()].memory.set(Mutex::new(region));
        let exposed = Self { comm, number, exposure };
        exposed.meet(CallKind::Window)?;
        Ok(exposed)
    }

    fn part(&self, rank: usize) -> &Part {
        &self.exposure.0[rank]
    }

    /// Does this to the bytes of a rank's part, alone.
    fn with<R>(&self, rank: usize, body: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        self.comm.check()?;
        let memory = self.part(rank).memory.get().expect("all have come");
        Ok(body(memory.lock().as_bytes_mut()))
    }
}

impl Exposed for ThreadExposed<'_> {
    fn lock(&self, rank: usize, lock: Lock) -> Result<()> {
        self.comm.check()?;
        let (shared, mine) = (self.comm.shared(), self.comm.mine());
        self.part(rank).access.lock(shared, mine, lock).map_err(|kind| shared.error(kind))
    }

    fn unlock(&self, rank: usize) -> Result<()> {
        self.part(rank).access.unlock(self.comm.shared(), self.comm.mine());
        Ok(())
    }

    fn lock_all(&self) -> Result<()> {
        let (shared, mine) = (self.comm.shared(), self.comm.mine());
        lock_each(
            self.exposure.0.len(),
            |rank| self.lock(rank, Lock::Shared),
            |rank| self.part(rank).access.unlock(shared, mine),
        )
    }

    fn unlock_all(&self) -> Result<()> {
        (0..self.exposure.0.len()).try_for_each(|rank| self.unlock(rank))
    }

    /// All is done at once.
    fn flush(&self, _: usize) -> Result<()> {
        self.comm.check()
    }

    fn meet(&self, kind: CallKind) -> Result<()> {
        collective::meet(self.comm, kind, self.number)
    }

    fn put(&self, data: SendBuffer<'_>, rank: usize, at: usize) -> Result<()> {
        let data = data.as_bytes()?;
        self.with(rank, |memory| memory[at..][..data.len()].copy_from_slice(data))
    }

    fn get(&self, mut room: RecvBuffer<'_>, rank: usize, at: usize) -> Result<()> {
        let room = room.as_bytes_mut()?;
        self.with(rank, |memory| room.copy_from_slice(&memory[at..][..room.len()]))
    }

    fn accumulate(
        &self,
        data: SendBuffer<'_>,
        rank: usize,
        at: usize,
        operation: (Builtin, Primitive),
    ) -> Result<()> {
        let len = data.bytes();
        let (builtin, of) = operation;
        self.with(rank, |memory| builtin.accumulate(of, &mut memory[at..][..len], &data))?
    }

    fn fetch_and_op(
        &self,
        (data, mut room): (SendBuffer<'_>, RecvBuffer<'_>),
        rank: usize,
        at: usize,
        operation: (Builtin, Primitive),
    ) -> Result<()> {
        let room = room.as_bytes_mut()?;
        self.with(rank, |memory| {
            let into = &mut memory[at..][..room.len()];
            room.copy_from_slice(into);
            operation.0.accumulate(operation.1, into, &data)
        })?
    }

    fn compare_and_swap(
        &self,
        ([expected, desired], mut room): ([SendBuffer<'_>; 2], RecvBuffer<'_>),
        rank: usize,
        at: usize,
        _: Primitive,
    ) -> Result<()> {
        let (expected, desired) = (expected.as_bytes()?, desired.as_bytes()?);
        let room = room.as_bytes_mut()?;
        self.with(rank, |memory| {
            let into = &mut memory[at..][..room.len()];
            room.copy_from_slice(into);
            if into == expected {
                into.copy_from_slice(desired);
            }
        })
    }

    fn with_local<R>(&self, body: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        self.with(self.comm.place(), body)
    }

    /// The last that has a part frees all.
    fn free(self) -> Result<()> {
        self.comm.check()
    }
}

impl fmt::Debug for ThreadExposed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadExposed").field("number", &self.number).finish_non_exhaustive()
    }
}
