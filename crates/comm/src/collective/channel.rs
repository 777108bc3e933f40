//! What the messages of one collective go through.

use std::cell::OnceCell;

use crate::memory::{receive_within, send_meanwhile, send_within};
use crate::{
    Address, CallKind, Communicator, Element, Error, ErrorKind, Mode, Result, Source, Space,
    Status, Tag, Tags, Want,
};

/// The messages of one collective of one kind, root and number. What comes from another is an error.
pub(super) struct Channel<'c, C> {
    pub(super) comm: &'c C,
    pub(super) rank: usize,
    pub(super) size: usize,
    kind: CallKind,
    root: usize,
    /// Numbered by the first message: a call that is refused before has not taken place, and can be made
    /// again.
    tag: OnceCell<Tag>,
}

impl<'c, C: Communicator> Channel<'c, C> {
    pub(super) fn new(comm: &'c C, kind: CallKind, root: usize) -> Result<Self> {
        let (rank, size) = (comm.rank(), comm.size());
        if root >= size {
            return Err(ErrorKind::Rank { argument: "root", rank: root, size }.into());
        }
        Ok(Self { comm, rank, size, kind, root, tag: OnceCell::new() })
    }

    pub(super) fn is_root(&self) -> bool {
        self.rank == self.root
    }

    pub(super) fn root(&self) -> usize {
        self.root
    }

    fn tag(&self) -> Tag {
        *self.tag.get_or_init(|| self.kind.tag(self.root, self.comm.next_collective()))
    }

    fn address(&self, to: usize) -> Address {
        Address { to, tag: self.tag(), mode: Mode::Standard, space: Space::Collective }
    }

    pub(super) fn send<T: Element>(&self, data: &[T], to: usize) -> Result<()> {
        let start = |data| self.comm.start_send(data, self.address(to));
        send_within(data.into(), start).map(drop)
    }

    /// Receives as many elements as there is room for.
    pub(super) fn recv<T: Element>(&self, room: &mut [T], from: usize) -> Result<()> {
        // With any tag: a rank that is in another collective is found out, not waited for.
        let want = Want { from: Source::Rank(from), tag: Tags::Any, space: Space::Collective };
        let expected = room.len();
        match receive_within(room.into(), |room| self.comm.start_receive(room, want)) {
            Ok(status) => self.check(status, expected),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// Sends to one and receives from another at the same time.
    pub(super) fn exchange<T: Element>(
        &self,
        (data, to): (&[T], usize),
        (room, from): (&mut [T], usize),
    ) -> Result<()> {
        // The send is first: a small one is over at once, and two ranks that exchange small messages
        // seldom want the same lock. With the receive first a barrier of two takes twice as long.
        let start = |data| self.comm.start_send(data, self.address(to));
        send_meanwhile(data.into(), start, || self.recv(room, from))
    }

    fn check(&self, status: Status, expected: usize) -> Result<()> {
        let (from, sent) = (status.source(), status.count());
        if status.tag() != self.tag() {
            return Err(self.mismatch(status.tag(), from));
        }
        if sent != expected {
            return Err(ErrorKind::CountMismatch { call: self.kind, expected, sent, from }.into());
        }
        Ok(())
    }

    /// Says of an error about a message what it means for a collective.
    fn explain(&self, error: Error) -> Error {
        match error.kind() {
            ErrorKind::Truncated { from, tag, .. } | ErrorKind::Type { from, tag, .. }
                if tag != self.tag() =>
            {
                self.mismatch(tag, from)
            }
            ErrorKind::Truncated { sent, room, from, .. } => {
                ErrorKind::CountMismatch { call: self.kind, expected: room, sent, from }.into()
            }
            _ => error,
        }
    }

    fn mismatch(&self, tag: Tag, from: usize) -> Error {
        let (there, their_root) = CallKind::of(tag);
        let (here, root) = (self.kind, self.root);
        if (there, their_root) == (here, root) {
            return ErrorKind::CollectiveOrder { call: here, root, from }.into();
        }
        ErrorKind::CollectiveMismatch { here, root, there, their_root, from }.into()
    }
}
