//! Sends and receives that are under way.

use std::fmt;
use std::time::{Duration, Instant};

use mpi::ffi::MPI_Request;
use tenfold_comm::{
    Communicator as _, Error, ErrorKind, Pending, Result, Source, Status, progress,
};

use crate::communicator::MpiComm;
use crate::inbox::Fate;
use crate::raw;
use crate::transport::BodyTag;

/// A send or a receive between processes.
pub struct MpiPending<'c> {
    comm: &'c MpiComm,
    state: State,
    /// As what it is recorded.
    request: Option<u32>,
}

enum State {
    Done(Result<Status, ErrorKind>),
    /// MPI has failed; `None` when that was told.
    Failed(Option<Error>),
    /// A receive, or a send of this rank to itself, by its number in the inbox.
    Inbox(usize, Way),
    /// A body that is offered.
    Offered(MPI_Request, Status, BodyTag),
}

#[derive(Clone, Copy)]
enum Way {
    Receive(Source),
    /// What a send of this rank to itself comes to.
    Own(Status),
}

/// How long a call or a scope that fails waits for a send that has borrowed its buffer, and how long one that
/// panics.
const PATIENCE: Duration = Duration::from_secs(10);
const SHORT_PATIENCE: Duration = Duration::from_secs(2);

/// How long MPI is given to say that a rank that has ended has received before.
const GRACE: Duration = Duration::from_secs(2);

impl<'c> MpiPending<'c> {
    pub(crate) fn done(comm: &'c MpiComm, result: Result<Status, ErrorKind>) -> Self {
        Self::new(comm, State::Done(result))
    }

    pub(crate) fn offered(
        comm: &'c MpiComm,
        request: MPI_Request,
        sent: Status,
        body: BodyTag,
    ) -> Self {
        Self::new(comm, State::Offered(request, sent, body))
    }

    pub(crate) fn receiving(comm: &'c MpiComm, number: usize, from: Source) -> Self {
        Self::new(comm, State::Inbox(number, Way::Receive(from)))
    }

    pub(crate) fn own(comm: &'c MpiComm, number: usize, sent: Status) -> Self {
        Self::new(comm, State::Inbox(number, Way::Own(sent)))
    }

    fn new(comm: &'c MpiComm, state: State) -> Self {
        Self { comm, state, request: None }
    }

    /// The same, recorded as this request.
    pub(crate) fn recorded(mut self, request: Option<u32>) -> Self {
        self.request = request;
        self
    }

    /// Nobody will wait for it.
    fn is_given_up(&mut self, is_cancelled: bool) {
        if let Some((tracer, request)) = self.comm.tracer().zip(self.request.take()) {
            tracer.gives_up(request, is_cancelled);
        }
    }

    /// The program asks whether it is done, and is told what is known.
    fn is_asked_for(&mut self) {
        let Some((tracer, request)) = self.comm.tracer().zip(self.request) else { return };
        let told = match &self.state {
            State::Done(result) => Some(result.as_ref().map_err(|kind| *kind)),
            State::Failed(_) => Some(Err(ErrorKind::Cancelled)),
            State::Inbox(..) | State::Offered(..) => None,
        };
        if tracer.is_asked_for(request, told) {
            self.request = None;
        }
    }

    /// Waits, and gives what it has come to.
    #[inline]
    fn finish(self) -> Result<Status> {
        match self.state {
            State::Done(result) => result.map_err(Error::from),
            _ => self.wait_open(),
        }
    }

    /// Whether it is done, as far as is known without a look at what has come.
    fn look(&mut self) -> Result<bool> {
        match &mut self.state {
            State::Done(_) | State::Failed(_) => Ok(true),
            State::Offered(request, sent, _) => {
                let is_done = raw::is_done(request)?;
                if is_done {
                    self.state = State::Done(Ok(*sent));
                }
                Ok(is_done)
            }
            State::Inbox(number, way) => {
                let (number, mut inbox) = (*number, self.comm.session.inbox.borrow_mut());
                let result = match (inbox.fate(number), *way) {
                    (Fate::Open | Fate::Revoked, _) => return Ok(false),
                    (Fate::Done(result), Way::Receive(_)) => result,
                    (Fate::Done(_), Way::Own(sent)) => Ok(sent),
                    (Fate::Moving(mut request, status), _) => {
                        if !raw::is_done(&mut request)? {
                            return Ok(false);
                        }
                        Ok(status)
                    }
                };
                inbox.close(number);
                drop(inbox);
                self.state = State::Done(result);
                Ok(true)
            }
        }
    }

