//! Sends and receives under way between threads.

use super::ThreadComm;
use super::mailbox::{Letter, Mailbox};
use super::promise::{Outcome, Ticket};
use super::shared::Shared;
use crate::diagnosis::{Active, Waits};
use crate::memory::RecvBuffer;
use crate::trace::Tracer;
use crate::{Error, ErrorKind, Message, Pending, Result, Status, progress};

/// A send or a receive between ranks that are threads.
#[derive(Debug)]
pub struct ThreadPending<'c> {
    comm: &'c ThreadComm,
    state: State<'c>,
    /// As what it is recorded. Its tracer is the communicator's: what is larger is moved by a call of `memcpy`.
    request: Option<u32>,
}

#[derive(Debug)]
enum State<'c> {
    Done(Result<Status, ErrorKind>),
    Open(Open<'c>),
}

/// What lies in a mailbox.
#[derive(Debug)]
struct Open<'c> {
    ticket: Ticket,
    /// In whose mailbox.
    home: usize,
    peers: Peers<'c>,
    /// What a send comes to; of a receive it is the message that tells.
    sent: Option<Status>,
}

/// Who could meet it, by their ranks in the world.
#[derive(Clone, Copy, Debug)]
pub(super) enum Peers<'c> {
    One(usize),
    Any(&'c [usize]),
}

/// A message that was taken out of the mailbox by `mprobe`. One that is dropped is lost, and its sender
/// goes on.
#[derive(Debug)]
pub struct ThreadMessage<'c> {
    letter: Option<Letter>,
    status: Status,
    sender: &'c Mailbox,
}

impl Peers<'_> {
    pub(super) fn all(&self) -> &[usize] {
        match self {
            Self::One(rank) => std::slice::from_ref(rank),
            Self::Any(ranks) => ranks,
        }
    }

    /// Whether they are `rank` alone.
    pub(super) fn are(&self, rank: usize) -> bool {
        self.all() == [rank]
    }

    /// Who has ended, if all have; `rank` itself, which asks, does not count beside others.
    pub(super) fn ended(&self, shared: &Shared, rank: usize) -> Option<ErrorKind> {
        let mut others = self.all().iter().filter(|&&other| other != rank).peekable();
        let &&first = others.peek()?;
        let all = others.all(|&other| shared.has_ended(other));
        all.then_some(ErrorKind::RankEnded { rank: first })
    }
}

impl<'c> ThreadPending<'c> {
    pub(super) fn done(comm: &'c ThreadComm, result: Result<Status, ErrorKind>) -> Self {
        Self { comm, state: State::Done(result), request: None }
    }

    pub(super) fn sending(comm: &'c ThreadComm, to: usize, ticket: Ticket, sent: Status) -> Self {
        let open = Open { ticket, home: to, peers: Peers::One(to), sent: Some(sent) };
        Self { comm, state: State::Open(open), request: None }
    }

    pub(super) fn receiving(comm: &'c ThreadComm, ticket: Ticket, peers: Peers<'c>) -> Self {
        let open = Open { ticket, home: comm.mine(), peers, sent: None };
        Self { comm, state: State::Open(open), request: None }
    }

    /// As what it is recorded. It is not moved for that.
    pub(super) fn record_as(&mut self, request: Option<u32>) {
        self.request = request;
    }

