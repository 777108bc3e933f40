//! What records the calls of a rank while it makes them.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::polls::Polls;
use super::ring::Ring;
use super::tables::{Counts, Places};
use super::{Ended, Event, Members, Outcome, RankLog};
use crate::diagnosis::{Active, Meeting, Waits, Watch, answer, ask, is_finding, linger};
use crate::{
    Address, Call, CallKind, Deadlock, Error, ErrorKind, Finding, Mode, Place, Result, Source,
    Space, Status, Tag, Tags, Tracing,
};

/// Records the calls of one rank.
///
/// For implementors of [`Communicator`](crate::Communicator), which hand their calls and their messages to one, where
/// [`Tracing::from_env`] asks for it. It stays on the thread of its rank.
#[derive(Debug)]
pub struct Tracer {
    rank: usize,
    watch: Arc<Watch>,
    /// When the world began.
    epoch: Instant,
    start_ns: u64,
    /// Whether each send waits for its receiver.
    is_synchronous: bool,
    /// Whether what other ranks call is not known here.
    is_alone: bool,
    /// The request that it waits for, of a rank that looks.
    waits_for: Cell<Option<u32>>,
    records: RefCell<Records>,
}

#[derive(Debug)]
struct Records {
    ring: Ring,
    places: Places,
    communicators: Vec<Members>,
    sent: Counts,
    received: Counts,
    /// The calls that are open; each was made within the one before it.
    open: Vec<(Event, Active)>,
    /// The requests that are not done.
    requests: BTreeMap<u32, Started>,
    next_request: u32,
    /// The requests of non-blocking collectives that were not waited for, by their numbers on the thread.
    tasks: BTreeMap<u64, u32>,
}

/// A request, and the call that has started it.
#[derive(Clone, Copy, Debug)]
struct Started {
    event: Event,
    active: Active,
    /// Whether the program knows that it is done.
    is_seen: bool,
    polls: Polls,
}

/// What a probe has received before it has found something.
const NOT_YET: u64 = u64::MAX;

/// A call that is open: it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Opened<'a> {
    tracer: &'a Tracer,
    outcome: Outcome,
}

impl Opened<'_> {
    /// The call has come to this.
    #[cold]
    pub(crate) fn end<R>(mut self, result: Result<R>) -> Result<R> {
        match &result {
            Ok(_) => self.outcome = self.tracer.records.borrow().outcome(),
            Err(error) => self.tracer.failed(error.kind()),
        }
        result.map_err(|error| self.tracer.explained(error))
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.tracer.leave(self.outcome);
    }
}

impl Tracer {
    pub(crate) fn new(rank: usize, watch: Arc<Watch>, epoch: Instant, tracing: &Tracing) -> Self {
        Self::of(rank, watch, epoch, tracing, false)
    }

    /// Of a rank of so many, each of which is a process.
    #[must_use]
    pub fn alone(rank: usize, ranks: usize, tracing: &Tracing) -> Self {
        Self::of(rank, Arc::new(Watch::new(ranks)), Instant::now(), tracing, true)
    }

    fn of(
        rank: usize,
        watch: Arc<Watch>,
        epoch: Instant,
        tracing: &Tracing,
        is_alone: bool,
    ) -> Self {
        let records = Records {
            ring: Ring::new(tracing.events),
            places: Places::default(),
            communicators: vec![],
            sent: Counts::default(),
            received: Counts::default(),
            open: vec![],
            requests: BTreeMap::new(),
            next_request: 0,
            tasks: BTreeMap::new(),
        };
        let start_ns = since(epoch);
        let (is_synchronous, records) = (tracing.is_synchronous, RefCell::new(records));
        let waits_for = Cell::new(None);
        Self { rank, watch, epoch, start_ns, is_synchronous, is_alone, waits_for, records }
    }

    /// A send in the mode that it is watched with.
    #[must_use]
    pub fn as_watched(&self, address: Address) -> Address {
        let is_standard = address.space == Space::Program && address.mode == Mode::Standard;
        if self.is_synchronous && is_standard {
            return Address { mode: Mode::Synchronous, ..address };
        }
        address
    }

