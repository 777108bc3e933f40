//! Where messages and receives meet.

use std::collections::VecDeque;

use super::promise::{Offer, Room, Ticket};
use super::signal::{Patience, Signal};
use crate::memory::{Line, Packed, RecvBuffer, SendBuffer};
use crate::sync::{AtomicBool, Mutex, MutexGuard};
use crate::{ErrorKind, Mode, Source, Space, Status, Tag, Tags};

/// Up to so many bytes a message that nobody waits for is copied, and its sender goes on. Beyond, the
/// sender waits, and the message is copied once. The second copy of so few stays in the first cache, and the
/// lock is held for it.
pub(super) const EAGER_BYTES: usize = 4096;

/// Worlds of so many ranks have lines: half a megabyte of them.
const RANKS_WITH_LINES: usize = 64;

/// What comes to one rank, of all communicators.
///
/// A small message goes by its sender's line, if that is empty: the rank takes in what is there
/// whenever it looks or waits. Whoever has the lock may take in, so that a sender that goes by the queues puts
/// there first what it has left in its line. All else goes by the queues.
///
/// Both queues are in the order of arrival and are searched from the front, under one lock. So messages
/// of one sender do not overtake each other, and no message lies here while a receive waits that wants it.
/// Buffers are copied outside the lock, but for small ones that are put aside.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Mailbox {
    queues: Mutex<Queues>,
    /// One for each sender, or none at all. What is in a line is newer than what is in the queues.
    lines: Box<[Line<Short>]>,
    /// Raised whenever something has happened that the rank may wait for.
    pub(super) signal: Signal,
    /// Whether the rank has ended. What it has sent was delivered before.
    pub(super) has_ended: AtomicBool,
}

#[derive(Debug, Default)]
struct Queues {
    /// Messages for which no receive was there.
    arrived: VecDeque<Letter>,
    /// Receives for which no message was there.
    posted: VecDeque<Posted>,
}

/// What a message is known by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    /// That of a communicator.
    pub(super) stream: [u64; 2],
    pub(super) from: usize,
    /// By its rank in the world: its signal is raised when it need not wait any more.
    pub(super) sender: usize,
    pub(super) tag: Tag,
}

/// A label in a line, whose place says who sends: 24 bytes.
#[derive(Clone, Copy, Debug)]
struct Short {
    stream: [u64; 2],
    from: u32,
    tag: Tag,
}

/// What a receive asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern {
    pub(super) stream: [u64; 2],
    pub(super) from: Source,
    pub(super) tag: Tags,
}

/// A message that has arrived.
#[derive(Debug)]
pub(super) struct Letter {
    label: Label,
    payload: Payload,
}

/// A message that nobody has received, between ranks of the world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) tag: Tag,
    pub(super) communicator: u64,
    pub(super) bytes: usize,
}

#[derive(Debug)]
enum Payload {
    Packed(Packed),
    Offer(Offer),
}

#[derive(Debug)]
struct Posted {
    pattern: Pattern,
    room: Room,
}

/// What has become of a message that was sent.
#[derive(Debug)]
pub(super) enum Sent {
    /// The sender can go on.
    Done,
    /// The sender waits for its receiver.
    Offered(Ticket),
    /// Nobody waits for it, as it would have to be.
    NotReady,
}

impl Short {
    fn label(self, sender: usize) -> Label {
        let Self { stream, from, tag } = self;
        Label { stream, from: from as usize, sender, tag }
    }
}

impl Pattern {
    fn takes(&self, label: &Label) -> bool {
        self.stream == label.stream && self.from.takes(label.from) && self.tag.takes(label.tag)
    }
}

impl Letter {
    pub(super) fn status(&self) -> Status {
        let data = match &self.payload {
            Payload::Packed(packed) => packed.as_buffer(),
            Payload::Offer(offer) => offer.data(),
        };
        Status::new(self.label.from, self.label.tag, data.count(), data.layout())
    }

    /// Whether it is still there to be received. From then on its sender waits for the copy.
    pub(super) fn claim(&self) -> bool {
        match &self.payload {
            Payload::Packed(_) => true,
            Payload::Offer(offer) => offer.claim(),
        }
    }

