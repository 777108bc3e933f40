//! A communicator whose ranks are processes.

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::Rc;

use mpi::ffi::MPI_Comm;
use tenfold_comm::{
    Address, Call, Communicator, ErrorKind, Message as _, Mode, Pending as _, RecvBuffer, Result,
    SendBuffer, Source, Space, Status, Tag, Tracer, Want, agree, any_open, progress,
};

use crate::exposed::MpiExposed;
use crate::header::{Header, Kind};
use crate::inbox::{Envelope, Fate, Label, Pattern};
use crate::joint::MpiJoint;
use crate::memory::bytes;
use crate::message::MpiMessage;
use crate::pending::MpiPending;
use crate::raw;
use crate::session::Session;
use crate::transport::SMALL;

/// One rank of a [`World`](crate::World), among those of one communicator.
///
/// Its values stay on the thread that has started MPI.
pub struct MpiComm {
    /// Before the session: it is freed before MPI ends.
    raw: Rc<Raw>,
    pub(crate) session: Rc<Session>,
    context: u64,
    /// The ranks of the communicator, by their ranks in the world.
    members: Rc<[usize]>,
    rank: usize,
    numbers: Rc<Numbers>,
    /// What records its calls, and as which of the communicators it does.
    tracer: Option<(Rc<Tracer>, u32)>,
}

/// The numbers of the next collectives.
#[derive(Debug, Default)]
struct Numbers {
    blocking: Cell<u32>,
    nonblocking: Cell<u64>,
}

/// A communicator of MPI for calls that are not ours, once it is asked for.
#[derive(Debug, Default)]
struct Raw {
    comm: OnceCell<MPI_Comm>,
    /// Of each rank, the first of those that can have memory together with it.
    firsts: OnceCell<Vec<usize>>,
}

impl Drop for Raw {
    fn drop(&mut self) {
        if let Some(&comm) = self.comm.get()
            && !std::thread::panicking()
        {
            raw::free(comm);
        }
    }
}

fn counted(number: &Cell<u32>) -> u32 {
    number.replace(number.get().wrapping_add(1))
}

impl MpiComm {
    /// The communicator of all.
    pub(crate) fn of_world(session: Rc<Session>) -> Self {
        let (members, rank) = ((0..session.size).collect(), session.rank);
        Self::new(session, 0, members, rank)
    }

    fn new(session: Rc<Session>, context: u64, members: Rc<[usize]>, rank: usize) -> Self {
        let (raw, numbers) = (Rc::default(), Rc::default());
        Self { raw, session, context, members, rank, numbers, tracer: None }
    }

    /// The same, whose calls are recorded.
    pub(crate) fn traced(self, tracer: Rc<Tracer>) -> Self {
        let number = tracer.knows(self.context, &self.members);
        Self { tracer: Some((tracer, number)), ..self }
    }

    pub(crate) fn tracer(&self) -> Option<&Tracer> {
        self.tracer.as_ref().map(|(tracer, _)| &**tracer)
    }

    /// Records a message of the program that was received or found.
    fn record(&self, space: Space, status: &Status) {
        match self.tracer() {
            Some(tracer) if space == Space::Program => tracer.received(status),
            _ => {}
        }
    }

    /// The same, recorded if it is a request of the program.
    fn recorded<'c>(&'c self, pending: MpiPending<'c>, space: Space) -> MpiPending<'c> {
        match self.tracer() {
            Some(tracer) if space == Space::Program => pending.recorded(tracer.starts()),
            _ => pending,
        }
    }

