//! How the messages of a collective go.

use std::future::ready;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::memory::{RecvBuffer, SendBuffer, receive_within, send_meanwhile, send_within};
use crate::{
    Address, CallKind, Communicator, Mode, Result, Source, Space, Status, Tag, Tags, Want,
};

/// How the messages of a collective go: each algorithm is written once, for all ways. There is
/// one that waits.
pub(crate) trait Way {
    type Comm: Communicator;

    fn comm(&self) -> &Self::Comm;

    /// What a call is when it goes this way.
    fn kind(call: CallKind) -> CallKind;

    /// The tag of all messages of the next collective: this counts it.
    fn tag(&self, kind: CallKind, root: usize) -> Tag;

    /// What is called, and with which root, as a tag says.
    fn of(tag: Tag) -> (CallKind, usize);

    fn send(&self, data: SendBuffer<'_>, to: usize, tag: Tag) -> impl Future<Output = Result<()>>;

    /// Receives a message with this tag, and gives what is made of it. Where the rank has sent for another
    /// collective, what is known of that message may come instead, whose tag tells.
    fn recv(
        &self,
        room: RecvBuffer<'_>,
        from: usize,
        tag: Tag,
        accept: impl FnOnce(Result<Status>) -> Result<()>,
    ) -> impl Future<Output = Result<()>>;

    /// Sends to one and receives from another at the same time. What was received must be accepted before
    /// it waits for the send.
    fn exchange(
        &self,
        sends: (SendBuffer<'_>, usize),
        receives: (RecvBuffer<'_>, usize),
        tag: Tag,
        accept: impl FnOnce(Result<Status>) -> Result<()>,
    ) -> impl Future<Output = Result<()>>;
}

/// Each message is waited for when its turn comes: what goes this way is done when it is first polled. Nothing
/// is left for a future to do then, and futures of nothing make small ones: an 8 byte bcast takes a third more
/// where these hold what they send and receive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blocking<'c, C>(pub(crate) &'c C);

/// What comes of a future that does not wait for others to be polled: one that goes the blocking way.
// Inlined, so that the future is made where it is polled, and not copied there.
#[inline(always)]
pub(crate) fn now<R>(future: impl Future<Output = R>) -> R {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result;
        }
    }
}

impl<C: Communicator> Blocking<'_, C> {
    fn address(to: usize, tag: Tag) -> Address {
        Address { to, tag, mode: Mode::Standard, space: Space::Collective }
    }

    fn receive(&self, room: RecvBuffer<'_>, from: usize) -> Result<Status> {
        // With any tag: a rank that is in another collective is found out, not waited for.
        let want = Want { from: Source::Rank(from), tag: Tags::Any, space: Space::Collective };
        receive_within(room, |room| self.0.start_receive(room, want))
    }
}

impl<C: Communicator> Way for Blocking<'_, C> {
    type Comm = C;

    fn comm(&self) -> &C {
        self.0
    }

    fn kind(call: CallKind) -> CallKind {
        call
    }

    fn tag(&self, kind: CallKind, root: usize) -> Tag {
        kind.tag(root, self.0.next_collective())
    }

    fn of(tag: Tag) -> (CallKind, usize) {
        CallKind::of(tag)
    }

    fn send(&self, data: SendBuffer<'_>, to: usize, tag: Tag) -> impl Future<Output = Result<()>> {
        let start = |data| self.0.start_send(data, Self::address(to, tag));
        ready(send_within(data, start).map(drop))
    }

    fn recv(
        &self,
        room: RecvBuffer<'_>,
        from: usize,
        _tag: Tag,
        accept: impl FnOnce(Result<Status>) -> Result<()>,
    ) -> impl Future<Output = Result<()>> {
        ready(accept(self.receive(room, from)))
    }

    fn exchange(
        &self,
        (data, to): (SendBuffer<'_>, usize),
        (room, from): (RecvBuffer<'_>, usize),
        tag: Tag,
        accept: impl FnOnce(Result<Status>) -> Result<()>,
    ) -> impl Future<Output = Result<()>> {
        // The send is first: a small one is over at once, and two ranks that exchange small messages
        // seldom want the same lock. With the receive first a barrier of two takes twice as long.
        let start = |data| self.0.start_send(data, Self::address(to, tag));
        ready(send_meanwhile(data, start, || accept(self.receive(room, from))))
    }
}