    /// Knows a communicator from now on, by a number.
    #[must_use]
    pub fn knows(&self, id: u64, ranks: &[usize]) -> u32 {
        let ranks =
            ranks.iter().map(|&rank| u32::try_from(rank).unwrap_or(Event::NOBODY)).collect();
        let communicators = &mut self.records.borrow_mut().communicators;
        communicators.push(Members { id, ranks });
        u32::try_from(communicators.len() - 1).unwrap_or(u32::MAX)
    }

    /// Runs a call of a communicator, and records it.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn observe<R>(
        &self,
        communicator: u32,
        call: &Call,
        body: impl FnOnce() -> Result<R>,
    ) -> Result<R> {
        let opened = self.enter(communicator, call);
        let result = body();
        opened.end(result)
    }

    /// A call begins, which ends when what this gives is dropped.
    #[cold]
    pub(crate) fn enter(&self, communicator: u32, call: &Call) -> Opened<'_> {
        self.open(communicator, call);
        // Until it is known, as it stands where the call panics.
        Opened { tracer: self, outcome: Outcome::Failed }
    }

    fn open(&self, communicator: u32, call: &Call) {
        let mut records = self.records.borrow_mut();
        let (event, active) = records.begin(self.rank, communicator, call);
        let event = Event { start_ns: self.now(), ..event };
        records.open.push((event, active));
        drop(records);
        self.watch.is_in(self.rank, Some(active));
    }

    /// The collective that is open is the communicator's one of this number. What it does next has one of its own,
    /// and that is not told.
    pub fn is_numbered(&self, number: u64) {
        let mut records = self.records.borrow_mut();
        let Some((event, active)) = records.open.last_mut() else { return };
        if !event.kind.is_collective() || active.number.is_some() {
            return;
        }
        let number = u32::try_from(number).unwrap_or(u32::MAX - 1);
        event.sequence = number;
        active.number = Some(number);
        let (active, communicator) = (*active, event.communicator as usize);
        let ranks = records.communicators[communicator].ranks.len();
        drop(records);
        if self.is_alone {
            self.watch.comes_alone(active, ranks);
        } else {
            self.watch.comes(active, ranks);
        }
    }

    fn leave(&self, outcome: Outcome) {
        let end_ns = self.now();
        let mut records = self.records.borrow_mut();
        let Some((mut event, _)) = records.open.pop() else { return };
        if event.received == NOT_YET {
            event.received = 0;
        }
        // Of a request, `waited` has seen to that.
        let is_sent = event.tag != Event::NO_TAG && event.sequence != Event::NONE;
        if outcome == Outcome::Failed && is_sent {
            records.sent.take_back(event.communicator, event.to, event.tag);
        }
        if let Some(started) = event.request().and_then(|it| records.requests.get_mut(&it)) {
            started.event.end_ns = end_ns;
        }
        records.ring.push(Event { end_ns, outcome, ..event });
        let outer = records.open.last().map(|(_, active)| *active);
        drop(records);
        self.watch.is_in(self.rank, outer);
    }

    /// An error with all that is known of it.
    fn explained(&self, error: Error) -> Error {
        match error.kind() {
            kind @ ErrorKind::Deadlock { .. } if error.deadlock().is_none() => {
                self.watch.error(kind)
            }
            _ => error,
        }
    }

    fn failed(&self, error: ErrorKind) {
        let records = self.records.borrow();
        let Some(&(event, active)) = records.open.last() else { return };
        drop(records);
        // Of a message's request, `waited` has told.
        let is_told = event.request().is_some() && active.call.task.is_none();
        if !is_told && is_finding(error) {
            self.watch.finds(Finding::Failed { call: active.into(), error });
        }
    }

    /// The call that is open has received a message, or found one; its source is a rank of the communicator.
    pub fn received(&self, status: &Status) {
        let mut records = self.records.borrow_mut();
        let Some(&(event, _)) = records.open.last() else { return };
        let event = records.with_message(event, status);
        records.set(event);
    }

    /// The call that is open has started what goes on after it. Gives the number of the request, or none for what
    /// is waited for by the same call.
    #[must_use]
    pub fn starts(&self) -> Option<u32> {
        use CallKind::{Irecv, Isend, Issend, Start};
        let mut records = self.records.borrow_mut();
        let &(event, active) = records.open.last()?;
        if !matches!(event.kind, Irecv | Isend | Issend | Start) || event.request().is_some() {
            return None;
        }
        let request = records.next_request;
        records.next_request += 1;
        let event = event.with_request(request);
        records.set(event);
        let polls = Polls::default();
        records.requests.insert(request, Started { event, active, is_seen: false, polls });
        Some(request)
    }

    /// What has started a request.
    pub(crate) fn started(&self, request: u32) -> Option<Active> {
        self.records.borrow().requests.get(&request).map(|started| started.active)
    }

    /// The program has asked whether a request is done, and was told this. Whether nothing more is to be recorded
    /// of it: it has received, or was received, and the program has waited for that as long as it has asked.
    pub fn is_asked_for(&self, request: u32, result: Option<Result<&Status, ErrorKind>>) -> bool {
        let now = self.now();
        if let Some(Ok(status)) = result {
            self.waited(request, now, Ok(status));
            return true;
        }
        if let Some(started) = self.records.borrow_mut().requests.get_mut(&request) {
            match result {
                Some(_) => started.is_seen = true,
                None => started.polls.in_vain(now),
            }
        }
        false
    }

    /// A request was waited for since some time, and has come to this.
    pub fn waited(&self, request: u32, since_ns: u64, result: Result<&Status, ErrorKind>) {
        let mut records = self.records.borrow_mut();
        let Some(started) = records.requests.remove(&request) else { return };
        let open = records.open.last().map(|(event, _)| *event);
        let open = open.filter(|event| event.kind == CallKind::Wait && event.request().is_none());
        let Event { place, communicator, to, from, tag, sequence, .. } = started.event;
        // Another of several that a call waits for, or at the end of a scope.
        let own = Event { place, ..Event::new(CallKind::Wait, since_ns, since(self.epoch)) };
        let wait = open.unwrap_or(own);
        let start_ns = started.polls.begin(wait.start_ns);
        // One that waits for requests of several communicators was called of the first's.
        let wait = Event { communicator, start_ns, ..wait }.with_request(request);
        let event = match result {
            Ok(status) if to == Event::NOBODY => records.with_message(wait, status),
            Ok(_) => Event { to, tag, sequence, ..wait },
            Err(_) => {
                records.take_back(&started.event);
                Event { to, tag, from, outcome: Outcome::Failed, ..wait }
            }
        };
        if open.is_some() {
            records.set(event);
        } else {
            records.ring.push(event);
        }
        drop(records);
        if let Err(error) = result
            && is_finding(error)
        {
            self.watch.finds(Finding::Failed { call: started.active.into(), error });
        }
    }

    /// The message of a request was not received, and will not be.
    pub fn takes_back(&self, request: u32) {
        let mut records = self.records.borrow_mut();
        if let Some(Started { event, .. }) = records.requests.get(&request).copied() {
            records.take_back(&event);
        }
    }

    /// A request was taken back, or thrown away unless it was `cancelled`.
    pub fn gives_up(&self, request: u32, is_cancelled: bool) {
        let mut records = self.records.borrow_mut();
        let started = records.requests.remove(&request);
        if let Some(Started { event, .. }) = started.filter(|_| is_cancelled) {
            records.take_back(&event);
        }
        drop(records);
        let is_wrong = !is_cancelled && !thread::panicking();
        if let Some(started) = started.filter(|started| is_wrong && !started.is_seen) {
            self.watch.finds(Finding::Request { started: started.active.into() });
        }
    }

    /// Looks from now on for ranks that wait for each other, and for collectives that differ, as the process of rank
    /// 0, until all have ended. Gives what the others need to
    /// [`answer`](Self::answers): they must be on this machine. `tell` is told, on another thread.
    ///
    /// # Errors
    /// Those of the system.
    pub fn asks(
        &self,
        tracing: &Tracing,
        tell: impl Fn(&str) + Send + 'static,
    ) -> io::Result<[u64; 2]> {
        let Meeting { port, token } = ask(Arc::clone(&self.watch), tracing.stall, tell)?;
        Ok([u64::from(port), token])
    }

    /// Tells the process of rank 0 from now on what this rank does.
    ///
    /// # Errors
    /// Those of the system.
    pub fn answers(
        &self,
        [port, token]: [u64; 2],
        tell: impl Fn(&Deadlock) + Send + 'static,
    ) -> io::Result<()> {
        let port = u16::try_from(port).map_err(io::Error::other)?;
        answer(Arc::clone(&self.watch), self.rank, Meeting { port, token }, tell)
    }

    /// Whether the process of rank 0 still looks at what this rank does.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.watch.is_asked()
    }

    /// Waits, for two seconds at most, until the process of rank 0 has compared what this rank, which has failed, has
    /// come to.
    pub fn lingers(&self) {
        linger(&self.watch);
    }

    /// The rank has looked in vain for something that comes of one of these ranks of the world, or, where none are
    /// named, for what its non-blocking collectives want; it looks again. An error where it would for ever.
    ///
    /// # Errors
    /// [`Deadlock`](ErrorKind::Deadlock)
    pub fn looks(&self, peers: Option<&[usize]>) -> Result<(), ErrorKind> {
        let started = self.waits_for.get().and_then(|request| self.started(request));
        let waits = peers.map(|peers| Waits::Any(peers.to_vec()));
        let is_stuck = self.watch.looks(self.rank, waits, started);
        if is_stuck { Err(ErrorKind::Deadlock { rank: self.rank }) } else { Ok(()) }
    }

    /// The rank, which is about to look, waits for this request until it waits for another, or for none: what has
    /// started it is told where it waits for ever.
    pub fn waits_for(&self, request: Option<u32>) {
        self.waits_for.set(request);
    }

    /// Whether the call of the rank is one of those that wait for ever.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.watch.is_stuck(self.rank)
    }

    /// The rank, which looks, has found something, and looks on.
    pub fn moves(&self) {
        self.watch.moves(self.rank);
    }

    /// The rank looks no longer.
    pub fn wakes(&self) {
        self.watch.wakes(self.rank);
    }

    /// A non-blocking collective has looked for a message of this rank of the world in vain.
    pub fn wants(&self, from: usize) {
        self.watch.wants(self.rank, from);
    }

    /// Before the non-blocking collectives are driven.
    pub fn forget_wanted(&self) {
        self.watch.forget_wanted(self.rank);
    }

    /// What was found wrong so far, which is told once.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.watch.findings()
    }

    /// Where the rank has last sent a message of this tag to this rank of the world, of the communicator that all its
    /// ranks know by this number; also when it has [ended](Self::end). Messages of one tag are received in the order in
    /// which they are sent: of those that nobody has received this is the last.
    #[must_use]
    pub fn last_sent(&self, communicator: u64, to: usize, tag: Tag) -> Option<Place> {
        let records = self.records.borrow();
        let known = records.communicators.iter().position(|members| members.id == communicator)?;
        let (known, to) = (u32::try_from(known).ok()?, u32::try_from(to).ok()?);
        let place = records.sent.last(known, to, tag)?;
        records.places.list().get(usize::from(place)).cloned()
    }

    /// Nanoseconds since the world began.
    #[must_use]
    pub fn now(&self) -> u64 {
        since(self.epoch)
    }

    /// The rank has ended. What it has started and not waited for was forgotten.
    #[must_use]
    pub fn end(&self, ended: Ended) -> RankLog {
        if self.is_alone && ended == Ended::Well {
            self.watch.ends(self.rank);
        }
        if self.is_alone {
            self.watch.is_over();
        }
        let end_ns = self.now();
        let mut records = self.records.borrow_mut();
        let requests = std::mem::take(&mut records.requests);
        if ended == Ended::Well {
            for started in requests.into_values().filter(|started| !started.is_seen) {
                self.watch.finds(Finding::Request { started: started.active.into() });
            }
        } else {
            self.watch.forgets_requests(self.rank);
        }
        let (events, dropped) = std::mem::replace(&mut records.ring, Ring::new(0)).into_events();
        RankLog {
            start_ns: self.start_ns,
            end_ns,
            ended,
            events,
            dropped,
            places: records.places.list().to_vec(),
            communicators: records.communicators.clone(),
            ..RankLog::new(self.rank)
        }
    }
}