    fn shared(&self) -> &'c Shared {
        self.comm.shared()
    }

    /// The rank in the world whose signal tells when to look again.
    fn mine(&self) -> usize {
        self.comm.mine()
    }

    /// What records it, and as what.
    fn record(&self) -> Option<(&'c Tracer, u32)> {
        self.request.and_then(|request| Some((self.comm.tracer()?, request)))
    }

    /// For whom it waits, and what has started it.
    fn waits(&self) -> (Waits, Option<Active>) {
        let peers = match &self.state {
            State::Done(_) => vec![],
            State::Open(open) => open.peers.all().to_vec(),
        };
        let started = self.record().and_then(|(tracer, request)| tracer.started(request));
        (Waits::Any(peers), started)
    }

    /// What it has come to. What can no longer be met is taken back.
    fn result(&mut self) -> Option<Result<Status, ErrorKind>> {
        let open = match &self.state {
            State::Done(result) => return Some(*result),
            State::Open(open) => open,
        };
        open.take_in(self.shared());
        if let Some(result) = open.result() {
            self.state = State::Done(result);
            return Some(result);
        }
        // In this order: a rank that fails ends after that.
        let ended = open.peers.ended(self.shared(), self.mine());
        let reason = self.shared().failure(self.mine()).or(ended)?;
        Some(self.withdraw(reason))
    }

    /// Takes it back for this reason, unless it has been met; then waits for the copy.
    fn withdraw(&mut self, reason: ErrorKind) -> Result<Status, ErrorKind> {
        let result = match &self.state {
            State::Done(result) => *result,
            State::Open(open) if open.take_back(self.shared()) => Err(reason),
            State::Open(open) => loop {
                let seen = self.comm.mailbox().signal.now();
                if let Some(result) = open.result() {
                    break result;
                }
                // The other rank copies and needs nothing. No operation of a program runs here: one that panics
                // would leave the buffer to be freed meanwhile.
                self.shared().rest(self.mine(), seen);
            },
        };
        self.state = State::Done(result);
        result
    }

    /// Whether only its own rank could meet it, which waits: then nobody will.
    fn is_hopeless(&self) -> bool {
        matches!(&self.state, State::Open(open) if open.peers.are(self.mine()))
    }

    fn own_message(&self) -> ErrorKind {
        match &self.state {
            State::Open(Open { sent: Some(status), .. }) => {
                ErrorKind::SelfSend { rank: self.mine(), bytes: status.bytes() }
            }
            _ => ErrorKind::SelfReceive { rank: self.mine() },
        }
    }

    fn finish(&mut self) -> Result<Status, ErrorKind> {
        loop {
            let seen = self.comm.mailbox().signal.now();
            if let Some(result) = self.result() {
                return result;
            }
            if self.is_hopeless() {
                return self.withdraw(self.own_message());
            }
            self.shared().wait(self.mine(), seen, || self.waits());
        }
    }
}

impl Open<'_> {
    /// What a receive waits for may lie in a line.
    fn take_in(&self, shared: &Shared) {
        if self.sent.is_none() {
            shared.mailbox(self.home).take_in();
        }
    }

    /// Takes it out of the mailbox, or away from a receiver that has not begun to copy.
    fn take_back(&self, shared: &Shared) -> bool {
        self.take_in(shared);
        shared.mailbox(self.home).withdraw(&self.ticket)
            || (self.sent.is_some() && self.ticket.revoke())
    }

    fn result(&self) -> Option<Result<Status, ErrorKind>> {
        match (self.ticket.outcome()?, self.sent) {
            (Outcome::Met(result), None) => Some(result),
            // A message that its receiver throws away was sent.
            (Outcome::Met(Ok(_)) | Outcome::Dropped, Some(sent)) => Some(Ok(sent)),
            (Outcome::Met(Err(kind)), Some(_)) => Some(Err(kind)),
            // Only its own rank drops a receive, and then has no questions.
            (Outcome::Dropped, None) => Some(Err(ErrorKind::Cancelled)),
        }
    }
}

