//! A communicator whose ranks are threads.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::exposed::{Exposure, ThreadExposed};
use super::joint::ThreadJoint;
use super::mailbox::{Label, Mailbox, Pattern, Sent};
use super::pending::{Peers, ThreadMessage, ThreadPending};
use super::shared::Shared;
use crate::collective;
use crate::diagnosis::Waits;
use crate::memory::{
    LINE_BYTES, Parts, RecvBuffer, Region, Seat, SendBuffer, receive_within, send_within,
};
use crate::trace::Tracer;
use crate::{
    Address, Call, Communicator, Error, ErrorKind, Result, Source, Space, Status, Tag, Want,
    any_open, progress,
};

/// One rank of a [`World`](crate::World), among those of one communicator.
///
/// It stays on the thread of its rank: what goes on without waiting is driven by the calls of that thread. Other
/// threads that a program starts can compute, and not communicate:
///
/// ```compile_fail,E0277
/// use tenfold_comm::{Communicator, World};
///
/// World::threads(2).run(|world| {
///     std::thread::scope(|scope| scope.spawn(|| world.barrier()).join().expect("it ends well"))
/// });
/// ```
pub struct ThreadComm {
    shared: Arc<Shared>,
    context: u64,
    /// The ranks of the communicator, by their ranks in the world.
    members: Arc<[usize]>,
    rank: usize,
    /// Not for other threads, and neither is the communicator.
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

impl ThreadComm {
    /// A rank of the communicator of all.
    pub(crate) fn of_world(shared: Arc<Shared>, rank: usize) -> Self {
        let members = (0..shared.size()).collect();
        Self { shared, context: 0, members, rank, numbers: Rc::default(), tracer: None }
    }

    /// The same, whose calls are recorded.
    pub(super) fn traced(self, tracer: Rc<Tracer>) -> Self {
        let number = tracer.knows(self.context, &self.members);
        Self { tracer: Some((tracer, number)), ..self }
    }

    /// A send of a program in the mode that it is watched with.
    #[inline]
    fn as_watched(&self, address: Address) -> Address {
        self.tracer().map_or(address, |tracer| tracer.as_watched(address))
    }

    /// What records the calls of this rank.
    pub(super) fn tracer(&self) -> Option<&Tracer> {
        self.tracer.as_ref().map(|(tracer, _)| &**tracer)
    }

    /// What records the messages of this space.
    fn tracer_of(&self, space: Space) -> Option<&Tracer> {
        self.tracer().filter(|_| space == Space::Program)
    }

    /// As what a request is recorded that the call which is open starts, if it starts one.
    fn recorded_as(&self, space: Space) -> Option<u32> {
        self.tracer_of(space)?.starts()
    }

    /// Records a message of the program that was received or found.
    fn record(&self, space: Space, status: &Status) {
        if let Some(tracer) = self.tracer_of(space) {
            tracer.received(status);
        }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// This rank, among those of the communicator.
    pub(super) fn place(&self) -> usize {
        self.rank
    }

    /// This rank, in the world.
    pub(super) fn mine(&self) -> usize {
        self.members[self.rank]
    }

    pub(super) fn mailbox(&self) -> &Mailbox {
        self.mailbox_of(self.rank)
    }

    fn mailbox_of(&self, rank: usize) -> &Mailbox {
        self.shared.mailbox(self.members[rank])
    }

    fn pattern(&self, want: Want) -> Pattern {
        let stream = want.space.stream(self.context);
        Pattern { stream, from: want.from, tag: want.tag }
    }

    fn label(&self, address: Address) -> Label {
        let stream = address.space.stream(self.context);
        Label { stream, from: self.rank, sender: self.mine(), tag: address.tag }
    }

    /// Records as which collective the open one comes.
    fn record_number(&self, number: u64) {
        if let Some(tracer) = self.tracer() {
            tracer.is_numbered(number);
        }
    }

    /// Whether a message could be left in a line.
    fn leave(&self, data: SendBuffer<'_>, address: Address) -> Result<bool> {
        self.check()?;
        Ok(self.mailbox_of(address.to).leave(&self.label(address), data, address.mode))
    }

    fn start_by_queue(
        &self,
        data: SendBuffer<'static>,
        address: Address,
    ) -> Result<ThreadPending<'_>> {
        let Address { to, tag, mode, .. } = address;
        let sent = Status::new(to, tag, data.count(), data.layout());
        match self.mailbox_of(to).send(self.label(address), data, mode) {
            Sent::Done => Ok(ThreadPending::done(self, Ok(sent))),
            Sent::Offered(ticket) => {
                Ok(ThreadPending::sending(self, self.members[to], ticket, sent))
            }
            Sent::NotReady => Err(ErrorKind::NotReady { to, tag }.into()),
        }
    }

    /// Hands over in the mode that it is watched with. Apart, as below.
    #[cold]
    fn hand_over_watched(&self, data: SendBuffer<'_>, address: Address) -> Result<()> {
        self.hand_over_as(data, self.as_watched(address))
    }