impl Records {
    /// The event of a call that begins, and what is shown of it.
    fn begin(&mut self, rank: usize, communicator: u32, call: &Call) -> (Event, Active) {
        let place = self.places.number(call.at);
        let members = &self.communicators[communicator as usize];
        let id = members.id;
        let world = |rank: usize| members.ranks.get(rank).map_or(Event::NOBODY, |&rank| rank);
        let to = call.to.map_or(Event::NOBODY, world);
        let from = match call.from {
            Some(Source::Rank(rank)) => world(rank),
            Some(Source::Any) => Event::ANY,
            None => Event::NOBODY,
        };
        let want = match call.want {
            Some(Tags::Only(tag)) => tag,
            Some(Tags::Any) | None => Event::NO_TAG,
        };
        let shown = Call {
            to: call.to.map(|_| to as usize),
            from: call.from.map(|source| match source {
                Source::Rank(_) => Source::Rank(from as usize),
                Source::Any => Source::Any,
            }),
            ..*call
        };
        let is_collective = call.kind.is_collective();
        let sequence = match call.tag {
            Some(tag) if to != Event::NOBODY => self.sent.next(communicator, to, tag, place),
            _ => Event::NONE,
        };
        let received = match call.kind {
            CallKind::Probe | CallKind::Mprobe => NOT_YET,
            _ if is_collective => call.room as u64,
            _ => 0,
        };
        let event = Event {
            place,
            communicator,
            sent: call.bytes as u64,
            received,
            to,
            from,
            tag: call.tag.unwrap_or(Event::NO_TAG),
            want,
            sequence,
            ..Event::new(call.kind, 0, 0)
        };
        let event = match call.task {
            Some(task) => event.with_request(self.task(task)),
            None => event,
        };
        (event, Active { rank, call: shown, communicator: id, number: None })
    }

