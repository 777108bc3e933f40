//! MPI, from its start to its end.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use mpi::environment::Universe;
use tenfold_comm::{ErrorKind, Mode, RecvBuffer, Result, Status, Tracer, progress, untold_panic};

use crate::clocks::Clocks;
use crate::ends::Ends;
use crate::header::{Header, Kind};
use crate::inbox::{Content, Envelope, Fate, Inbox, Label, Letter, Pattern};
use crate::layouts::Layouts;
use crate::level::ThreadLevel;
use crate::memory::{Bytes, copied, fill};
use crate::part::Windows;
use crate::raw;
use crate::recording::{Recording, unreceived};
use crate::transport::Transport;

/// What all communicators of a process share.
pub(crate) struct Session {
    pub(crate) rank: usize,
    pub(crate) size: usize,
    pub(crate) transport: Transport,
    pub(crate) inbox: RefCell<Inbox>,
    pub(crate) layouts: Layouts,
    pub(crate) windows: Windows,
    ends: Ends,
    /// How often calls have looked in vain, as far as that counts.
    looks: Cell<u32>,
    /// The next context of those that this rank gives.
    contexts: Cell<u64>,
    pub(crate) clocks: Clocks,
    /// How many senders have not yet told of their messages that lie here when all have ended.
    untold: Cell<usize>,
    /// What the calls of this rank are recorded by, if they are.
    pub(crate) recording: OnceCell<Recording>,
    /// Ends MPI when it is dropped: after what `drop` does.
    _universe: Universe,
}

/// A rank that waits looks so many times without a pause; then it offers its core between two looks.
const LOOKS: u32 = 1000;

/// How long a rank that has ended waits for its sends when all others have ended too.
const PATIENCE: Duration = Duration::from_millis(250);

impl Session {
    /// Starts MPI.
    pub(crate) fn start(level: ThreadLevel) -> Result<Rc<Self>> {
        let universe = mpi::initialize_with_threading(level.into());
        let (universe, allowed) = universe.ok_or(ErrorKind::Started)?;
        level.check(allowed.into())?;
        raw::returns_errors(raw::world())?;
        let (rank, size) = (raw::rank()?, raw::size()?);
        let (headers, bodies) = (raw::duplicate(raw::world())?, raw::duplicate(raw::world())?);
        Ok(Rc::new(Self {
            rank,
            size,
            transport: Transport::new(headers, bodies, raw::max_tag()?)?,
            inbox: RefCell::default(),
            layouts: Layouts::default(),
            windows: Windows::default(),
            ends: Ends::of(size),
            looks: Cell::new(0),
            contexts: Cell::new(1),
            clocks: Clocks::default(),
            untold: Cell::new(0),
            recording: OnceCell::new(),
            _universe: universe,
        }))
    }

    /// The first of `count` contexts that nobody has, in the world.
    pub(crate) fn contexts(&self, count: u64) -> u64 {
        let first = self.contexts.get();
        self.contexts.set(first + count);
        (self.rank as u64) << 40 | first
    }

    fn tracer(&self) -> Option<&Tracer> {
        self.recording.get().map(|recording| &*recording.tracer)
    }

    /// Takes the next message that has come; whether there was one.
    fn step(&self) -> Result<bool> {
        self.step_or(|_, _| false)
    }

    /// The same, and offers it to `last` where no receive in the inbox wants it.
    fn step_or(&self, last: impl FnOnce(&Envelope, &Bytes) -> bool) -> Result<bool> {
        let next = self.transport.next(|header, sender, bytes| match header.kind {
            Kind::Ask => self.answer(sender),
            Kind::End => {
                self.ends.hear(sender);
                Ok(())
            }
            Kind::Time => {
                self.clocks.hear_time(header);
                Ok(())
            }
            Kind::Reading => {
                self.clocks.hear_reading(header);
                Ok(())
            }
            Kind::Left => self.tell_left(sender, header),
            Kind::Told => {
                self.untold.set(self.untold.get() - 1);
                Ok(())
            }
            Kind::Whole | Kind::Body => self.deliver(header, sender, bytes, last),
        })?;
        let Some(delivered) = next else { return Ok(false) };
        if let Some(tracer) = self.tracer() {
            tracer.moves();
        }
        delivered.map(|()| true)
    }

    /// Takes what comes until that is it. It does not sleep.
    pub(crate) fn until<R>(&self, found: impl Fn() -> Option<R>) -> Result<R> {
        let mut looks = 0;
        loop {
            if let Some(found) = found() {
                return Ok(found);
            }
            if !self.step()? {
                looks = rested(looks);
            }
        }
    }