// SAFETY: the buffer lies in a promise, which is gone, settled or revoked when `result` or `withdraw` comes
// back (`Outcome` is the last that a promise does, and only the thread that took it out of its mailbox has
// it; an offer that was revoked is not copied, see `Fate`).
// `is_done` and `wait` say nothing before that, and `drop` withdraws what is open.
#[expect(unsafe_code, reason = "a promise about buffers")]
unsafe impl Pending for ThreadPending<'_> {
    fn is_done(&mut self) -> bool {
        let result = self.result();
        if let Some((tracer, request)) = self.record() {
            let told = result.as_ref().map(|result| result.as_ref().map_err(|kind| *kind));
            if tracer.is_asked_for(request, told) {
                self.request = None;
            }
        }
        if result.is_none() {
            progress();
        }
        result.is_some()
    }

    fn wait(mut self) -> Result<Status> {
        let record = self.record().map(|(tracer, request)| (tracer, request, tracer.now()));
        let result = self.finish();
        if let Some((tracer, request, since)) = record {
            self.request = None;
            tracer.waited(request, since, result.as_ref().map_err(|kind| *kind));
        }
        result.map_err(|kind| self.shared().error(kind))
    }

    fn cancel(&mut self) -> bool {
        match &self.state {
            State::Done(_) => false,
            State::Open(open) if open.take_back(self.shared()) => {
                self.state = State::Done(Err(ErrorKind::Cancelled));
                if let Some((tracer, request)) = self.record() {
                    self.request = None;
                    tracer.gives_up(request, true);
                }
                true
            }
            State::Open(_) => {
                let _ = self.withdraw(ErrorKind::Cancelled);
                false
            }
        }
    }

    fn wait_any(list: &mut [&mut Self]) -> Option<usize> {
        let (shared, mine) = list.first().map(|first| (first.shared(), first.mine()))?;
        let one_signal =
            list.iter().all(|other| std::ptr::eq(other.shared(), shared) && other.mine() == mine);
        loop {
            let seen = shared.mailbox(mine).signal.now();
            if let Some(at) = list.iter_mut().position(|pending| pending.result().is_some()) {
                return Some(at);
            }
            if list.iter().all(|pending| pending.is_hopeless()) {
                // Done with its error, so that who asks each of them finds it.
                let reason = list[0].own_message();
                let _ = list[0].withdraw(reason);
                return Some(0);
            }
            if one_signal {
                shared.wait(mine, seen, || (waits(list), None));
            } else {
                // Of several worlds, or ranks: there is no one place to wait at.
                std::thread::yield_now();
            }
        }
    }
}

/// For whom a rank waits that waits for one of these.
fn waits(list: &[&mut ThreadPending<'_>]) -> Waits {
    let mut peers: Vec<usize> = vec![];
    for pending in list {
        if let State::Open(open) = &pending.state {
            peers.extend(open.peers.all());
        }
    }
    peers.sort_unstable();
    peers.dedup();
    Waits::Any(peers)
}

impl Drop for ThreadPending<'_> {
    fn drop(&mut self) {
        if matches!(self.state, State::Open(_)) {
            let _ = self.withdraw(ErrorKind::Cancelled);
        }
        if let Some((tracer, request)) = self.record() {
            if matches!(self.state, State::Done(Err(_))) {
                tracer.takes_back(request);
            }
            tracer.gives_up(request, false);
        }
    }
}

impl<'c> ThreadMessage<'c> {
    pub(super) fn new(shared: &'c Shared, letter: Letter) -> Self {
        let (status, sender) = (letter.status(), shared.mailbox(letter.sender()));
        Self { letter: Some(letter), status, sender }
    }

    pub(super) fn receive_into(mut self, room: &mut RecvBuffer<'_>) -> Result<Status, ErrorKind> {
        let letter = self.letter.take().ok_or(ErrorKind::Cancelled)?;
        let waits = letter.is_offer();
        let result = letter.receive(room);
        if waits {
            self.sender.signal.raise();
        }
        result
    }
}

impl Message for ThreadMessage<'_> {
    fn status(&self) -> Status {
        self.status
    }

    fn receive(self, mut room: RecvBuffer<'_>) -> Result<Status> {
        // Its sender may have taken it back since it was probed.
        if self.letter.as_ref().is_some_and(|letter| !letter.claim()) {
            return Err(ErrorKind::Cancelled.into());
        }
        self.receive_into(&mut room).map_err(Error::from)
    }
}

impl Drop for ThreadMessage<'_> {
    fn drop(&mut self) {
        if self.letter.take().is_some_and(|letter| letter.is_offer()) {
            self.sender.signal.raise();
        }
    }
}
