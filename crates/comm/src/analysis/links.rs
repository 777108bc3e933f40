//! Which calls belong together: senders and receivers, requests and waits, collectives.

use std::collections::HashMap;

use super::role::{Direction, Role, role, starts};
use super::run::Run;
use super::waits::WaitKind;
use crate::{CallKind, Event, Tag};

/// The number of a call, or of a meeting, where there is none.
pub(super) const NONE: usize = usize::MAX;

/// Up to here a send in standard mode does not wait for its receiver, as far as is known: what
/// threads copy aside, and the least that implementations of MPI do.
const EAGER_BYTES: u64 = 4096;

/// By how much the clocks of ranks may differ.
const CLOCKS_NS: u64 = 20_000;

/// What belongs to each call, by its number.
pub(super) struct Links {
    /// The call that sent what this one receives.
    pub(super) sender: Vec<usize>,
    /// The call from which on what this one sends could be received: a receive, or the `irecv` that was
    /// waited for later.
    receiver: Vec<usize>,
    /// The call that started what this one waits for.
    started: Vec<usize>,
    /// The meeting that this call is part of.
    pub(super) meeting: Vec<usize>,
    pub(super) meetings: Vec<Meeting>,
    /// Sends that nobody received, and receives of what nobody sent, as far as is recorded.
    pub(super) unsent: Vec<usize>,
    pub(super) unreceived: Vec<usize>,
}

/// A collective, as one.
pub(super) struct Meeting {
    pub(super) direction: Direction,
    /// The calls of the ranks: in the order of ranks of the world, or, where each waits for some, in that in which
    /// they began.
    pub(super) calls: Vec<usize>,
    /// The root's, or [`NONE`].
    pub(super) root: usize,
}

/// What a message is known by: communicator, sender, receiver, tag, number.
type Key = (u64, usize, usize, Tag, u32);

impl Links {
    pub(super) fn of(run: &Run<'_>) -> Self {
        let none = || vec![NONE; run.calls.len()];
        let mut links = Self {
            sender: none(),
            receiver: none(),
            started: none(),
            meeting: none(),
            meetings: vec![],
            unsent: vec![],
            unreceived: vec![],
        };
        links.requests(run);
        links.messages(run);
        links.collectives(run);
        links
    }

    /// Each wait with what it waits for.
    fn requests(&mut self, run: &Run<'_>) {
        for lane in 0..run.lanes() {
            let mut open = HashMap::new();
            for at in run.of_lane(lane) {
                let event = run.calls[at].event;
                let Some(request) = event.request() else { continue };
                if event.kind == CallKind::Wait {
                    self.started[at] = open.get(&request).copied().unwrap_or(NONE);
                } else if starts(event) {
                    open.insert(request, at);
                }
            }
        }
    }

    fn messages(&mut self, run: &Run<'_>) {
        let mut sends: HashMap<Key, usize> = HashMap::new();
        for (at, call) in run.calls.iter().enumerate() {
            let (event, rank) = (call.event, run.rank(call.lane));
            if sends_message(event) {
                let key =
                    (communicator(run, at), rank, event.to as usize, event.tag, event.sequence);
                sends.insert(key, at);
            }
        }
        let mut missed = vec![];
        for (at, call) in run.calls.iter().enumerate() {
            let (event, rank) = (call.event, run.rank(call.lane));
            let Some(number) = receives(event) else { continue };
            let key = (communicator(run, at), event.from as usize, rank, event.want, number);
            match sends.remove(&key) {
                Some(send) => self.join(send, at),
                None => missed.push(at),
            }
        }
        self.unsent = missed;
        self.leftovers(run, sends);
    }

    fn join(&mut self, send: usize, receive: usize) {
        self.sender[receive] = send;
        let ready = match self.started[receive] {
            NONE => receive,
            start => start,
        };
        self.receiver[send] = ready;
    }

    /// An `irecv` whose wait is not recorded, as at the end of a scope, has what is left of what it wants, in order.
    fn leftovers(&mut self, run: &Run<'_>, sends: HashMap<Key, usize>) {
        let mut left: HashMap<_, Vec<_>> = HashMap::new();
        for ((comm, from, to, tag, number), send) in sends {
            left.entry((comm, from, to, tag)).or_default().push((number, send));
        }
        left.values_mut().for_each(|queue| queue.sort_unstable_by(|a, b| b.cmp(a)));
        let mut waited = vec![false; run.calls.len()];
        for start in self.started.iter().filter(|start| **start != NONE) {
            waited[*start] = true;
        }
        for (at, call) in run.calls.iter().enumerate() {
            let event = call.event;
            if event.kind != CallKind::Irecv || role(event) != Role::Receive || waited[at] {
                continue;
            }
            let key = (communicator(run, at), event.from as usize, run.rank(call.lane), event.want);
            if let Some((_, send)) = left.get_mut(&key).and_then(Vec::pop) {
                self.receiver[send] = at;
            }
        }
        self.unreceived = left.into_values().flatten().map(|(_, send)| send).collect();
        self.unreceived.sort_unstable();
    }

