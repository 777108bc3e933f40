//! What the messages of one collective go through.

use crate::memory::{receive_within, send_within};
use crate::{
    Address, CallKind, Communicator, Element, Error, ErrorKind, Mode, Result, Source, Space,
    Status, Tag, Tags, Want,
};

/// The messages of one collective of one kind and root. What comes from another is an error.
pub(super) struct Channel<'c, C> {
    pub(super) comm: &'c C,
    pub(super) rank: usize,
    pub(super) size: usize,
    kind: CallKind,
    root: usize,
}

impl<'c, C: Communicator> Channel<'c, C> {
    pub(super) fn new(comm: &'c C, kind: CallKind, root: usize) -> Result<Self> {
        let (rank, size) = (comm.rank(), comm.size());
        if root >= size {
            return Err(ErrorKind::Rank { argument: "root", rank: root, size }.into());
        }
        Ok(Self { comm, rank, size, kind, root })
    }

    pub(super) fn is_root(&self) -> bool {
        self.rank == self.root
    }

    pub(super) fn root(&self) -> usize {
        self.root
    }

    fn tag(&self) -> Tag {
        self.kind.tag(self.root)
    }

    pub(super) fn send<T: Element>(&self, data: &[T], to: usize) -> Result<()> {
        let address =
            Address { to, tag: self.tag(), mode: Mode::Standard, space: Space::Collective };
        send_within(data.into(), |data| self.comm.start_send(data, address)).map(drop)
    }

    /// Receives as many elements as there is room for, while `body` runs.
    fn receive<T: Element>(
        &self,
        room: &mut [T],
        from: usize,
        body: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        // With any tag: a rank that is in another collective is found out, not waited for.
        let want = Want { from: Source::Rank(from), tag: Tags::Any, space: Space::Collective };
        let expected = room.len();
        let start = |room| self.comm.start_receive(room, want);
        match receive_within(room.into(), start, body) {
            Ok((_, status)) => self.check(status, expected),
            Err(error) => Err(self.explain(error)),
        }
    }

    pub(super) fn recv<T: Element>(&self, room: &mut [T], from: usize) -> Result<()> {
        self.receive(room, from, || Ok(()))
    }

    /// Sends to one and receives from another at the same time.
    pub(super) fn exchange<T: Element>(
        &self,
        (data, to): (&[T], usize),
        (room, from): (&mut [T], usize),
    ) -> Result<()> {
        self.receive(room, from, || self.send(data, to))
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
        ErrorKind::CollectiveMismatch { here, root, there, their_root, from }.into()
    }
}