    /// Takes all that has come.
    pub(crate) fn progress(&self) -> Result<()> {
        while self.step()? {}
        Ok(())
    }

    /// Hands a message to the first receive that wants it, or to `last` if it is whole, or leaves it in the inbox.
    fn deliver(
        &self,
        header: Header,
        sender: usize,
        bytes: &Bytes,
        last: impl FnOnce(&Envelope, &Bytes) -> bool,
    ) -> Result<()> {
        let Header { stream, from, tag, count, body, .. } = header;
        let envelope = Envelope {
            label: Label { stream, from: from as usize, sender, tag },
            count: count as usize,
            bytes: header.bytes as usize,
            layout: header.layout,
        };
        let mut inbox = self.inbox.borrow_mut();
        let is_whole = header.kind == Kind::Whole;
        let Some(posted) = inbox.receiver(&envelope.label) else {
            if is_whole && last(&envelope, bytes) {
                return Ok(());
            }
            let content =
                if is_whole { Content::Whole(copied(bytes)) } else { Content::Body(body) };
            inbox.leave(Letter { envelope, content });
            return Ok(());
        };
        let mut room = posted.room;
        let fate = if is_whole {
            Fate::Done(self.copy(&envelope, bytes, &mut room))
        } else {
            // Who waits for it is told, and nobody else.
            let fate = self.fetch(&envelope, body, &mut room);
            fate.unwrap_or_else(|error| Fate::Done(Err(error.kind())))
        };
        inbox.settle(posted.number, fate);
        Ok(())
    }

    /// Copies a message to a buffer, if it fits.
    fn copy(
        &self,
        envelope: &Envelope,
        bytes: &Bytes,
        room: &mut RecvBuffer<'_>,
    ) -> Result<Status, ErrorKind> {
        let status = envelope.check(room, &self.layouts)?;
        // SAFETY: the sender's layout is that of the buffer, just checked.
        unsafe { fill(room, bytes) };
        Ok(status)
    }

    /// Receives a message that comes whole, or waits until one lies in the inbox, and gives `None`. For a call
    /// during which nobody can post a receive: so its own needs no place among them.
    pub(crate) fn receive(
        &self,
        pattern: &Pattern,
        room: &mut RecvBuffer<'_>,
        peers: &[usize],
    ) -> Result<Result<Option<Status>, ErrorKind>> {
        let met = Cell::new(None);
        let mut take = |envelope: &Envelope, bytes: &Bytes| {
            let takes = pattern.takes(&envelope.label);
            if takes {
                met.set(Some(self.copy(envelope, bytes, room)));
            }
            takes
        };
        let look = || match met.take() {
            Some(result) => Some(result.map(Some)),
            None => self.inbox.borrow().peek(pattern).map(|_| Ok(None)),
        };
        let waited = self.wait_by(peers, || Ok(look()), || self.step_or(&mut take))?;
        Ok(waited.flatten())
    }

    /// Has MPI bring a body to a buffer, if it fits.
    fn fetch(
        &self,
        envelope: &Envelope,
        body: u32,
        room: &mut RecvBuffer<'static>,
    ) -> Result<Fate> {
        let from = (envelope.label.sender, body);
        match envelope.check(room, &self.layouts) {
            Ok(status) => {
                let request = self.transport.fetch(room, envelope.count, from)?;
                Ok(Fate::Moving(request, status))
            }
            Err(kind) => {
                self.transport.throw_away((envelope.count, envelope.bytes), from)?;
                Ok(Fate::Done(Err(kind)))
            }
        }
    }

    /// Receives a message that lay in the inbox.
    pub(crate) fn open(&self, letter: Letter, room: &mut RecvBuffer<'static>) -> Result<Fate> {
        let Letter { envelope, content } = letter;
        match content {
            Content::Whole(bytes) => Ok(Fate::Done(self.copy(&envelope, &bytes, room))),
            Content::Own(bytes, number) => {
                if !self.met(number, &envelope) {
                    return Ok(Fate::Done(Err(ErrorKind::Cancelled)));
                }
                Ok(Fate::Done(self.copy(&envelope, &bytes, room)))
            }
            Content::Body(body) => self.fetch(&envelope, body, room),
        }
    }

    /// Throws a message away.
    pub(crate) fn drop_letter(&self, letter: Letter) -> Result<()> {
        let Letter { envelope, content } = letter;
        match content {
            Content::Whole(_) => Ok(()),
            Content::Own(_, number) => {
                self.met(number, &envelope);
                Ok(())
            }
            Content::Body(body) => {
                let size = (envelope.count, envelope.bytes);
                self.transport.throw_away(size, (envelope.label.sender, body))
            }
        }
    }

