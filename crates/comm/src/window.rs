//! Memory that other ranks put to and get from.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;

use crate::collective::{self, Blocking, now};
use crate::communicator::checked_rank;
use crate::memory::{self, RecvBuffer, SendBuffer};
use crate::{
    Builtin, Call, CallKind, Communicator, Element, ErrorKind, Exposed, Layout, Lock, Operation,
    Primitive, Result,
};

/// A part of memory of each rank, which all ranks of a communicator put to and get from; made by
/// [`window`](crate::OneSided::window).
///
/// What a rank does to another's part it does under a [`lock`](Self::lock) of it, under
/// [locks of all](Self::lock_all), or in an [`epoch`](Self::epoch) of all ranks. The own part is seen where it
/// lies by [`local`](Self::local). All of these end with the closure that they call, whatever it does; the
/// window is borrowed for it, so that a rank does not wait for itself. A rank that waits for another one, or
/// for another window, in the closure may make a circle, and that hangs.
///
/// ```
/// use tenfold_comm::{Communicator, OneSided, World};
///
/// World::threads(4).run(|world| {
///     let (rank, size) = (world.rank(), world.size());
///     let mut window = world.window(&[0; 2])?;
///     // To both neighbours on a ring.
///     window.epoch(|epoch| {
///         epoch.target((rank + 1) % size)?.put(&[rank], 0)?;
///         epoch.target((rank + size - 1) % size)?.put(&[rank], 1)
///     })?;
///     let left_and_right = window.local(|mine| mine.to_vec())?;
///     assert_eq!(left_and_right, [(rank + size - 1) % size, (rank + 1) % size]);
///     Ok::<(), tenfold_comm::Error>(())
/// }).unwrap();
/// ```
///
/// While others may write, the own memory cannot be seen:
///
/// ```compile_fail,E0499
/// # use tenfold_comm::{Communicator, OneSided, World};
/// # World::threads(2).run(|world| {
/// let mut window = world.window(&[0; 2])?;
/// window.epoch(|epoch| {
///     window.local(|mine| mine[0] = 1)?;
///     epoch.target(0)?.put(&[7], 1)
/// })
/// # });
/// ```
///
/// # Errors
/// [`RankFailed`](ErrorKind::RankFailed) of all calls.
pub struct Window<'c, C: Communicator, T> {
    comm: &'c C,
    memory: C::Exposed<'c>,
    /// How many elements each rank has.
    lens: Vec<usize>,
    elements: PhantomData<T>,
}

/// All parts of a [`Window`], for as long as they can be reached.
pub struct Epoch<'w, 'c, C: Communicator, T>(&'w Window<'c, C, T>);

/// A rank's part of a [`Window`], for as long as it can be reached. Places are in elements, from 0.
///
/// What this rank asks of one place is done in the order in which it asks: a `get` finds what it has put or
/// accumulated there before, and of two puts the later one stays. Other ranks find it when the closure ends, or
/// after a [`flush`](Self::flush). What ranks put to one place at the same time is there mixed, also with what they
/// accumulate there. Accumulates and fetches of one operation, and
/// [`NoOp`](crate::NoOp), do not disturb each other, nor do swaps; who needs more takes an exclusive lock.
///
/// # Errors
/// [`Part`](ErrorKind::Part) for what does not lie in the part, [`RankFailed`](ErrorKind::RankFailed).
pub struct Target<'w, 'c, C: Communicator, T> {
    window: &'w Window<'c, C, T>,
    rank: usize,
    lock: Lock,
}

/// That elements are such that ranks and files can write them bytewise.
fn checked_elements<T: Element>() -> Result<()> {
    let layout = T::LAYOUT;
    layout.checked_plain()?;
    if align_of::<T>() > memory::ALIGNMENT {
        return Err(ErrorKind::Elements { layout, must: "aligned to at most 16 bytes" }.into());
    }
    Ok(())
}

/// How many elements each rank has, which all have elements of one type.
pub(crate) fn agreed_lens<C: Communicator, T: Element>(
    comm: &C,
    kind: CallKind,
    len: usize,
) -> Result<Vec<usize>> {
    checked_elements::<T>()?;
    let layout = T::LAYOUT;
    let mut hasher = DefaultHasher::new();
    layout.hash(&mut hasher);
    let mine = [len as u64, hasher.finish()];
    let mut all = vec![[0; 2]; comm.size()];
    now(collective::allgather_for(Blocking(comm), kind, &[mine], &mut all))?;
    if let Some(from) = all.iter().position(|theirs| theirs[1] != mine[1]) {
        return Err(ErrorKind::WindowType { layout, from }.into());
    }
    // Memory of so many bytes is there, so that the lengths are a `usize` wherever all ranks are alike.
    Ok(all.iter().map(|theirs| usize::try_from(theirs[0]).unwrap_or(usize::MAX)).collect())
}