    // Inlined, so that what is known of the address where it is made is used here.
    #[inline(always)]
    fn hand_over_as(&self, data: SendBuffer<'_>, address: Address) -> Result<()> {
        if self.leave(data, address)? {
            return Ok(());
        }
        send_within(data, |data| self.start_by_queue(data, address)).map(drop)
    }

    /// Receives, and records the message. Apart from what is not recorded, which is to cost nothing more.
    #[cold]
    fn receive_recorded(&self, mut room: RecvBuffer<'_>, want: Want) -> Result<Status> {
        self.check()?;
        let status = match self.look_for_short(&mut room, want) {
            Some(result) => result?,
            None => receive_within(room, |room| self.start_receive(room, want))?,
        };
        self.record(want.space, &status);
        Ok(status)
    }

    /// Receives a message that is there, or comes soon, in a line, and takes part in nothing else. Room that is
    /// larger than a line is for messages that come otherwise.
    // Inlined in both of its places: what it gives is large.
    #[inline(always)]
    fn look_for_short(
        &self,
        room: &mut RecvBuffer<'_>,
        want: Want,
    ) -> Option<Result<Status, ErrorKind>> {
        if room.bytes() > LINE_BYTES || any_open() {
            return None;
        }
        let (mailbox, pattern) = (self.mailbox(), self.pattern(want));
        let seen = mailbox.signal.now();
        for _ in 0..self.shared.looks() {
            if mailbox.has_mail() {
                return mailbox.receive_short(&pattern, room);
            }
            if mailbox.signal.now() != seen {
                return None;
            }
            std::hint::spin_loop();
        }
        None
    }

    fn peers(&self, from: Source) -> Peers<'_> {
        match from {
            Source::Rank(rank) => Peers::One(self.members[rank]),
            Source::Any => Peers::Any(&self.members),
        }
    }

    #[inline]
    pub(super) fn check(&self) -> Result<()> {
        if self.shared.is_well() { Ok(()) } else { self.refused() }
    }

    #[cold]
    fn refused(&self) -> Result<()> {
        let failure = self.shared.failure(self.mine());
        failure.map_or(Ok(()), |kind| Err(self.shared.error(kind)))
    }

    /// Looks until there is something, or there can be nothing.
    fn look<R>(
        &self,
        want: Want,
        wait: bool,
        look: impl Fn(&Mailbox) -> Option<R>,
    ) -> Result<Option<R>> {
        let peers = self.peers(want.from);
        loop {
            let seen = self.mailbox().signal.now();
            // Asked first: what has ended has sent all that it will.
            let ended = peers.ended(&self.shared, self.mine());
            let found = look(self.mailbox());
            if found.is_some() {
                return Ok(found);
            }
            self.check()?;
            if !wait {
                if let (Space::Nonblocking(_), Source::Rank(rank)) = (want.space, want.from) {
                    self.shared.wants(self.mine(), self.members[rank]);
                }
                progress();
                // Of any rank it is a good question what is left, also when all others have ended.
                let ended = ended.filter(|_| want.from != Source::Any);
                return ended.map_or(Ok(None), |kind| Err(Error::new(kind)));
            }
            if peers.are(self.mine()) {
                return Err(ErrorKind::SelfReceive { rank: self.mine() }.into());
            }
            ended.map_or(Ok(()), |kind| Err(Error::new(kind)))?;
            let waits = || (Waits::Any(peers.all().to_vec()), None);
            self.shared.wait(self.mine(), seen, waits);
        }
    }

    /// A number that nothing else of the world has, the same on every rank.
    fn number(&self) -> Result<u64> {
        let first = if self.rank == 0 { self.shared.contexts(1) } else { 0 };
        collective::agree(self, first, &[])
    }

    /// A communicator of these members, by their ranks here.
    fn derived(&self, context: u64, members: &[usize]) -> Option<Self> {
        let rank = members.iter().position(|&member| member == self.rank)?;
        let members = members.iter().map(|&member| self.members[member]).collect();
        let shared = Arc::clone(&self.shared);
        let derived = Self { shared, context, members, rank, numbers: Rc::default(), tracer: None };
        Some(match &self.tracer {
            Some((tracer, _)) => derived.traced(Rc::clone(tracer)),
            None => derived,
        })
    }
}

