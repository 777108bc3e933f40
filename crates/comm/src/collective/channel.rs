//! What the messages of one collective go through.

use std::cell::OnceCell;

#[cfg(feature = "ndarray")]
use super::way::Blocking;
use super::way::Way;
#[cfg(feature = "ndarray")]
use crate::memory::Held;
use crate::{CallKind, Communicator, Element, Error, ErrorKind, Result, Status, Tag};

/// The messages of one collective of one kind, root and number. What comes from another is an error.
pub(crate) struct Channel<W> {
    pub(super) rank: usize,
    pub(super) size: usize,
    way: W,
    kind: CallKind,
    root: usize,
    /// Numbered by the first message: a call that is refused before has not taken place, and can be made
    /// again.
    tag: OnceCell<Tag>,
}

/// Messages that go on, for a halo, which waits for them later.
#[cfg(feature = "ndarray")]
impl<'c, C: Communicator> Channel<Blocking<'c, C>> {
    /// Starts to send.
    pub(crate) fn start_send<T: Element>(
        &self,
        data: Vec<T>,
        to: usize,
    ) -> Result<Held<C::Pending<'c>, T>> {
        let address = Blocking::<C>::address(to, self.tag());
        let comm = self.way.0;
        let held = Held::sending(data, |data| comm.start_send(data, address));
        held.map_err(|(_, error)| error)
    }

    /// Starts to receive as many elements as there is room for.
    pub(crate) fn start_recv<T: Element>(
        &self,
        room: Vec<T>,
        from: usize,
    ) -> Result<Held<C::Pending<'c>, T>> {
        let comm = self.way.0;
        let held =
            Held::receiving(room, |room| comm.start_receive(room, Blocking::<C>::want(from)));
        held.map_err(|(_, error)| error)
    }

    /// Waits for what was received, and gives it.
    pub(crate) fn finish_recv<T: Element>(&self, held: Held<C::Pending<'c>, T>) -> Result<Vec<T>> {
        let (room, result) = held.finish();
        self.accept(result, room.len()).map(|()| room)
    }
}

impl<W: Way> Channel<W> {
    pub(crate) fn new(way: W, kind: CallKind, root: usize) -> Result<Self> {
        let (rank, size) = (way.comm().rank(), way.comm().size());
        if root >= size {
            return Err(ErrorKind::Rank { argument: "root", rank: root, size }.into());
        }
        Ok(Self { rank, size, way, kind: W::kind(kind), root, tag: OnceCell::new() })
    }

    pub(super) fn is_root(&self) -> bool {
        self.rank == self.root
    }

    pub(super) fn root(&self) -> usize {
        self.root
    }

    fn tag(&self) -> Tag {
        *self.tag.get_or_init(|| self.way.tag(self.kind, self.root))
    }

    pub(super) fn send<T: Element>(
        &self,
        data: &[T],
        to: usize,
    ) -> impl Future<Output = Result<()>> {
        self.way.send(data.into(), to, self.tag())
    }

    /// Receives as many elements as there is room for.
    pub(super) fn recv<T: Element>(
        &self,
        room: &mut [T],
        from: usize,
    ) -> impl Future<Output = Result<()>> {
        let expected = room.len();
        let accept = move |received| self.accept(received, expected);
        self.way.recv(room.into(), from, self.tag(), accept)
    }

    /// Sends to one and receives from another at the same time.
    pub(super) fn exchange<T: Element>(
        &self,
        (data, to): (&[T], usize),
        (room, from): (&mut [T], usize),
    ) -> impl Future<Output = Result<()>> {
        let (sends, expected, receives) = ((data.into(), to), room.len(), (room.into(), from));
        let accept = move |received| self.accept(received, expected);
        self.way.exchange(sends, receives, self.tag(), accept)
    }

    /// That what came is what this collective expects.
    fn accept(&self, received: Result<Status>, expected: usize) -> Result<()> {
        match received {
            Ok(status) => self.check(status, expected),
            Err(error) => Err(self.explain(error)),
        }
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