    /// Lets this rank's send to itself be done, unless it was taken back since the message was probed.
    fn met(&self, number: usize, envelope: &Envelope) -> bool {
        let mut inbox = self.inbox.borrow_mut();
        if matches!(inbox.fate(number), Fate::Revoked) {
            inbox.close(number);
            return false;
        }
        inbox.settle(number, Fate::Done(Ok(envelope.status(&self.layouts))));
        true
    }

    /// A message of this rank to itself: to the receive that wants it, or to the inbox. Gives the
    /// number of who waits until it is received, if it is synchronous.
    pub(crate) fn keep(
        &self,
        envelope: Envelope,
        bytes: &Bytes,
        mode: Mode,
    ) -> Result<Option<usize>, ErrorKind> {
        let mut inbox = self.inbox.borrow_mut();
        if let Some(mut posted) = inbox.receiver(&envelope.label) {
            let result = self.copy(&envelope, bytes, &mut posted.room);
            inbox.settle(posted.number, Fate::Done(result));
            return Ok(None);
        }
        let (content, number) = match mode {
            Mode::Ready => {
                let Label { from: to, tag, .. } = envelope.label;
                return Err(ErrorKind::NotReady { to, tag });
            }
            Mode::Synchronous => {
                let number = inbox.open();
                (Content::Own(copied(bytes), number), Some(number))
            }
            Mode::Standard | Mode::Buffered => (Content::Whole(copied(bytes)), None),
        };
        inbox.leave(Letter { envelope, content });
        Ok(number)
    }

    /// What is known of the first message in the inbox that is wanted.
    pub(crate) fn peek(&self, pattern: &Pattern) -> Option<Status> {
        let envelope = self.inbox.borrow().peek(pattern)?;
        Some(envelope.status(&self.layouts))
    }

    /// Looks until there is an answer, or none can come of these ranks of the world.
    pub(crate) fn wait<R>(
        &self,
        peers: &[usize],
        look: impl FnMut() -> Result<Option<R>>,
    ) -> Result<Result<R, ErrorKind>> {
        self.wait_by(peers, look, || self.step())
    }

    /// The same, by steps of the caller's.
    fn wait_by<R>(
        &self,
        peers: &[usize],
        mut look: impl FnMut() -> Result<Option<R>>,
        mut step: impl FnMut() -> Result<bool>,
    ) -> Result<Result<R, ErrorKind>> {
        let is_own = peers == [self.rank];
        let tracer = self.tracer();
        let _watched = tracer.map(Looking);
        let mut looks = 0;
        loop {
            // Asked first: what has ended has sent all that it will, and that is in the inbox.
            let ended = self.ended(peers);
            if let Some(answer) = look()? {
                return Ok(Ok(answer));
            }
            if is_own {
                return Ok(Err(ErrorKind::SelfReceive { rank: self.rank }));
            }
            if let Some(kind) = ended {
                return Ok(Err(kind));
            }
            // Not all that has come: who has what he waits for goes on.
            if step()? {
                looks = 0;
            } else {
                if let Some(Err(kind)) = tracer.map(|tracer| tracer.looks(Some(peers))) {
                    return Ok(Err(kind));
                }
                looks = rested(looks);
                self.transport.tidy();
                if looks == LOOKS {
                    self.ask(peers)?;
                }
            }
            if let Some(tracer) = tracer {
                tracer.forget_wanted();
            }
            progress();
        }
    }

    /// Looks until this is done, which drives what is open.
    pub(crate) fn rest_until(&self, is_done: &mut dyn FnMut() -> bool) {
        let tracer = self.tracer();
        let _watched = tracer.map(Looking);
        let mut looks = 0;
        while !is_done() {
            if let Some(tracer) = tracer {
                // Those that want something are told that it cannot come.
                let _ = tracer.looks(None);
                tracer.forget_wanted();
            }
            looks = rested(looks);
        }
    }

    /// Who has ended, if all of these have; this rank itself, which asks, does not count beside others.
    pub(crate) fn ended(&self, peers: &[usize]) -> Option<ErrorKind> {
        if !self.ends.any() {
            return None;
        }
        let mut others = peers.iter().copied().filter(|&rank| rank != self.rank).peekable();
        let rank = *others.peek()?;
        others.all(|rank| self.ends.has_ended(rank)).then_some(ErrorKind::RankEnded { rank })
    }