    /// A communicator of MPI of the same ranks, for calls that tenfold does not have: through `mpi::ffi`, or
    /// C. It is a collective when it is first called. What is sent through the handle does not meet what is
    /// sent through this. It is freed with this, which MPI calls collective too.
    ///
    /// MPI's calls that wait take none of tenfold's messages meanwhile: nothing may be under way that another
    /// rank needs before it comes to the same call.
    ///
    /// # Errors
    /// [`System`](tenfold_comm::ErrorKind::System)
    pub fn as_raw(&self) -> Result<MPI_Comm> {
        if let Some(&comm) = self.raw.comm.get() {
            return Ok(comm);
        }
        // MPI's call waits for all, and takes no messages of ours meanwhile: so all come first.
        self.barrier()?;
        let comm = raw::of_group(&self.members)?;
        Ok(*self.raw.comm.get_or_init(|| comm))
    }

    fn pattern(&self, want: Want) -> Pattern {
        let stream = want.space.stream(self.context);
        Pattern { stream, from: want.from, tag: want.tag }
    }

    /// The ranks, by their ranks in the world.
    pub(crate) fn members(&self) -> &[usize] {
        &self.members
    }

    /// Of each rank, the first of those that can have memory together with it. A collective when it is first
    /// called.
    pub(crate) fn firsts(&self) -> Result<&[usize]> {
        if let Some(firsts) = self.raw.firsts.get() {
            return Ok(firsts);
        }
        // MPI's own collectives come after ours: who waits in those takes nothing that others send here.
        self.barrier()?;
        let first = raw::first_of_node(self.as_raw()?, self.rank)?;
        let mut firsts = vec![0; self.members.len()];
        self.allgather(&[first], &mut firsts)?;
        Ok(self.raw.firsts.get_or_init(|| firsts))
    }

    /// A number that nothing else of the world has, the same on every rank.
    fn number(&self) -> Result<u64> {
        let first = if self.rank == 0 { self.session.contexts(1) } else { 0 };
        agree(self, first, &[])
    }

    /// The ranks, by their ranks in the world, whose message is meant.
    pub(crate) fn peers(&self, from: Source) -> &[usize] {
        match from {
            Source::Rank(rank) => std::slice::from_ref(&self.members[rank]),
            Source::Any => &self.members,
        }
    }

    /// Looks for a message, until one is there or none can come.
    fn look<R>(
        &self,
        want: Want,
        wait: bool,
        mut look: impl FnMut(&Pattern) -> Option<R>,
    ) -> Result<Option<R>> {
        let (pattern, peers) = (self.pattern(want), self.peers(want.from));
        if wait {
            return Ok(Some(self.session.wait(peers, || Ok(look(&pattern)))??));
        }
        self.session.progress()?;
        if self.tracer().is_some_and(Tracer::is_stuck) {
            return Err(ErrorKind::Deadlock { rank: self.session.rank }.into());
        }
        // Asked first: what has ended has sent all that it will.
        let ended = self.session.ended(peers).filter(|_| want.from != Source::Any);
        match (look(&pattern), ended) {
            (Some(found), _) => return Ok(Some(found)),
            (None, Some(kind)) => return Err(kind.into()),
            // Of any rank it is a good question what is left, also when all others have ended.
            (None, None) if want.from == Source::Any => {}
            (None, None) => self.session.looked_in_vain(peers)?,
        }
        if let (Space::Nonblocking(_), Source::Rank(_), Some(tracer)) =
            (want.space, want.from, self.tracer())
        {
            tracer.wants(peers[0]);
        }
        progress();
        Ok(None)
    }