    fn collectives(&mut self, run: &Run<'_>) {
        let mut numbers: HashMap<(u64, bool, u32), usize> = HashMap::new();
        for (at, call) in run.calls.iter().enumerate() {
            let event = call.event;
            let Role::Collective(direction) = role(event) else { continue };
            if event.sequence == Event::NONE {
                continue;
            }
            let key = (communicator(run, at), event.kind.is_nonblocking(), event.sequence);
            let number = *numbers.entry(key).or_insert_with(|| {
                self.meetings.push(Meeting { direction, calls: vec![], root: NONE });
                self.meetings.len() - 1
            });
            let meeting = &mut self.meetings[number];
            meeting.calls.push(at);
            if root_of(run, at) == Some(run.rank(call.lane)) {
                meeting.root = at;
            }
            self.meeting[at] = number;
        }
        let near = |meeting: &&mut Meeting| meeting.direction == Direction::Near;
        for meeting in self.meetings.iter_mut().filter(near) {
            meeting.calls.sort_by_key(|at| run.calls[*at].start);
        }
    }

    /// The call from which on the receiver of what `send` sends is ready, if `call`, which is the same or waits
    /// for its request, waits for that too.
    fn awaited_receiver(&self, run: &Run<'_>, send: usize, call: usize) -> Option<usize> {
        let receiver = self.receiver[send];
        let ready = run.calls.get(receiver)?.start;
        let event = run.calls[send].event;
        let waits = match event.kind {
            CallKind::Ssend | CallKind::Issend => true,
            CallKind::Bsend | CallKind::Rsend => false,
            // Nothing records it. What was over before the receiver was there was copied, however large.
            _ => event.sent > EAGER_BYTES && run.calls[call].end >= ready,
        };
        waits.then_some(receiver)
    }
}

/// The communicator of a call, by the number that all ranks know it by.
fn communicator(run: &Run<'_>, at: usize) -> u64 {
    let call = &run.calls[at];
    let members = run.log(call.lane).communicator(call.event);
    members.map_or(u64::from(call.event.communicator), |members| members.id)
}

fn root_of(run: &Run<'_>, at: usize) -> Option<usize> {
    let event = run.calls[at].event;
    (event.to < Event::ANY).then_some(event.to as usize)
}

fn sends_message(event: &Event) -> bool {
    matches!(role(event), Role::Send | Role::Both) && event.sequence != Event::NONE
}

/// The number of the message that a call has received, or taken.
fn receives(event: &Event) -> Option<u32> {
    // Of an `irecv` the wait tells.
    let tells = match role(event) {
        Role::Receive => !starts(event),
        Role::Both | Role::Wait => true,
        _ => false,
    };
    event.matched().filter(|_| tells)
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// That another call has begun.
    Call(usize),
    /// That the first calls of this meeting have: so many, and at least one.
    Parts(usize, usize),
}

impl Links {
    /// Hands over what a call waits for, and why. `sends_wait` is whether sends wait for their receivers.
    pub(super) fn needs(
        &self,
        run: &Run<'_>,
        at: usize,
        sends_wait: bool,
        need: &mut dyn FnMut(WaitKind, Need),
    ) {
        let call = &run.calls[at];
        if starts(call.event) {
            return;
        }
        if self.sender[at] != NONE {
            need(WaitKind::LateSender, Need::Call(self.sender[at]));
        }
        // A wait waits for the receiver, or the meeting, of what has started its request.
        let begun = match self.started[at] {
            started if started != NONE && role(call.event) == Role::Wait => started,
            _ => at,
        };
        if sends_wait && let Some(receiver) = self.awaited_receiver(run, begun, at) {
            need(WaitKind::LateReceiver, Need::Call(receiver));
        }
        self.meeting_needs(run, begun, call.end, &mut |met| need(WaitKind::Collective, met));
    }

    /// What a part in a meeting waits for that is over at `end`.
    fn meeting_needs(&self, run: &Run<'_>, at: usize, end: u64, need: &mut dyn FnMut(Need)) {
        let number = self.meeting[at];
        let Some(meeting) = self.meetings.get(number) else { return };
        let is_root = root_of(run, at) == Some(run.rank(run.calls[at].lane));
        let count = match meeting.direction {
            Direction::All => meeting.calls.len(),
            // Who began after that was not waited for.
            Direction::Near => meeting
                .calls
                .partition_point(|call| run.calls[*call].start <= end.saturating_add(CLOCKS_NS)),
            Direction::FromRoot if !is_root && meeting.root != NONE => {
                return need(Need::Call(meeting.root));
            }
            Direction::ToRoot if is_root => meeting.calls.len(),
            Direction::FromRoot | Direction::ToRoot => 0,
            Direction::Upward => meeting.calls.partition_point(|call| *call < at),
        };
        if count > 0 {
            need(Need::Parts(number, count));
        }
    }
}
