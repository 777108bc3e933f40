//! Which calls belong together: senders and receivers, requests and waits, collectives.

use std::collections::{BTreeSet, HashMap};

use super::role::{Direction, Role, role, runs_operation, starts};
use super::run::Run;
use super::waits::WaitKind;
use crate::{CallKind, Event, Tag};

/// The number of a call, or of a meeting, where there is none.
pub(super) const NONE: usize = usize::MAX;

/// Up to here a send in standard mode does not wait for its receiver, as far as is known: what
/// threads copy aside, and the least that implementations of MPI do.
const EAGER_BYTES: u64 = 4096;

/// Of how many reductions that a rank has open the operation is taken to run in its calls: the last.
const MOST_DRIVEN: usize = 64;

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
    /// Which call ended a piece that is not the last of its call: the part in a reduction with which its operation
    /// ran, which made the call that follows.
    ended_by: HashMap<usize, usize>,
    /// Sends that nobody received, and receives of what nobody sent, as far as is recorded.
    pub(super) unsent: Vec<usize>,
    pub(super) unreceived: Vec<usize>,
}

/// A collective, as one.
pub(super) struct Meeting {
    pub(super) direction: Direction,
    /// The calls of the ranks: in the order in which they began, or, where each waits for those before it, in that of
    /// ranks of the world.
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
            ended_by: HashMap::new(),
            unsent: vec![],
            unreceived: vec![],
        };
        links.requests(run);
        links.messages(run);
        links.collectives(run);
        links.pieces(run);
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
                } else if starts(event) && run.first_of(at) == at {
                    open.insert(request, at);
                }
            }
        }
    }

    /// Each piece that is not the last of its call with what ended it, among the reductions that are open on its rank.
    fn pieces(&mut self, run: &Run<'_>) {
        for lane in 0..run.lanes() {
            let mut open = BTreeSet::new();
            for at in run.of_lane(lane) {
                let (event, first) = (run.calls[at].event, run.first_of(at));
                if at == first && starts(event) && runs_operation(event) {
                    open.insert(at);
                }
                if at == run.last_of(at) {
                    open.remove(&self.started[at]);
                    continue;
                }
                let own = Some(first).filter(|_| runs_operation(event));
                let all = own.into_iter().chain(open.iter().rev().copied().take(MOST_DRIVEN));
                let part = all.filter_map(|reduction| self.part_before(run, reduction, at)).max();
                self.ended_by.extend(part.map(|(_, call)| (at, call)));
            }
        }
    }

    /// The part in the reduction that `at` is of which came last before the end of a piece, with the time.
    fn part_before(&self, run: &Run<'_>, at: usize, piece: usize) -> Option<(u64, usize)> {
        let meeting = self.meetings.get(self.meeting[at])?;
        let by = |call: &usize| run.calls[*call].start <= run.calls[piece].end;
        let last = if meeting.direction == Direction::Upward {
            let before = &meeting.calls[..meeting.calls.partition_point(|call| *call < at)];
            before.iter().copied().filter(by).max_by_key(|call| run.calls[*call].start)
        } else {
            meeting.calls[..meeting.calls.partition_point(by)].last().copied()
        };
        last.map(|call| (run.calls[call].start, call))
    }

    fn messages(&mut self, run: &Run<'_>) {
        let mut sends: HashMap<Key, usize> = HashMap::new();
        for (at, call) in run.calls.iter().enumerate() {
            let (event, rank) = (call.event, run.rank(call.lane));
            if sends_message(event) && run.first_of(at) == at {
                let key =
                    (communicator(run, at), rank, event.to as usize, event.tag, event.sequence);
                sends.insert(key, at);
            }
        }
        let mut missed = vec![];
        for (at, call) in run.calls.iter().enumerate() {
            let (event, rank) = (call.event, run.rank(call.lane));
            let Some(number) = receives(event).filter(|_| run.last_of(at) == at) else { continue };
            let key = (communicator(run, at), event.from as usize, rank, event.want, number);
            match sends.remove(&key) {
                Some(send) => self.join(run, send, at),
                None => missed.push(at),
            }
        }
        self.unsent = missed;
        self.leftovers(run, sends);
    }

    fn join(&mut self, run: &Run<'_>, send: usize, receive: usize) {
        self.sender[receive] = send;
        let ready = match self.started[receive] {
            NONE => run.first_of(receive),
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
            let is_first = run.first_of(at) == at;
            if !is_first
                || event.kind != CallKind::Irecv
                || role(event) != Role::Receive
                || waited[at]
            {
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
            if event.sequence == Event::NONE || run.first_of(at) != at {
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
        let is_by_time = |meeting: &&mut Meeting| meeting.direction != Direction::Upward;
        for meeting in self.meetings.iter_mut().filter(is_by_time) {
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
    /// Hands over what a call waits for, and why: of a piece, what the whole does, and what ended it. `sends_wait` is
    /// whether sends wait for their receivers.
    pub(super) fn needs(
        &self,
        run: &Run<'_>,
        at: usize,
        sends_wait: bool,
        need: &mut dyn FnMut(WaitKind, Need),
    ) {
        let event = run.calls[at].event;
        let (first, last) = (run.first_of(at), run.last_of(at));
        if at != last
            && let Some(&part) = self.ended_by.get(&at)
        {
            need(WaitKind::Collective, Need::Call(part));
        }
        if starts(event) {
            return;
        }
        if self.sender[last] != NONE {
            need(WaitKind::LateSender, Need::Call(self.sender[last]));
        }
        // A wait waits for the receiver, or the meeting, of what has started its request.
        let begun = match self.started[at] {
            started if started != NONE && role(event) == Role::Wait => started,
            _ => first,
        };
        if sends_wait && let Some(receiver) = self.awaited_receiver(run, begun, last) {
            need(WaitKind::LateReceiver, Need::Call(receiver));
        }
        let end = run.calls[last].end;
        self.meeting_needs(run, begun, end, &mut |met| need(WaitKind::Collective, met));
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
