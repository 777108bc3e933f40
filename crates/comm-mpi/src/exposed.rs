//! Memory that ranks that are processes expose to each other.

use std::cell::Cell;
use std::fmt;
use std::slice;

use tenfold_comm::{
    Builtin, CallKind, Communicator as _, Exposed, Lock, Primitive, RecvBuffer, Result, SendBuffer,
    lock_each, meet,
};

use crate::access::Access;
use crate::communicator::MpiComm;
use crate::part::Parts;
use crate::raw;

/// Memory of ranks that are processes.
///
/// Before what is exposed there are the locks of each part, which are asked for by adding to numbers: a rank
/// that waits takes what is sent to it. What MPI adds is added by MPI. All else is combined by this rank, alone
/// of those that do: MPI promises single steps for one operation at a time, its least passes over NaN, and some
/// operations have names that mpi.h alone knows.
pub struct MpiExposed<'c> {
    comm: &'c MpiComm,
    /// Its number in the world.
    number: u64,
    parts: Parts,
    held: Cell<Held>,
}

/// What this rank has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Nothing,
    One(usize, Lock),
    All,
    /// The own part, which is seen.
    Seen,
}

/// Who may reach a part.
const DOOR: Access = Access::new(0);

/// Who combines what is there.
const COMBINER: Access = Access::new(Access::BYTES);

/// What is exposed comes behind the locks.
const HEAD: usize = 64;

const _: () = assert!(2 * Access::BYTES <= HEAD, "the locks have room");

/// Ends the sight of the own part, also where something unwinds.
struct Seeing<'e>(&'e MpiExposed<'e>, Held);

impl Drop for Seeing<'_> {
    fn drop(&mut self) {
        self.0.held.set(self.1);
        if let Err(error) = self.0.parts.sync() {
            // Others would find what was there before.
            raw::abort(format_args!("rank {}: the own part: {error:#}", self.0.comm.rank()));
        }
    }
}

impl<'c> MpiExposed<'c> {
    /// Every rank brings what it exposes, and all have when this comes back.
    pub(crate) fn new(comm: &'c MpiComm, number: u64, data: &[u8]) -> Result<Self> {
        let parts = Parts::new(comm, HEAD, data)?;
        Ok(Self { comm, number, parts, held: Cell::new(Held::Nothing) })
    }

    /// That this rank has a lock of a part. What safe code does without one must not be a race with a rank
    /// that sees its part.
    fn check_held(&self, rank: usize) {
        let is_held = match self.held.get() {
            Held::One(held, _) => held == rank,
            Held::All => true,
            Held::Nothing | Held::Seen => false,
        };
        assert!(is_held, "a window locks before");
    }

    /// Where bytes are in a part with its head.
    fn place(&self, rank: usize, at: usize) -> usize {
        self.check_held(rank);
        at.checked_add(HEAD).expect("checked before")
    }

    /// Has `body` change a copy of what is there, alone of those that do so.
    fn combine<R>(
        &self,
        rank: usize,
        at: usize,
        bytes: usize,
        body: impl FnOnce(&mut [u8]) -> Result<R>,
    ) -> Result<R> {
        COMBINER.lock(self.comm, &self.parts, rank, Lock::Exclusive)?;
        let mut copy = vec![0; bytes];
        let combined = self.parts.get(&mut copy, rank, at).and_then(|()| {
            let result = body(&mut copy)?;
            self.parts.put(&copy, rank, at)?;
            Ok(result)
        });
        COMBINER.unlock(self.comm, &self.parts, rank, Lock::Exclusive);
        combined
    }
}

/// Whether MPI adds these numbers, as tenfold does.
fn is_sum((builtin, primitive): (Builtin, Primitive), data: &SendBuffer<'_>) -> bool {
    let is_number = !matches!(primitive, Primitive::Bool | Primitive::Object | Primitive::Unknown);
    builtin == Builtin::Sum && is_number && data.layout() == primitive.layout()
}

/// What adds to a number, and leaves it as it is: to a float -0, with which 0 and -0 are what they were.
fn neutral(primitive: Primitive) -> Vec<u8> {
    match primitive {
        Primitive::F32 => (-0.0_f32).to_ne_bytes().to_vec(),
        Primitive::F64 => (-0.0_f64).to_ne_bytes().to_vec(),
        _ => vec![0; primitive.layout().bytes()],
    }
}

