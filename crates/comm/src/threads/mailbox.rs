//! Where messages and receives meet.

use std::collections::VecDeque;

use super::promise::{Offer, Room, Ticket};
use super::signal::Signal;
use crate::memory::{Packed, RecvBuffer, SendBuffer};
use crate::sync::{AtomicBool, Mutex};
use crate::{ErrorKind, Mode, Source, Status, Tag, Tags};

/// Up to so many bytes a message that nobody waits for is copied, and its sender goes on. Beyond, the
/// sender waits, and the message is copied once. The second copy of so few stays in the first cache, and the
/// lock is held for it.
pub(super) const EAGER_BYTES: usize = 4096;

/// What comes to one rank, of all communicators.
///
/// Both queues are in the order of arrival and are searched from the front, under one lock. So messages
/// of one sender do not overtake each other, and no message lies here while a receive waits that wants it.
/// Buffers are copied outside the lock, but for small ones that are put aside.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Mailbox {
    queues: Mutex<Queues>,
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
    pub(super) fn new() -> Self {
        Self {
            queues: Mutex::new(Queues::default()),
            signal: Signal::new(),
            has_ended: AtomicBool::new(false),
        }
    }

    /// Hands a message to the first receive that wants it, or leaves it here.
    pub(super) fn send(&self, label: Label, data: SendBuffer<'static>, mode: Mode) -> Sent {
        let copied = mode == Mode::Buffered && data.bytes() > EAGER_BYTES;
        let copied = copied.then(|| Packed::of(data));
        let mut queues = self.queues.lock();
        let waiting = queues.posted.iter().position(|posted| posted.pattern.takes(&label));
        if let Some(posted) = waiting.and_then(|at| queues.posted.remove(at)) {
            drop(queues);
            posted.room.fill(data, label.from, label.tag);
            self.signal.raise();
            return Sent::Done;
        }
        let is_small = data.bytes() <= EAGER_BYTES;
        let (payload, sent) = match mode {
            Mode::Ready => return Sent::NotReady,
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

    /// The first message that a receive asks for, or the receive's place in the queue.
    pub(super) fn receive(
        &self,
        pattern: Pattern,
        room: RecvBuffer<'static>,
    ) -> Result<(Letter, RecvBuffer<'static>), Ticket> {
        let mut queues = self.queues.lock();
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
        let queues = self.queues.lock();
        queues.arrived.iter().find(|letter| pattern.takes(&letter.label)).map(Letter::status)
    }

    /// The first message that a receive would take.
    pub(super) fn take(&self, pattern: &Pattern) -> Option<Letter> {
        self.queues.lock().take(pattern)
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
    fn take(&mut self, pattern: &Pattern) -> Option<Letter> {
        let at = self.arrived.iter().position(|letter| pattern.takes(&letter.label))?;
        self.arrived.remove(at)
    }
}