/// What was locked, to be unlocked also where something unwinds.
struct Locked<'m, M: Exposed> {
    memory: &'m M,
    /// One rank's part, or all.
    rank: Option<usize>,
    is_held: bool,
}

impl<'m, M: Exposed> Locked<'m, M> {
    fn new(memory: &'m M, rank: Option<usize>, lock: Lock) -> Result<Self> {
        match rank {
            Some(rank) => memory.lock(rank, lock)?,
            None => memory.lock_all()?,
        }
        Ok(Self { memory, rank, is_held: true })
    }

    fn unlock(&mut self) -> Result<()> {
        self.is_held = false;
        match self.rank {
            Some(rank) => self.memory.unlock(rank),
            None => self.memory.unlock_all(),
        }
    }

    /// What `body` comes to, when all that it has asked for is done.
    fn run<R>(mut self, body: impl FnOnce() -> Result<R>) -> Result<R> {
        let result = body();
        let end = self.unlock();
        result.and_then(|result| end.map(|()| result))
    }
}

impl<M: Exposed> Drop for Locked<'_, M> {
    fn drop(&mut self) {
        if self.is_held {
            // Something unwinds, and that is what is told.
            let _ = self.unlock();
        }
    }
}

impl<'c, C: Communicator + 'c, T: Element> Window<'c, C, T> {
    pub(crate) fn new(comm: &'c C, data: &[T]) -> Result<Self> {
        let lens = agreed_lens::<C, T>(comm, CallKind::Window, data.len())?;
        let memory = comm.expose(data.into())?;
        Ok(Self { comm, memory, lens, elements: PhantomData })
    }

    /// How many elements each rank has.
    #[must_use]
    pub fn lens(&self) -> &[usize] {
        &self.lens
    }

    /// Calls `body` with a rank's part, and comes back when all is done that it has asked for. Other ranks may
    /// have [shared](Lock::Shared) locks of the part at the same time, and wait for one that is
    /// [exclusive](Lock::Exclusive); they get them in the order in which they come. The rank itself need not
    /// call anything.
    ///
    /// ```
    /// use tenfold_comm::{Communicator, Lock, OneSided, World};
    ///
    /// let parts = World::threads(3).run(|world| {
    ///     let mut window = world.window(&[1_u32; 2])?;
    ///     window.lock(0, Lock::Exclusive, |target| {
    ///         target.update(0, 2, |pair| pair.swap_with_slice(&mut [pair[1] + 1, pair[0]]))
    ///     })?;
    ///     world.barrier()?;
    ///     window.free()
    /// });
    /// assert_eq!(parts.unwrap()[0].iter().sum::<u32>(), 5);
    /// ```
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank), and that of `body`.
    #[track_caller]
    pub fn lock<R>(
        &mut self,
        rank: usize,
        lock: Lock,
        body: impl FnOnce(&Target<'_, 'c, C, T>) -> Result<R>,
    ) -> Result<R> {
        let locked = self.comm.observe(&Call::new(CallKind::Lock).root(rank), || {
            checked_rank(self.comm, "rank", rank)?;
            Locked::new(&self.memory, Some(rank), lock)
        })?;
        locked.run(|| body(&Target { window: self, rank, lock }))
    }

    /// Calls `body` with the parts of all ranks under shared locks, as [`lock`](Self::lock).
    ///
    /// # Errors
    /// That of `body`.
    #[track_caller]
    pub fn lock_all<R>(
        &mut self,
        body: impl FnOnce(&Epoch<'_, 'c, C, T>) -> Result<R>,
    ) -> Result<R> {
        let call = Call::new(CallKind::LockAll);
        let locked = self.comm.observe(&call, || Locked::new(&self.memory, None, Lock::Shared))?;
        locked.run(|| body(&Epoch(self)))
    }

    /// Calls `body` with the parts of all ranks, between two fences: what ranks do to their own parts before is
    /// there, and what all ranks ask for in their epochs is done when it comes back. Every rank calls this.
    ///
    /// # Errors
    /// That of `body`, and the others are not kept waiting for it.
    /// [`CollectiveOrder`](ErrorKind::CollectiveOrder) where another rank is in an epoch of another window,
    /// [`CollectiveMismatch`](ErrorKind::CollectiveMismatch), [`RankEnded`](ErrorKind::RankEnded).
    #[track_caller]
    pub fn epoch<R>(&mut self, body: impl FnOnce(&Epoch<'_, 'c, C, T>) -> Result<R>) -> Result<R> {
        let fence = Call::new(CallKind::Fence);
        let locked = self.comm.observe(&Call::new(CallKind::Epoch), || {
            self.memory.meet(CallKind::Epoch)?;
            Locked::new(&self.memory, None, Lock::Shared)
        })?;
        let result = locked.run(|| body(&Epoch(self)));
        let end = self.comm.observe(&fence, || self.memory.meet(CallKind::Fence));
        result.and_then(|result| end.map(|()| result))
    }

    /// Calls `body` with the own part where it lies, alone: under an exclusive lock of it.
    ///
    /// # Errors
    /// [`RankFailed`](ErrorKind::RankFailed).
    #[track_caller]
    pub fn local<R>(&mut self, body: impl FnOnce(&mut [T]) -> R) -> Result<R> {
        let rank = self.comm.rank();
        let locked = self.comm.observe(&Call::new(CallKind::Local), || {
            Locked::new(&self.memory, Some(rank), Lock::Exclusive)
        })?;
        locked.run(|| part(&self.memory, self.lens[rank], body))
    }

    /// Frees the window, and gives the own part. Every rank calls this. A window that is dropped without may
    /// stay until the world ends, on systems that must free together.
    ///
    /// # Errors
    /// As [`epoch`](Self::epoch).
    #[track_caller]
    pub fn free(self) -> Result<Vec<T>> {
        let Self { comm, memory, lens, .. } = self;
        let rank = comm.rank();
        comm.observe(&Call::new(CallKind::Free), || {
            memory.meet(CallKind::Free)?;
            let locked = Locked::new(&memory, Some(rank), Lock::Exclusive)?;
            let data = locked.run(|| part(&memory, lens[rank], |part: &mut [T]| part.to_vec()))?;
            memory.free()?;
            Ok(data)
        })
    }
}