    /// Sends to this rank itself: at once, or, synchronous, when it has received it.
    fn send_own(
        &self,
        data: &SendBuffer<'static>,
        mode: Mode,
        (envelope, sent): (Envelope, Status),
    ) -> Result<MpiPending<'_>> {
        Ok(match self.session.keep(envelope, bytes(data), mode)? {
            Some(number) => MpiPending::own(self, number, sent),
            None => MpiPending::done(self, Ok(sent)),
        })
    }

    fn start_unrecorded(
        &self,
        data: SendBuffer<'static>,
        address: Address,
    ) -> Result<MpiPending<'_>> {
        let Address { to, tag, mode, space } = address;
        let (session, layout) = (&self.session, data.layout());
        let sent = Status::new(to, tag, data.count(), layout);
        let stream = space.stream(self.context);
        if self.members[to] == session.rank {
            let label = Label { stream, from: self.rank, sender: session.rank, tag };
            let (count, bytes, layout) =
                (data.count(), data.bytes(), session.layouts.number(layout));
            let envelope = Envelope { label, count, bytes, layout };
            return self.send_own(&data, mode, (envelope, sent));
        }
        let is_whole = data.bytes() <= SMALL && mode != Mode::Synchronous;
        let mut header = Header {
            kind: Kind::Whole,
            stream,
            from: self.rank as u32,
            tag,
            count: data.count() as u64,
            bytes: data.bytes() as u64,
            layout: session.layouts.number(layout),
            body: 0,
        };
        let to = self.members[to];
        if is_whole {
            session.transport.send(to, header, bytes(&data))?;
            return Ok(MpiPending::done(self, Ok(sent)));
        }
        session.transport.elements(data.count(), layout)?;
        let body = session.transport.body_tag()?;
        (header.kind, header.body) = (Kind::Body, body.tag);
        session.transport.send(to, header, &[])?;
        if mode == Mode::Buffered {
            session.transport.offer_copy(&data, to, body)?;
            return Ok(MpiPending::done(self, Ok(sent)));
        }
        let request = session.transport.offer(data, (to, body.tag))?;
        Ok(MpiPending::offered(self, request, sent, body))
    }

    fn post(&self, mut room: RecvBuffer<'static>, want: Want) -> Result<MpiPending<'_>> {
        let pattern = self.pattern(want);
        let letter = self.session.inbox.borrow_mut().take(&pattern);
        let Some(letter) = letter else {
            let number = self.session.inbox.borrow_mut().post(pattern, room);
            return Ok(MpiPending::receiving(self, number, want.from));
        };
        match self.session.open(letter, &mut room)? {
            Fate::Done(result) => Ok(MpiPending::done(self, result)),
            fate => {
                let mut inbox = self.session.inbox.borrow_mut();
                let number = inbox.open();
                inbox.settle(number, fate);
                Ok(MpiPending::receiving(self, number, want.from))
            }
        }
    }

    fn receive_unrecorded(&self, mut room: RecvBuffer<'_>, want: Want) -> Result<Status> {
        // What is open may post receives while this waits: then this needs a place before them.
        if !any_open() {
            let (pattern, peers) = (self.pattern(want), self.peers(want.from));
            if let Some(status) = self.session.receive(&pattern, &mut room, peers)?? {
                return Ok(status);
            }
        }
        // SAFETY: the borrow lasts longer than this function, which waits for what it starts, or drops it.
        self.start_receive(unsafe { room.detach() }, want)?.wait()
    }

    /// A communicator of these members, by their ranks here.
    fn derived(&self, context: u64, members: &[usize]) -> Option<Self> {
        let rank = members.iter().position(|&member| member == self.rank)?;
        let members = members.iter().map(|&member| self.members[member]).collect();
        let derived = Self::new(Rc::clone(&self.session), context, members, rank);
        Some(match &self.tracer {
            Some((tracer, _)) => derived.traced(Rc::clone(tracer)),
            None => derived,
        })
    }
}

