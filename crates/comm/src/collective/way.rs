//! How the messages of a collective go.

use std::cell::OnceCell;
use std::future::{poll_fn, ready};
use std::mem;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::memory::{RecvBuffer, SendBuffer, send_meanwhile};
use crate::{
    Address, CallKind, Communicator, Message, Mode, Result, Source, Space, Status, Tag, Tags, Want,
};

/// How the messages of a collective go: each algorithm is written once, for all ways.
pub(crate) trait Way {
    type Comm: Communicator;

    fn comm(&self) -> &Self::Comm;

    /// What a call is when it goes this way.
    fn kind(call: CallKind) -> CallKind;

    /// The tag of all messages of the next collective. It is asked for once.
    fn tag(&self, kind: CallKind, root: usize) -> Tag;

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
/// is left for a future to do then, and the smaller it is, the less the calls that wait cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blocking<'c, C>(pub(crate) &'c C);

/// What can be done without waiting is done whenever it is polled. Nothing is under way in between: sends are
/// copied aside, and what comes is received when it is there. So what goes this way can be dropped at any
/// time, and a rank that is done with it has nothing left to do for the others.
#[derive(Debug)]
pub(crate) struct Stepwise<C> {
    comm: C,
    /// As which of the communicator's non-blocking collectives it goes.
    number: OnceCell<u64>,
}

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
    pub(super) fn address(to: usize, tag: Tag) -> Address {
        Address { to, tag, mode: Mode::Standard, space: Space::Collective }
    }

    /// The messages of one rank, whatever their tag: one that is in another collective is found out, not
    /// waited for.
    pub(super) fn want(from: usize) -> Want {
        Want { from: Source::Rank(from), tag: Tags::Any, space: Space::Collective }
    }

    fn receive(&self, room: RecvBuffer<'_>, from: usize) -> Result<Status> {
        self.0.receive(room, Self::want(from))
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

    fn send(&self, data: SendBuffer<'_>, to: usize, tag: Tag) -> impl Future<Output = Result<()>> {
        ready(self.0.hand_over(data, Self::address(to, tag)))
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

/// Comes back when it is polled again.
async fn next_poll() {
    let mut is_next = false;
    poll_fn(|_| if mem::replace(&mut is_next, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
}

impl<C: Communicator> Stepwise<C> {
    pub(crate) fn new(comm: C) -> Self {
        Self { comm, number: OnceCell::new() }
    }

    /// The stream of this collective alone. The first message counts it.
    fn space(&self) -> Space {
        Space::Nonblocking(*self.number.get_or_init(|| self.comm.next_nonblocking()))
    }

    async fn receive(&self, room: RecvBuffer<'_>, from: usize, tag: Tag) -> Result<Status> {
        let want = Want { from: Source::Rank(from), tag: Tags::Any, space: self.space() };
        loop {
            if let Some(message) = self.comm.take(want, false)? {
                let status = message.status();
                // A rank that has started another collective as the one of this number sends no more for this.
                return if status.tag() == tag { message.receive(room) } else { Ok(status) };
            }
            next_poll().await;
        }
    }

    /// Throws away what has come for this collective, which has failed. What comes later meets nobody.
    fn throw_away(&self) {
        let want = Want { from: Source::Any, tag: Tags::Any, space: self.space() };
        while let Ok(Some(message)) = self.comm.take(want, false) {
            drop(message);
        }
    }
}

impl<C: Communicator> Way for Stepwise<C> {
    type Comm = C;

    fn comm(&self) -> &C {
        &self.comm
    }

    fn kind(call: CallKind) -> CallKind {
        call.nonblocking()
    }

    fn tag(&self, kind: CallKind, root: usize) -> Tag {
        kind.tag(root, 0)
    }

    async fn send(&self, data: SendBuffer<'_>, to: usize, tag: Tag) -> Result<()> {
        let address = Address { to, tag, mode: Mode::Buffered, space: self.space() };
        self.comm.hand_over(data, address)
    }

    async fn recv(
        &self,
        room: RecvBuffer<'_>,
        from: usize,
        tag: Tag,
        accept: impl FnOnce(Result<Status>) -> Result<()>,
    ) -> Result<()> {
        let accepted = accept(self.receive(room, from, tag).await);
        if accepted.is_err() {
            self.throw_away();
        }
        accepted
    }

    async fn exchange(
        &self,
        (data, to): (SendBuffer<'_>, usize),
        (room, from): (RecvBuffer<'_>, usize),
        tag: Tag,
        accept: impl FnOnce(Result<Status>) -> Result<()>,
    ) -> Result<()> {
        self.send(data, to, tag).await?;
        self.recv(room, from, tag, accept).await
    }
}