    /// Whether it is done. It is too when MPI fails.
    fn ask(&mut self) -> bool {
        let asked = self.look().and_then(|is_done| {
            if is_done {
                return Ok(true);
            }
            self.comm.session.progress()?;
            self.look()
        });
        asked.unwrap_or_else(|error| self.fail(error))
    }

    /// MPI does not work any more. What it has under way may be written to: there is no going on.
    fn fail(&mut self, error: Error) -> bool {
        match self.state {
            State::Done(_) | State::Failed(_) => self.state = State::Failed(Some(error)),
            _ => raw::abort(format_args!("rank {}: {error:#}", self.comm.rank())),
        }
        true
    }

    /// Takes it back, if that can be.
    fn take_back(&mut self) -> bool {
        let State::Inbox(number, way) = self.state else { return false };
        let mut inbox = self.comm.session.inbox.borrow_mut();
        if inbox.withdraw(number) {
            inbox.close(number);
        } else if matches!(way, Way::Own(_)) {
            // `mprobe` has taken the message, whose receiver is told.
            inbox.settle(number, Fate::Revoked);
        } else {
            return false;
        }
        drop(inbox);
        self.state = State::Done(Err(ErrorKind::Cancelled));
        true
    }

    /// Ends what nobody will meet.
    fn give_up(&mut self, reason: ErrorKind) -> Result<Status> {
        let reason = match (&self.state, reason) {
            (State::Inbox(_, Way::Own(sent)), ErrorKind::SelfReceive { rank }) => {
                ErrorKind::SelfSend { rank, bytes: sent.bytes() }
            }
            (_, reason) => reason,
        };
        if self.take_back() {
            return Err(reason.into());
        }
        // A receive was met, and MPI brings the body; and MPI may not have said yet that a send was.
        let since = Instant::now();
        while !self.ask() {
            if let State::Offered(_, sent, _) = &self.state
                && since.elapsed() > GRACE
            {
                let (rank, to) = (self.comm.rank(), sent.source());
                raw::abort(format_args!("rank {rank} waits to send to rank {to}: {reason}"));
            }
            progress();
            std::thread::yield_now();
        }
        self.told()
    }

    /// Waits for what was not done when it was started.
    fn wait_open(mut self) -> Result<Status> {
        let (peers, session) = (self.peers(), &self.comm.session);
        match session.wait(peers, || self.look().map(|is_done| is_done.then_some(()))) {
            Ok(Ok(())) => self.told(),
            Ok(Err(reason)) => self.give_up(reason),
            Err(error) => {
                self.fail(error);
                self.told()
            }
        }
    }

    fn told(&mut self) -> Result<Status> {
        match &mut self.state {
            State::Done(result) => result.map_err(Error::from),
            State::Failed(error) => Err(error.take().unwrap_or(ErrorKind::Cancelled.into())),
            State::Inbox(..) | State::Offered(..) => Err(ErrorKind::Active.into()),
        }
    }

    /// Who could meet it, by their ranks in the world.
    fn peers(&self) -> &'c [usize] {
        match &self.state {
            State::Offered(_, sent, _) | State::Inbox(_, Way::Own(sent)) => {
                self.comm.peers(Source::Rank(sent.source()))
            }
            State::Inbox(_, Way::Receive(from)) => self.comm.peers(*from),
            State::Done(_) | State::Failed(_) => &[],
        }
    }
}

