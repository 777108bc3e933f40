//! Traces made by hand, with times in nanoseconds.

use std::collections::HashMap;

use crate::{CallKind, Event, Members, Place, RankLog, Trace};

/// A trace that grows. Messages and collectives get their numbers in the order in which they are added.
pub(super) struct Built {
    trace: Trace,
    messages: HashMap<(Side, usize, usize), u32>,
    collectives: HashMap<usize, u32>,
}

/// Which half of a message is numbered.
#[derive(PartialEq, Eq, Hash)]
enum Side {
    Sent,
    Received,
}

/// The number that is next, counted.
fn next(count: &mut u32) -> u32 {
    *count += 1;
    *count - 1
}

impl Built {
    /// Ranks that all have the lines 1 to 9 of `a.rs`.
    pub(super) fn new(size: usize) -> Self {
        let log = |rank| {
            let place = |line| Place { file: "a.rs".into(), line, column: 5 };
            let mut log = RankLog::new(rank);
            log.places = (0..10).map(place).collect();
            log.communicators.push(Members { id: 0, ranks: (0..size as u32).collect() });
            log
        };
        let trace = Trace { size, ranks: (0..size).map(log).collect() };
        Self { trace, messages: HashMap::new(), collectives: HashMap::new() }
    }

    /// A call of a rank at a line, from a time to a time.
    pub(super) fn call(
        &mut self,
        rank: usize,
        kind: CallKind,
        (start, end): (u64, u64),
        line: u16,
    ) -> &mut Event {
        let event = Event { place: line, ..Event::new(kind, start, end) };
        let log = &mut self.trace.ranks[rank];
        log.end_ns = log.end_ns.max(end);
        log.events.push(event);
        log.events.last_mut().expect("one was added")
    }

    /// A call that sends so many bytes with tag 0.
    pub(super) fn send(
        &mut self,
        (from, to): (usize, usize),
        kind: CallKind,
        bytes: u64,
        times: (u64, u64),
        line: u16,
    ) -> &mut Event {
        let sequence = next(self.messages.entry((Side::Sent, from, to)).or_default());
        let event = self.call(from, kind, times, line);
        (event.to, event.tag, event.sent, event.sequence) = (to as u32, 0, bytes, sequence);
        event
    }

    /// A call that has received the next of a rank's messages with tag 0.
    pub(super) fn recv(
        &mut self,
        (from, to): (usize, usize),
        kind: CallKind,
        times: (u64, u64),
        line: u16,
    ) -> &mut Event {
        let sequence = next(self.messages.entry((Side::Received, from, to)).or_default());
        let event = self.call(to, kind, times, line);
        (event.from, event.want, event.sequence) = (from as u32, 0, sequence);
        event
    }

    /// A rank's part in its next collective.
    pub(super) fn collective(
        &mut self,
        rank: usize,
        kind: CallKind,
        times: (u64, u64),
        line: u16,
    ) -> &mut Event {
        let sequence = next(self.collectives.entry(rank).or_default());
        let event = self.call(rank, kind, times, line);
        event.sequence = sequence;
        event
    }

    /// The rank ends at this time.
    pub(super) fn end(&mut self, rank: usize, at: u64) {
        self.trace.ranks[rank].end_ns = at;
    }

    pub(super) fn log(&mut self, rank: usize) -> &mut RankLog {
        &mut self.trace.ranks[rank]
    }

    pub(super) fn trace(self) -> Trace {
        self.trace
    }
}
