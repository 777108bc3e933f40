//! The half of a send or a receive that lies in a mailbox, and the half that its rank keeps.

use std::sync::Arc;

use crate::memory::{RecvBuffer, SendBuffer};
use crate::sync::{AtomicBool, Once, Ordering};
use crate::{ErrorKind, Status, Tag};

/// What has become of a promise.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// The other side has met it.
    Met(Result<Status, ErrorKind>),
    /// It was taken back, or thrown away.
    Dropped,
}

/// What its rank keeps: tells what has become of the promise.
#[derive(Debug)]
pub(super) struct Ticket(Arc<Fate>);

/// What both halves see.
#[derive(Debug)]
struct Fate {
    /// An offer that `mprobe` has taken lies in no mailbox, whose lock would tell who has it. So its
    /// receiver and its sender both set this: the first may use the buffer.
    claimed: AtomicBool,
    outcome: Once<Outcome>,
}

impl Fate {
    /// Whether nobody has before.
    fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::AcqRel)
    }
}

/// Ends in an outcome, whatever happens: that is the last that is done with its buffer.
#[derive(Debug)]
struct Promise(Arc<Fate>);

/// A receive that waits for its message. There is one, in the mailbox; who takes it out of there, under
/// the mailbox's lock, alone may write to the buffer.
#[derive(Debug)]
pub(super) struct Room {
    room: RecvBuffer<'static>,
    promise: Promise,
}

/// A send that waits for its receiver. There is one, as above.
#[derive(Debug)]
pub(super) struct Offer {
    data: SendBuffer<'static>,
    promise: Promise,
}

fn pair() -> (Promise, Ticket) {
    let fate = Arc::new(Fate { claimed: AtomicBool::new(false), outcome: Once::new() });
    (Promise(Arc::clone(&fate)), Ticket(fate))
}

impl Promise {
    fn keep(&self, result: Result<Status, ErrorKind>) {
        // Only the promise sets it, and only here or when it is dropped.
        let _ = self.0.outcome.set(Outcome::Met(result));
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        // First, so that who fails to take it back finds an outcome soon.
        self.0.claim();
        // Ignored if it was kept.
        let _ = self.0.outcome.set(Outcome::Dropped);
    }
}

impl Ticket {
    /// What has become of it; `None` before that.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.0.outcome.get().copied()
    }

    /// Takes back an offer that `mprobe` has taken out of the mailbox, unless it is received or dropped.
    pub(super) fn revoke(&self) -> bool {
        self.0.claim()
    }
}

impl Room {
    pub(super) fn new(room: RecvBuffer<'static>) -> (Self, Ticket) {
        let (promise, ticket) = pair();
        (Self { room, promise }, ticket)
    }

    pub(super) fn is_of(&self, ticket: &Ticket) -> bool {
        Arc::ptr_eq(&self.promise.0, &ticket.0)
    }

    pub(super) fn fill(mut self, data: SendBuffer<'_>, from: usize, tag: Tag) {
        let result = self.room.fill(data, from, tag);
        self.promise.keep(result);
    }
}

impl Offer {
    pub(super) fn new(data: SendBuffer<'static>) -> (Self, Ticket) {
        let (promise, ticket) = pair();
        (Self { data, promise }, ticket)
    }

    pub(super) fn is_of(&self, ticket: &Ticket) -> bool {
        Arc::ptr_eq(&self.promise.0, &ticket.0)
    }

    /// To be called before `take`; `false` where the sender has taken it back, and the buffer is gone.
    pub(super) fn claim(&self) -> bool {
        self.promise.0.claim()
    }

    pub(super) fn data(&self) -> SendBuffer<'_> {
        self.data
    }

    /// Copies, and lets the sender go. What the receiver may have against it is not the sender's fault.
    pub(super) fn take(
        self,
        room: &mut RecvBuffer<'_>,
        from: usize,
        tag: Tag,
    ) -> Result<Status, ErrorKind> {
        let result = room.fill(self.data, from, tag);
        self.promise.keep(Ok(Status::new(from, tag, self.data.count(), self.data.layout())));
        result
    }
}
