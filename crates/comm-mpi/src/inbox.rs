//! Where messages and receives meet.
//!
//! MPI could match them itself. But a receive whose message is too long for it is more than an error in some
//! of its implementations: Open MPI 4.1.4 writes what is too long behind the buffer. So MPI is asked for
//! a message when its size is known.

use std::collections::VecDeque;

use tenfold_comm::{ErrorKind, Layout, RecvBuffer, Source, Status, Tag, Tags};

use crate::layouts::Layouts;
use crate::memory::Bytes;

/// What has come to this rank, and what it waits for, of all communicators.
///
/// Both queues are in the order of arrival and are searched from the front. So messages of one sender do not
/// overtake each other, and no message lies here while a receive waits that wants it.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    arrived: VecDeque<Letter>,
    posted: VecDeque<Posted>,
    /// What has become of what is open, by its number.
    fates: Vec<Fate>,
    /// Numbers that nobody has.
    free: Vec<usize>,
}

/// What a message is known by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label {
    pub(crate) stream: [u64; 2],
    pub(crate) from: usize,
    /// By its rank in the world.
    pub(crate) sender: usize,
    pub(crate) tag: Tag,
}

/// What is known of a message before its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    pub(crate) label: Label,
    pub(crate) count: usize,
    pub(crate) bytes: usize,
    /// The number of the layout.
    pub(crate) layout: u64,
}

/// A message that nobody has waited for.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) envelope: Envelope,
    pub(crate) content: Content,
}

/// Where a message's bytes are.
#[derive(Debug)]
pub(crate) enum Content {
    /// Here.
    Whole(Box<Bytes>),
    /// Here, and its sender, this rank, waits until they are taken: the number of its fate.
    Own(Box<Bytes>, usize),
    /// At the sender's, under this tag.
    Body(u32),
}

/// What a receive asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    pub(crate) stream: [u64; 2],
    pub(crate) from: Source,
    pub(crate) tag: Tags,
}

/// A receive that waits.
#[derive(Debug)]
pub(crate) struct Posted {
    pattern: Pattern,
    pub(crate) room: RecvBuffer<'static>,
    pub(crate) number: usize,
}

/// What has become of something open.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// Nothing yet.
    Open,
    /// MPI brings the body.
    Moving(mpi::ffi::MPI_Request, Status),
    /// It is done.
    Done(Result<Status, ErrorKind>),
    /// A send of this rank to itself was taken back while somebody has its message.
    Revoked,
}

impl Pattern {
    pub(crate) fn takes(&self, label: &Label) -> bool {
        self.stream == label.stream && self.from.takes(label.from) && self.tag.takes(label.tag)
    }
}

impl Envelope {
    /// What is known of it. Of what has a layout that this rank has never used: bytes.
    pub(crate) fn status(&self, layouts: &Layouts) -> Status {
        let Label { from, tag, .. } = self.label;
        match layouts.layout(self.layout) {
            Some(layout) => Status::new(from, tag, self.count, layout),
            None => Status::new(from, tag, self.bytes, Layout::UNKNOWN),
        }
    }

    /// Whether it fits in a buffer, and what it comes to there.
    pub(crate) fn check(
        &self,
        room: &RecvBuffer<'_>,
        layouts: &Layouts,
    ) -> Result<Status, ErrorKind> {
        let Label { from, tag, .. } = self.label;
        let expected = room.layout();
        if self.layout != layouts.number(expected) {
            let sent = layouts.layout(self.layout).unwrap_or(Layout::UNKNOWN);
            return Err(ErrorKind::Type { sent, expected, from, tag });
        }
        let (sent, room) = (self.count, room.count());
        if sent > room {
            return Err(ErrorKind::Truncated { sent, room, from, tag });
        }
        Ok(Status::new(from, tag, sent, expected))
    }
}

/// Where the first stands that is meant. Mostly there are none, and this is asked for each message.
#[inline]
fn first<T>(queue: &VecDeque<T>, is_meant: impl FnMut(&T) -> bool) -> Option<usize> {
    if queue.is_empty() { None } else { queue.iter().position(is_meant) }
}

impl Inbox {
    /// The first receive that wants this message.
    pub(crate) fn receiver(&mut self, label: &Label) -> Option<Posted> {
        let at = first(&self.posted, |posted| posted.pattern.takes(label))?;
        self.posted.remove(at)
    }

    /// Leaves a message that nobody waits for.
    pub(crate) fn leave(&mut self, letter: Letter) {
        self.arrived.push_back(letter);
    }

    /// What is known of the first message that is wanted.
    pub(crate) fn peek(&self, pattern: &Pattern) -> Option<Envelope> {
        let at = first(&self.arrived, |letter| pattern.takes(&letter.envelope.label))?;
        Some(self.arrived[at].envelope)
    }

    /// The first message that is wanted.
    pub(crate) fn take(&mut self, pattern: &Pattern) -> Option<Letter> {
        let at = first(&self.arrived, |letter| pattern.takes(&letter.envelope.label))?;
        self.arrived.remove(at)
    }

    /// What nobody has waited for.
    pub(crate) fn left(&self) -> impl Iterator<Item = &Envelope> {
        self.arrived.iter().map(|letter| &letter.envelope)
    }

    /// Lets a receive wait, under a number.
    pub(crate) fn post(&mut self, pattern: Pattern, room: RecvBuffer<'static>) -> usize {
        let number = self.open();
        self.posted.push_back(Posted { pattern, room, number });
        number
    }

    /// A number for something open.
    pub(crate) fn open(&mut self) -> usize {
        if let Some(number) = self.free.pop() {
            self.fates[number] = Fate::Open;
            return number;
        }
        self.fates.push(Fate::Open);
        self.fates.len() - 1
    }

    pub(crate) fn settle(&mut self, number: usize, fate: Fate) {
        self.fates[number] = fate;
    }

    pub(crate) fn fate(&self, number: usize) -> Fate {
        self.fates[number]
    }

    /// Frees a number whose fate was told.
    pub(crate) fn close(&mut self, number: usize) {
        self.free.push(number);
    }

    /// Takes back what waits here under this number; `false` if it was met.
    pub(crate) fn withdraw(&mut self, number: usize) -> bool {
        let posted = self.posted.iter().position(|posted| posted.number == number);
        let posted = posted.and_then(|at| self.posted.remove(at));
        let is_it =
            |letter: &Letter| matches!(letter.content, Content::Own(_, own) if own == number);
        let letter = self.arrived.iter().position(is_it);
        let letter = letter.and_then(|at| self.arrived.remove(at));
        posted.is_some() || letter.is_some()
    }
}