    /// The request of a non-blocking collective, which is started or waited for.
    fn task(&mut self, task: u64) -> u32 {
        self.tasks.remove(&task).unwrap_or_else(|| {
            let request = self.next_request;
            self.next_request += 1;
            self.tasks.insert(task, request);
            request
        })
    }

    /// The same, with what a message says that it has received or found.
    fn with_message(&mut self, event: Event, status: &Status) -> Event {
        let members = &self.communicators[event.communicator as usize];
        let from = members.ranks.get(status.source()).copied().unwrap_or(Event::NOBODY);
        let want = status.tag();
        let event = Event { from, want, received: status.bytes() as u64, ..event };
        if event.kind == CallKind::Probe {
            return event;
        }
        let number = self.received.next(event.communicator, from, want, event.place);
        if event.kind == CallKind::Sendrecv {
            event.with_matched(number)
        } else {
            Event { sequence: number, ..event }
        }
    }

    /// What a request has sent was taken back: it has no number, and those behind it have one less, as their
    /// receiver counts.
    fn take_back(&mut self, sent: &Event) {
        let of = |event: &Event| (event.communicator, event.to, event.tag);
        if sent.sequence == Event::NONE {
            return;
        }
        self.sent.take_back(sent.communicator, sent.to, sent.tag);
        let renumber = |event: &mut Event| {
            if of(event) != of(sent) || event.sequence == Event::NONE {
                return;
            }
            match event.sequence.cmp(&sent.sequence) {
                Ordering::Less => {}
                Ordering::Equal => event.sequence = Event::NONE,
                Ordering::Greater => event.sequence -= 1,
            }
        };
        self.requests.values_mut().for_each(|started| renumber(&mut started.event));
        self.open.iter_mut().for_each(|(event, _)| renumber(event));
        for event in self.ring.last_first() {
            renumber(event);
            // None that came back before this one was sent after it.
            if event.kind == sent.kind && event.request() == sent.request() {
                break;
            }
        }
    }

    /// Changes the call that is open.
    fn set(&mut self, event: Event) {
        if let Some(open) = self.open.last_mut() {
            open.0 = event;
        }
    }

    /// What has come of the call that is open, which has not failed.
    fn outcome(&self) -> Outcome {
        let is_vain = |event: &Event| {
            matches!(event.kind, CallKind::Probe | CallKind::Mprobe) && event.received == NOT_YET
        };
        let is_vain = self.open.last().is_some_and(|(event, _)| is_vain(event));
        if is_vain { Outcome::Nothing } else { Outcome::Done }
    }
}

fn since(epoch: Instant) -> u64 {
    u64::try_from(epoch.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