    /// The rank in the world that has sent it.
    pub(super) fn sender(&self) -> usize {
        self.label.sender
    }

    /// Whether its sender waits.
    pub(super) fn is_offer(&self) -> bool {
        matches!(self.payload, Payload::Offer(_))
    }

    pub(super) fn receive(self, room: &mut RecvBuffer<'_>) -> Result<Status, ErrorKind> {
        let Label { from, tag, .. } = self.label;
        match self.payload {
            Payload::Packed(packed) => room.fill(packed.as_buffer(), from, tag),
            Payload::Offer(offer) => offer.take(room, from, tag),
        }
    }
}

impl Mailbox {
    /// One of so many.
    pub(super) fn new(ranks: usize) -> Self {
        let lines = if ranks <= RANKS_WITH_LINES { ranks } else { 0 };
        Self {
            queues: Mutex::new(Queues::default()),
            lines: (0..lines).map(|_| Line::new()).collect(),
            signal: Signal::new(),
            has_ended: AtomicBool::new(false),
        }
    }

    /// Hands a message that did not go by a line to the first receive that wants it, or leaves it here.
    pub(super) fn send(&self, label: Label, data: SendBuffer<'static>, mode: Mode) -> Sent {
        let copied = mode == Mode::Buffered && data.bytes() > EAGER_BYTES;
        let copied = copied.then(|| Packed::of(data));
        let mut queues = self.queues.lock();
        // Before this one, what went before it.
        let before =
            self.lines.get(label.sender).is_some_and(|line| queues.take_in(label.sender, line));
        if let Some(posted) = queues.posted_for(&label) {
            drop(queues);
            posted.room.fill(data, label.from, label.tag);
            self.signal.raise();
            return Sent::Done;
        }
        let is_small = data.bytes() <= EAGER_BYTES;
        let (payload, sent) = match mode {
            Mode::Ready => {
                drop(queues);
                if before {
                    self.signal.raise();
                }
                return Sent::NotReady;
            }
            Mode::Standard | Mode::Buffered if is_small => {
                (Payload::Packed(Packed::of(data)), Sent::Done)
            }
            Mode::Buffered => {
                (Payload::Packed(copied.unwrap_or_else(|| Packed::of(data))), Sent::Done)
            }
            Mode::Standard | Mode::Synchronous => {
                let (offer, ticket) = Offer::new(data);
                (Payload::Offer(offer), Sent::Offered(ticket))
            }
        };
        queues.arrived.push_back(Letter { label, payload });
        drop(queues);
        self.signal.raise();
        sent
    }

    /// Leaves a small message in its sender's line, if that is empty and nobody has to be waited for.
    pub(super) fn leave(&self, label: &Label, data: SendBuffer<'_>, mode: Mode) -> bool {
        if !matches!(mode, Mode::Standard | Mode::Buffered) {
            return false;
        }
        let Some(line) = self.lines.get(label.sender) else { return false };
        let Ok(from) = u32::try_from(label.from) else { return false };
        let is_left = line.put(Short { stream: label.stream, from, tag: label.tag }, data);
        if is_left {
            self.signal.nudge();
        }
        is_left
    }

    /// Whether something lies in a line.
    pub(super) fn has_mail(&self) -> bool {
        self.lines.iter().any(Line::is_full)
    }

    /// Receives what lies in a line, if nothing is here that may be older. For the rank itself, as `open`.
    pub(super) fn receive_short(
        &self,
        pattern: &Pattern,
        room: &mut RecvBuffer<'_>,
    ) -> Option<Result<Status, ErrorKind>> {
        let queues = self.queues.lock();
        if !queues.arrived.is_empty() || !queues.posted.is_empty() {
            return None;
        }
        self.lines.iter().enumerate().find_map(|(sender, line)| {
            let wants = |short: Short| pattern.takes(&short.label(sender));
            line.take(wants, |short, data| room.fill(data, short.from as usize, short.tag))
        })
    }

    /// Whether nothing has happened to the rank since its signal was `seen`. For those who look on.
    pub(super) fn is_still(&self, seen: u32) -> bool {
        self.signal.now() == seen && !self.has_mail()
    }