// SAFETY: buffers are copied before a call comes back, or go with an `MpiPending`. `observe` is the trait's.
unsafe impl Communicator for MpiComm {
    type Pending<'c> = MpiPending<'c>;
    type Message<'c> = MpiMessage<'c>;
    type Handle = Self;
    type Exposed<'c> = MpiExposed<'c>;
    type Joint<'c> = MpiJoint<'c>;

    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.members.len()
    }

    fn max_tag(&self) -> Tag {
        Tag::MAX / 2
    }

    fn start_send(&self, data: SendBuffer<'static>, address: Address) -> Result<MpiPending<'_>> {
        let address = self.tracer().map_or(address, |tracer| tracer.as_watched(address));
        let pending = self.start_unrecorded(data, address)?;
        Ok(self.recorded(pending, address.space))
    }

    fn start_receive(&self, room: RecvBuffer<'static>, want: Want) -> Result<MpiPending<'_>> {
        let pending = self.post(room, want)?;
        Ok(self.recorded(pending, want.space))
    }

    fn receive(&self, room: RecvBuffer<'_>, want: Want) -> Result<Status> {
        let status = self.receive_unrecorded(room, want)?;
        self.record(want.space, &status);
        Ok(status)
    }

    fn peek(&self, want: Want, wait: bool) -> Result<Option<Status>> {
        let found = self.look(want, wait, |pattern| self.session.peek(pattern))?;
        if let Some(status) = &found {
            self.record(want.space, status);
        }
        Ok(found)
    }

    fn take(&self, want: Want, wait: bool) -> Result<Option<MpiMessage<'_>>> {
        let letter = self.look(want, wait, |pattern| self.session.inbox.borrow_mut().take(pattern));
        let message = letter?.map(|letter| MpiMessage::new(self, letter));
        if let Some(message) = &message {
            self.record(want.space, &message.status());
        }
        Ok(message)
    }

    fn next_collective(&self) -> u32 {
        let number = counted(&self.numbers.blocking);
        if let Some(tracer) = self.tracer() {
            tracer.is_numbered(u64::from(number));
        }
        number
    }

    fn next_nonblocking(&self) -> u64 {
        let number = self.numbers.nonblocking.get();
        self.numbers.nonblocking.set(number + 1);
        if let Some(tracer) = self.tracer() {
            tracer.is_numbered(number);
        }
        number
    }

    fn handle(&self) -> Self {
        Self {
            session: Rc::clone(&self.session),
            context: self.context,
            members: Rc::clone(&self.members),
            rank: self.rank,
            numbers: Rc::clone(&self.numbers),
            raw: Rc::clone(&self.raw),
            tracer: self.tracer.clone(),
        }
    }

    fn operation_panicked(&self, message: &str) {
        raw::abort(format_args!("rank {} panicked: {message}", self.session.rank));
    }

    fn wait_until(&self, is_done: &mut dyn FnMut() -> bool) {
        self.session.rest_until(is_done);
    }

    #[inline]
    fn is_observed(&self) -> bool {
        self.tracer.is_some()
    }

    fn observe<R>(&self, call: &Call, body: impl FnOnce() -> Result<R>) -> Result<R> {
        match &self.tracer {
            None => body(),
            Some((tracer, communicator)) => tracer.observe(*communicator, call, body),
        }
    }

    fn derive(&self, groups: &[Vec<usize>]) -> Result<Option<Self>> {
        let is_first = self.rank == 0;
        let first = if is_first { self.session.contexts(groups.len() as u64) } else { 0 };
        let contexts = agree(self, first, groups)?..;
        Ok(contexts.zip(groups).find_map(|(context, members)| self.derived(context, members)))
    }

    fn derive_shared(&self) -> Result<Self> {
        let firsts = self.firsts()?;
        let of_node = |first| {
            let members = (0..firsts.len()).filter(|&rank| firsts[rank] == first);
            members.collect::<Vec<usize>>()
        };
        let nodes = (0..firsts.len()).map(of_node).filter(|members| !members.is_empty());
        let derived = self.derive(&nodes.collect::<Vec<_>>())?;
        Ok(derived.expect("this rank is on a node"))
    }

    fn expose(&self, data: SendBuffer<'_>) -> Result<MpiExposed<'_>> {
        let data = data.as_bytes()?;
        MpiExposed::new(self, self.number()?, data)
    }

    fn join(&self, data: SendBuffer<'_>) -> Result<MpiJoint<'_>> {
        let data = data.as_bytes()?;
        MpiJoint::new(self, self.number()?, data)
    }
}

impl fmt::Debug for MpiComm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MpiComm")
            .field("rank", &self.rank)
            .field("size", &self.members.len())
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