// SAFETY: the buffer of a receive lies in the inbox, or MPI writes to it, until its fate is `Done`; that of a
// send is read by MPI until the request is done. `look` says so, and nothing else; `take_back` takes it out
// of the inbox. `drop` does that, waits, or ends the process; `release` hands the buffer on with the request.
unsafe impl Pending for MpiPending<'_> {
    fn is_done(&mut self) -> bool {
        // Asked first: what has ended has sent all that it will.
        let ended = self.comm.session.ended(self.peers());
        let mut is_done = self.ask();
        if let Some(kind) = ended.filter(|_| !is_done) {
            let result = self.give_up(kind).map_err(|error| error.kind());
            self.state = State::Done(result);
            is_done = true;
        }
        self.is_asked_for();
        if is_done {
            return true;
        }
        if let Err(error) = self.comm.session.looked_in_vain(self.peers()) {
            return self.fail(error);
        }
        progress();
        false
    }

    // Most are done, and seen to be so where they are waited for.
    #[inline]
    fn wait(mut self) -> Result<Status> {
        let Some((tracer, request)) = self.comm.tracer().zip(self.request.take()) else {
            return self.finish();
        };
        let since = tracer.now();
        tracer.waits_for(Some(request));
        let result = self.finish();
        tracer.waits_for(None);
        tracer.waited(request, since, result.as_ref().map_err(Error::kind));
        result
    }

    fn cancel(&mut self) -> bool {
        if self.ask() {
            return false;
        }
        if self.take_back() {
            self.is_given_up(true);
            return true;
        }
        // A receive that was met: MPI brings the body.
        while matches!(self.state, State::Inbox(..)) && !self.ask() {
            progress();
            std::thread::yield_now();
        }
        false
    }

    fn release<B: 'static>(mut self, buffer: B) {
        self.is_given_up(false);
        if self.ask() {
            return;
        }
        match std::mem::replace(&mut self.state, State::Done(Err(ErrorKind::Cancelled))) {
            State::Offered(request, _, body) => {
                self.comm.session.transport.orphans.adopt(request, Box::new((buffer, body)));
            }
            state => {
                self.state = state;
                drop(self);
                drop(buffer);
            }
        }
    }

    fn wait_any(list: &mut [&mut Self]) -> Option<usize> {
        let session = &list.first()?.comm.session;
        let mut peers: Vec<usize> = list.iter().flat_map(|one| one.peers()).copied().collect();
        peers.sort_unstable();
        peers.dedup();
        let first = session.wait(&peers, || {
            for (at, pending) in list.iter_mut().enumerate() {
                // Asked first: what has ended has sent all that it will.
                let ended = session.ended(pending.peers());
                if pending.look()? {
                    return Ok(Some(at));
                }
                if let Some(kind) = ended {
                    let result = pending.give_up(kind).map_err(|error| error.kind());
                    pending.state = State::Done(result);
                    return Ok(Some(at));
                }
                // Each has peers of its own.
                session.looked_in_vain(pending.peers())?;
            }
            Ok(None)
        });
        match first {
            Ok(Ok(at)) => Some(at),
            // Done with its error, so that who asks each of them finds it.
            Ok(Err(reason)) => {
                let reason = session.ended(list[0].peers()).unwrap_or(reason);
                let result = list[0].give_up(reason).map_err(|error| error.kind());
                list[0].state = State::Done(result);
                Some(0)
            }
            Err(error) => {
                list[0].fail(error);
                Some(0)
            }
        }
    }
}

impl Drop for MpiPending<'_> {
    // Most are done, and seen to be so where they are dropped.
    #[inline]
    fn drop(&mut self) {
        if self.request.is_some() {
            self.is_given_up(false);
        }
        if !matches!(self.state, State::Done(_)) {
            self.end();
        }
    }
}

impl MpiPending<'_> {
    /// Takes it back, or waits for it, or ends the job: its buffer is free then.
    fn end(&mut self) {
        if self.ask() || self.take_back() {
            return;
        }
        let patience = if std::thread::panicking() { SHORT_PATIENCE } else { PATIENCE };
        let since = Instant::now();
        while !self.ask() {
            if let State::Offered(_, sent, _) = &self.state
                && since.elapsed() > patience
            {
                let (rank, to) = (self.comm.rank(), sent.source());
                raw::abort(format_args!(
                    "rank {rank} gives up a send to rank {to} that MPI cannot take back"
                ));
            }
            // The other may receive only when a collective has gone on.
            progress();
            std::thread::yield_now();
        }
    }
}

impl fmt::Debug for MpiPending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MpiPending").finish_non_exhaustive()
    }
}