    /// What programs have sent to this rank, which is `to`, and it has not received. For when all have ended.
    pub(super) fn left(&self, to: usize) -> Vec<Left> {
        let queues = self.open();
        let letters = queues.arrived.iter();
        let left = letters.filter_map(|letter| {
            let Label { stream, sender: from, tag, .. } = letter.label;
            let communicator = Space::Program.communicator(stream)?;
            Some(Left { from, to, tag, communicator, bytes: letter.status().bytes() })
        });
        left.collect()
    }

    /// Puts what lies in the lines where it belongs. For the rank itself, as `open`.
    pub(super) fn take_in(&self) {
        if self.has_mail() {
            drop(self.open());
        }
    }

    /// The queues, with what has come. For the rank itself: others would have to tell it.
    fn open(&self) -> MutexGuard<'_, Queues> {
        let mut queues = self.queues.lock();
        let mut has_come = false;
        for (sender, line) in self.lines.iter().enumerate() {
            has_come |= queues.take_in(sender, line);
        }
        // What drives a collective, before it waits for something else, may take in just that.
        if has_come {
            self.signal.raise();
        }
        queues
    }

    /// Waits until the signal is no longer as it was `seen`, or something was taken in.
    pub(super) fn wait(&self, seen: u32, patience: Patience) {
        self.signal.wait(seen, patience, || self.has_mail());
        self.take_in();
    }

    /// The first message that a receive asks for, or the receive's place in the queue.
    pub(super) fn receive(
        &self,
        pattern: Pattern,
        room: RecvBuffer<'static>,
    ) -> Result<(Letter, RecvBuffer<'static>), Ticket> {
        let mut queues = self.open();
        if let Some(letter) = queues.take(&pattern) {
            // Under the lock: a sender that does not find it here finds it claimed. Nobody has before.
            letter.claim();
            return Ok((letter, room));
        }
        let (room, ticket) = Room::new(room);
        queues.posted.push_back(Posted { pattern, room });
        Err(ticket)
    }

    /// What is known of the first message that a receive would take.
    pub(super) fn peek(&self, pattern: &Pattern) -> Option<Status> {
        let queues = self.open();
        queues.arrived.iter().find(|letter| pattern.takes(&letter.label)).map(Letter::status)
    }

    /// The first message that a receive would take.
    pub(super) fn take(&self, pattern: &Pattern) -> Option<Letter> {
        self.open().take(pattern)
    }

    /// Takes back what waits here under this ticket; `false` if it is not here any more.
    pub(super) fn withdraw(&self, ticket: &Ticket) -> bool {
        let mut queues = self.queues.lock();
        let posted = queues.posted.iter().position(|posted| posted.room.is_of(ticket));
        let posted = posted.and_then(|at| queues.posted.remove(at));
        let is_it = |letter: &Letter| matches!(&letter.payload, Payload::Offer(offer) if offer.is_of(ticket));
        let letter = queues.arrived.iter().position(is_it);
        let letter = letter.and_then(|at| queues.arrived.remove(at));
        posted.is_some() || letter.is_some()
    }
}

impl Queues {
    /// Takes the message out of a line, if there is one, and hands it on.
    fn take_in(&mut self, sender: usize, line: &Line<Short>) -> bool {
        let hand_on = |short: Short, data: SendBuffer<'_>| {
            let label = short.label(sender);
            match self.posted_for(&label) {
                Some(posted) => posted.room.fill(data, label.from, label.tag),
                None => {
                    let payload = Payload::Packed(Packed::of(data));
                    self.arrived.push_back(Letter { label, payload });
                }
            }
        };
        line.take(|_| true, hand_on).is_some()
    }

    /// The first receive that wants this message, which waits no longer.
    fn posted_for(&mut self, label: &Label) -> Option<Posted> {
        let at = self.posted.iter().position(|posted| posted.pattern.takes(label))?;
        self.posted.remove(at)
    }

    fn take(&mut self, pattern: &Pattern) -> Option<Letter> {
        let at = self.arrived.iter().position(|letter| pattern.takes(&letter.label))?;
        self.arrived.remove(at)
    }
}