// SAFETY: buffers go into promises, see `ThreadPending`, or are copied before the call comes back.
#[expect(unsafe_code, reason = "a promise about buffers")]
unsafe impl Communicator for ThreadComm {
    type Pending<'c> = ThreadPending<'c>;
    type Message<'c> = ThreadMessage<'c>;
    type Exposed<'c> = ThreadExposed<'c>;
    type Joint<'c> = ThreadJoint<'c>;
    type Handle = Self;

    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.members.len()
    }

    fn max_tag(&self) -> Tag {
        Tag::MAX / 2
    }

    fn start_send(&self, data: SendBuffer<'static>, address: Address) -> Result<ThreadPending<'_>> {
        let address = self.as_watched(address);
        let mut pending = if self.leave(data, address)? {
            let sent = Status::new(address.to, address.tag, data.count(), data.layout());
            ThreadPending::done(self, Ok(sent))
        } else {
            self.start_by_queue(data, address)?
        };
        pending.record_as(self.recorded_as(address.space));
        Ok(pending)
    }

    fn hand_over(&self, data: SendBuffer<'_>, address: Address) -> Result<()> {
        if self.tracer.is_some() {
            return self.hand_over_watched(data, address);
        }
        self.hand_over_as(data, address)
    }

    fn start_receive(&self, room: RecvBuffer<'static>, want: Want) -> Result<ThreadPending<'_>> {
        self.check()?;
        let mut pending = match self.mailbox().receive(self.pattern(want), room) {
            Ok((letter, mut room)) => {
                let message = ThreadMessage::new(&self.shared, letter);
                let result = message.receive_into(&mut room);
                ThreadPending::done(self, result)
            }
            Err(ticket) => ThreadPending::receiving(self, ticket, self.peers(want.from)),
        };
        pending.record_as(self.recorded_as(want.space));
        Ok(pending)
    }

    fn receive(&self, mut room: RecvBuffer<'_>, want: Want) -> Result<Status> {
        if self.tracer.is_some() {
            return self.receive_recorded(room, want);
        }
        self.check()?;
        if let Some(result) = self.look_for_short(&mut room, want) {
            return result.map_err(Error::from);
        }
        receive_within(room, |room| self.start_receive(room, want))
    }

    fn peek(&self, want: Want, wait: bool) -> Result<Option<Status>> {
        let pattern = self.pattern(want);
        let found = self.look(want, wait, |mailbox| mailbox.peek(&pattern));
        if let Ok(Some(status)) = &found {
            self.record(want.space, status);
        }
        found
    }

    fn take(&self, want: Want, wait: bool) -> Result<Option<ThreadMessage<'_>>> {
        let pattern = self.pattern(want);
        let letter = self.look(want, wait, |mailbox| mailbox.take(&pattern))?;
        if let Some(letter) = &letter {
            self.record(want.space, &letter.status());
        }
        Ok(letter.map(|letter| ThreadMessage::new(&self.shared, letter)))
    }

    fn next_collective(&self) -> u32 {
        let number = self.numbers.blocking.get();
        self.numbers.blocking.set(number.wrapping_add(1));
        self.record_number(u64::from(number));
        number
    }

    fn handle(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            members: Arc::clone(&self.members),
            numbers: Rc::clone(&self.numbers),
            tracer: self.tracer.clone(),
            ..*self
        }
    }

    fn next_nonblocking(&self) -> u64 {
        let number = self.numbers.nonblocking.get();
        self.numbers.nonblocking.set(number + 1);
        self.record_number(number);
        number
    }

    fn operation_panicked(&self, _: &str) {
        // What it says is kept, and told when the program of this rank has ended.
        self.shared.fail(self.mine());
    }

    fn wait_until(&self, is_done: &mut dyn FnMut() -> bool) {
        loop {
            let seen = self.mailbox().signal.now();
            self.shared.forget_wanted(self.mine());
            if is_done() {
                return;
            }
            self.shared.wait_for_own(self.mine(), seen);
        }
    }

    #[inline]
    fn is_observed(&self) -> bool {
        self.tracer.is_some()
    }

    #[inline]
    fn observe<R>(&self, call: &Call, body: impl FnOnce() -> Result<R>) -> Result<R> {
        // The body is in one place, so that it is inlined there: a call that nobody records costs nothing more.
        let traced = self.tracer.as_ref();
        let opened = traced.map(|(tracer, communicator)| tracer.enter(*communicator, call));
        let result = body();
        match opened {
            Some(opened) => opened.end(result),
            None => result,
        }
    }

    fn derive_shared(&self) -> Result<Self> {
        let all = (0..self.members.len()).collect();
        Ok(self.derive(&[all])?.expect("this rank is among all"))
    }

    fn expose(&self, data: SendBuffer<'_>) -> Result<ThreadExposed<'_>> {
        let region = Region::of(data.as_bytes()?);
        let (number, ranks) = (self.number()?, self.members.len());
        let exposure = self.shared.exposures.meet(number, ranks, || Exposure::new(ranks));
        ThreadExposed::new(self, number, exposure, region)
    }

    fn join(&self, data: SendBuffer<'_>) -> Result<ThreadJoint<'_>> {
        let region = Region::of(data.as_bytes()?);
        let (number, ranks) = (self.number()?, self.members.len());
        let parts = self.shared.joints.meet(number, ranks, || Parts::new(ranks));
        let seat = Seat::take(parts, self.rank, region).expect("each rank comes once");
        ThreadJoint::new(self, number, seat)
    }

    fn derive(&self, groups: &[Vec<usize>]) -> Result<Option<Self>> {
        let is_first = self.rank == 0;
        let first = if is_first { self.shared.contexts(groups.len() as u64) } else { 0 };
        let contexts = collective::agree(self, first, groups)?..;
        Ok(contexts.zip(groups).find_map(|(context, members)| self.derived(context, members)))
    }
}

impl fmt::Debug for ThreadComm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadComm")
            .field("rank", &self.rank)
            .field("size", &self.members.len())
            .field("context", &self.context)
            .finish()
    }
}