    /// Has one of these that may still be at work tell when it has ended: they are waited for until all have.
    fn ask(&self, peers: &[usize]) -> Result<()> {
        let mut others = peers.iter().copied().filter(|&rank| rank != self.rank);
        let other = others.find(|&rank| !self.ends.has_ended(rank));
        match other.filter(|&rank| self.ends.ask(rank)) {
            Some(to) => self.transport.send(to, Header::alone(Kind::Ask), &[]),
            None => Ok(()),
        }
    }

    /// As `ask`, for who looks again and again: not before many such looks.
    pub(crate) fn looked_in_vain(&self, peers: &[usize]) -> Result<()> {
        let looks = self.looks.get();
        if looks < LOOKS {
            self.looks.set(looks + 1);
            return Ok(());
        }
        self.ask(peers)
    }

    /// Tells a rank that this one has ended, when it has.
    fn answer(&self, to: usize) -> Result<()> {
        if self.ends.note(to) {
            self.transport.send(to, Header::alone(Kind::End), &[])
        } else {
            Ok(())
        }
    }

    /// Waits until all ranks have ended, and what others still receive of this one is sent.
    fn end(&self) -> Result<()> {
        // Before the others hear of the end: their senders wait.
        while !self.transport.discards.look() {
            self.progress()?;
            thread::yield_now();
        }
        let askers = self.ends.end();
        let is_checked = self.tracer().is_some();
        let others = || (0..self.size).filter(|&rank| rank != self.rank);
        for to in if is_checked { others().collect() } else { askers } {
            self.transport.send(to, Header::alone(Kind::End), &[])?;
        }
        // The others are there to be asked until this rank comes to the barrier.
        while self.rank == 0 && self.tracer().is_some_and(|tracer| tracer.is_asked()) {
            self.progress()?;
            thread::sleep(Duration::from_micros(50));
        }
        // Of a rank that has told of its end all has come that it has sent.
        self.meet(|| !is_checked || others().all(|rank| self.ends.has_ended(rank)))?;
        if let Some(recording) = self.recording.get() {
            self.close(recording)?;
        }
        let since = Instant::now();
        while !self.transport.orphans.look() && since.elapsed() < PATIENCE {
            self.progress()?;
            thread::yield_now();
        }
        self.windows.end()
    }
}

impl Session {
    /// Waits until all ranks come to this, and for more.
    fn meet(&self, is_more: impl Fn() -> bool) -> Result<()> {
        let mut all = self.transport.start_barrier()?;
        while !(raw::is_done(&mut all)? && is_more()) {
            self.progress()?;
            self.transport.orphans.look();
            self.transport.discards.look();
            thread::sleep(Duration::from_micros(50));
        }
        Ok(())
    }

    /// Says what is known when all have ended.
    fn close(&self, recording: &Recording) -> Result<()> {
        let left = unreceived(&self.inbox.borrow());
        for (sender, header) in left {
            if sender == self.rank {
                recording.tell_unreceived(sender, self.rank, header);
            } else {
                self.untold.set(self.untold.get() + 1);
                self.transport.send(sender, header, &[])?;
            }
        }
        recording.read_clock(self)?;
        self.until(|| (self.untold.get() == 0).then_some(()))?;
        // Who has nothing to ask is asked.
        self.meet(|| true)
    }

    /// Says that messages of this rank lie at another.
    fn tell_left(&self, to: usize, header: Header) -> Result<()> {
        if let Some(recording) = self.recording.get() {
            recording.tell_unreceived(self.rank, to, header);
        }
        self.transport.send(to, Header::alone(Kind::Told), &[])
    }
}

/// A rank that looks for something, until this is dropped.
struct Looking<'a>(&'a Tracer);

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.wakes();
    }
}

/// Offers the core, after so many looks; how many they are with this one.
fn rested(looks: u32) -> u32 {
    if looks < LOOKS {
        return looks + 1;
    }
    thread::yield_now();
    looks
}

impl Drop for Session {
    fn drop(&mut self) {
        if thread::panicking() {
            // The panic has said why. To end MPI would wait for ranks that may wait for this one.
            raw::abort(format_args!("rank {} panicked", self.rank));
        }
        if let Some(message) = untold_panic() {
            raw::abort(format_args!("rank {} panicked: {message}", self.rank));
        }
        if let Err(error) = self.end() {
            raw::abort(format_args!("rank {} cannot end: {error:#}", self.rank));
        }
        self.transport.end();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("rank", &self.rank)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