impl Exposed for MpiExposed<'_> {
    fn lock(&self, rank: usize, lock: Lock) -> Result<()> {
        assert!(self.held.get() == Held::Nothing, "a window has one lock at a time");
        DOOR.lock(self.comm, &self.parts, rank, lock)?;
        self.held.set(Held::One(rank, lock));
        Ok(())
    }

    fn unlock(&self, rank: usize) -> Result<()> {
        let Held::One(held, lock) = self.held.get() else { panic!("a window locks before") };
        assert!(held == rank, "a window locks before");
        self.held.set(Held::Nothing);
        DOOR.unlock(self.comm, &self.parts, rank, lock);
        Ok(())
    }

    fn lock_all(&self) -> Result<()> {
        assert!(self.held.get() == Held::Nothing, "a window has one lock at a time");
        lock_each(
            self.comm.size(),
            |rank| DOOR.lock(self.comm, &self.parts, rank, Lock::Shared),
            |rank| DOOR.unlock(self.comm, &self.parts, rank, Lock::Shared),
        )?;
        self.held.set(Held::All);
        Ok(())
    }

    fn unlock_all(&self) -> Result<()> {
        assert!(self.held.get() == Held::All, "a window locks before");
        self.held.set(Held::Nothing);
        for rank in 0..self.comm.size() {
            DOOR.unlock(self.comm, &self.parts, rank, Lock::Shared);
        }
        Ok(())
    }

    fn flush(&self, rank: usize) -> Result<()> {
        self.check_held(rank);
        self.parts.flush(rank)
    }

    fn meet(&self, kind: CallKind) -> Result<()> {
        meet(self.comm, kind, self.number)
    }

    fn put(&self, data: SendBuffer<'_>, rank: usize, at: usize) -> Result<()> {
        self.parts.put(data.as_bytes()?, rank, self.place(rank, at))
    }

    fn get(&self, mut room: RecvBuffer<'_>, rank: usize, at: usize) -> Result<()> {
        let place = self.place(rank, at);
        self.parts.get(room.as_bytes_mut()?, rank, place)
    }

    fn accumulate(
        &self,
        data: SendBuffer<'_>,
        rank: usize,
        at: usize,
        operation: (Builtin, Primitive),
    ) -> Result<()> {
        let place = self.place(rank, at);
        if is_sum(operation, &data) {
            return self.parts.add(data.as_bytes()?, operation.1, rank, place);
        }
        let (builtin, of) = operation;
        self.combine(rank, place, data.bytes(), |into| builtin.accumulate(of, into, &data))
    }

    fn fetch_and_op(
        &self,
        (data, mut room): (SendBuffer<'_>, RecvBuffer<'_>),
        rank: usize,
        at: usize,
        operation: (Builtin, Primitive),
    ) -> Result<()> {
        let (place, room) = (self.place(rank, at), room.as_bytes_mut()?);
        if is_sum(operation, &data) {
            let buffers = (data.as_bytes()?, room);
            return self.parts.fetch_add(buffers, operation.1, rank, place);
        }
        let primitive = operation.1;
        if operation.0 == Builtin::NoOp && is_sum((Builtin::Sum, primitive), &data) {
            // In one step among those that MPI adds, and alone among the others.
            COMBINER.lock(self.comm, &self.parts, rank, Lock::Exclusive)?;
            let found = self.parts.fetch_add((&neutral(primitive), room), primitive, rank, place);
            COMBINER.unlock(self.comm, &self.parts, rank, Lock::Exclusive);
            return found;
        }
        self.combine(rank, place, room.len(), |into| {
            room.copy_from_slice(into);
            operation.0.accumulate(primitive, into, &data)
        })
    }

    fn compare_and_swap(
        &self,
        ([expected, desired], mut room): ([SendBuffer<'_>; 2], RecvBuffer<'_>),
        rank: usize,
        at: usize,
        _: Primitive,
    ) -> Result<()> {
        let (expected, desired) = (expected.as_bytes()?, desired.as_bytes()?);
        let (place, room) = (self.place(rank, at), room.as_bytes_mut()?);
        self.combine(rank, place, room.len(), |into| {
            room.copy_from_slice(into);
            if into == expected {
                into.copy_from_slice(desired);
            }
            Ok(())
        })
    }

    fn with_local<R>(&self, body: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        let (rank, held) = (self.comm.rank(), self.held.get());
        assert!(held == Held::One(rank, Lock::Exclusive), "a window locks before");
        self.parts.sync()?;
        let seeing = Seeing(self, held);
        self.held.set(Held::Seen);
        let (start, bytes) = (self.parts.own(), self.parts.bytes(rank));
        // SAFETY: the part behind its head, whose bytes all have a value. Under the exclusive lock no other
        // rank reaches it; nor does this one while it is seen, which `check_held` looks after.
        let part = unsafe { slice::from_raw_parts_mut(start.wrapping_add(HEAD), bytes - HEAD) };
        let result = body(part);
        drop(seeing);
        Ok(result)
    }

    fn free(self) -> Result<()> {
        self.parts.free(&self.comm.session.windows)
    }
}

impl fmt::Debug for MpiExposed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MpiExposed").field("number", &self.number).finish_non_exhaustive()
    }
}