/// Shows `body` the own part, of so many elements, which is locked.
fn part<M: Exposed, T: Element, R>(
    memory: &M,
    len: usize,
    body: impl FnOnce(&mut [T]) -> R,
) -> Result<R> {
    memory.with_local(|bytes| {
        let part = memory::elements_mut(bytes, len);
        body(part.expect("a backend gives what was exposed, aligned to 16 bytes"))
    })
}

impl<'c, C: Communicator + 'c, T: Element> Epoch<'_, 'c, C, T> {
    /// The part of a rank.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank).
    pub fn target(&self, rank: usize) -> Result<Target<'_, 'c, C, T>> {
        checked_rank(self.0.comm, "rank", rank)?;
        Ok(Target { window: self.0, rank, lock: Lock::Shared })
    }
}

/// Which number it is, where it is one on which something is built in.
fn checked_primitive(builtin: Option<Builtin>, layout: Layout) -> Result<(Builtin, Primitive)> {
    let known = builtin.zip(layout.primitive());
    known.ok_or_else(|| ErrorKind::Operation { builtin, layout }.into())
}

#[expect(clippy::missing_errors_doc, reason = "the errors of all calls stand at the type")]
impl<C: Communicator, T: Element> Target<'_, '_, C, T> {
    /// Whose part it is.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// How many elements it has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.window.lens[self.rank]
    }

    /// Where `count` elements from `at` begin, in bytes, if they lie in the part.
    fn place(&self, at: usize, count: usize) -> Result<usize> {
        let (rank, len) = (self.rank, self.count());
        if at.checked_add(count).is_some_and(|end| end <= len) {
            // So many bytes are there.
            return Ok(at * size_of::<T>());
        }
        Err(ErrorKind::Part { rank, at, count, len }.into())
    }

    fn observe<R>(&self, call: &Call, body: impl FnOnce() -> Result<R>) -> Result<R> {
        self.window.comm.observe(call, body)
    }

    /// Copies `data` to the part, from element `at` on.
    #[track_caller]
    pub fn put(&self, data: &[T], at: usize) -> Result<()> {
        let call = Call::new(CallKind::Put).root(self.rank).moves::<T, T>(data, &[]);
        self.observe(&call, || self.put_unobserved(data, at))
    }

    fn put_unobserved(&self, data: &[T], at: usize) -> Result<()> {
        let place = self.place(at, data.len())?;
        self.window.memory.put(data.into(), self.rank, place)
    }

    /// Fills `room` from the part, from element `at` on.
    #[track_caller]
    pub fn get(&self, room: &mut [T], at: usize) -> Result<()> {
        let call = Call::new(CallKind::Get).root(self.rank).moves::<T, T>(&[], room);
        self.observe(&call, || self.get_unobserved(room, at))
    }

    fn get_unobserved(&self, room: &mut [T], at: usize) -> Result<()> {
        let place = self.place(at, room.len())?;
        self.window.memory.get(room.into(), self.rank, place)
    }

    /// Combines the part, from element `at` on, with `data`: what is there is the operation's `left`. Each
    /// number by itself is combined in one step. Of other ranks' numbers at the same time the order is not
    /// known, so that a sum of floats may have other bits in another run.
    ///
    /// # Errors
    /// [`Operation`](ErrorKind::Operation) for a closure, and for elements that are not one number of at most
    /// 64 bits.
    #[track_caller]
    pub fn accumulate(&self, data: &[T], at: usize, operation: impl Operation<T>) -> Result<()> {
        let call = Call::new(CallKind::Accumulate).root(self.rank).moves::<T, T>(data, &[]);
        self.observe(&call, || {
            let operation = checked_primitive(operation.builtin(), T::LAYOUT)?;
            let place = self.place(at, data.len())?;
            if operation.0 == Builtin::NoOp {
                // What is there stays, and not every system takes that for an accumulate.
                return self.window.memory.flush(self.rank);
            }
            self.window.memory.accumulate(data.into(), self.rank, place, operation)
        })
    }

    /// As [`accumulate`](Self::accumulate) with one number, and gives what was there before:
    /// with [`NoOp`](crate::NoOp) a read, and with [`Replace`](crate::Replace) a swap, in one step.
    ///
    /// # Errors
    /// As [`accumulate`](Self::accumulate).
    #[track_caller]
    pub fn fetch_and_op(&self, value: T, at: usize, operation: impl Operation<T>) -> Result<T> {
        let (data, mut room) = ([value], [value]);
        let call = Call::new(CallKind::FetchAndOp).root(self.rank).moves(&data, &room);
        self.observe(&call, || {
            let operation = checked_primitive(operation.builtin(), T::LAYOUT)?;
            let place = self.place(at, 1)?;
            let buffers = (SendBuffer::from(&data[..]), RecvBuffer::from(&mut room[..]));
            self.window.memory.fetch_and_op(buffers, self.rank, place, operation)
        })?;
        Ok(room[0])
    }

    /// Puts `desired` where `expected` is, and gives what was there before, in one step.
    ///
    /// # Errors
    /// [`Elements`](ErrorKind::Elements) for what is no integer.
    #[track_caller]
    pub fn compare_and_swap(&self, expected: T, desired: T, at: usize) -> Result<T> {
        let (data, mut room) = ([expected, desired], [expected]);
        let call = Call::new(CallKind::CompareAndSwap).root(self.rank).moves(&data, &room);
        self.observe(&call, || {
            let layout = T::LAYOUT;
            let is_integer = |of: &Primitive| !matches!(of, Primitive::F32 | Primitive::F64);
            let integer = layout.primitive().filter(is_integer);
            let primitive = integer.ok_or(ErrorKind::Elements { layout, must: "integers" })?;
            let place = self.place(at, 1)?;
            let sends = [&data[..1], &data[1..]].map(SendBuffer::from);
            let buffers = (sends, RecvBuffer::from(&mut room[..]));
            self.window.memory.compare_and_swap(buffers, self.rank, place, primitive)
        })?;
        Ok(room[0])
    }

    /// Lets `body` change `count` elements from `at` on, of a copy that is then put back: nobody else sees
    /// anything between. Where it panics nothing is put.
    ///
    /// # Errors
    /// [`LockShared`](ErrorKind::LockShared) but under an exclusive lock.
    #[track_caller]
    pub fn update<R>(
        &self,
        at: usize,
        count: usize,
        body: impl FnOnce(&mut [T]) -> R,
    ) -> Result<R> {
        self.observe(&Call::new(CallKind::Update).root(self.rank), || {
            if self.lock != Lock::Exclusive {
                return Err(ErrorKind::LockShared { rank: self.rank }.into());
            }
            self.place(at, count)?;
            let zero = memory::zero::<T>()?;
            let mut copy = vec![zero; count];
            self.window.memory.flush(self.rank)?;
            self.get_unobserved(&mut copy, at)?;
            let result = body(&mut copy);
            self.put_unobserved(&copy, at)?;
            self.window.memory.flush(self.rank)?;
            Ok(result)
        })
    }

    /// Comes back when all is done that this rank has asked for at the target.
    #[track_caller]
    pub fn flush(&self) -> Result<()> {
        let call = Call::new(CallKind::Flush).root(self.rank);
        self.observe(&call, || self.window.memory.flush(self.rank))
    }
}

impl<'c, C: Communicator + 'c, T> fmt::Debug for Window<'c, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window").field("lens", &self.lens).finish_non_exhaustive()
    }
}

impl<'c, C: Communicator + 'c, T> fmt::Debug for Epoch<'_, 'c, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Epoch").field(self.0).finish()
    }
}

impl<'c, C: Communicator + 'c, T> fmt::Debug for Target<'_, 'c, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("rank", &self.rank).field("lock", &self.lock).finish()
    }
}
