//! What ranks waited for in their calls, as recorded.

use std::collections::HashMap;

use super::links::{Links, NONE, Need};
use super::run::Run;
use super::total;
use crate::CallKind;

/// Why a rank waited in a call.
///
/// The first two are named as in [Scalasca](https://apps.fz-juelich.de/scalasca/releases/scalasca/2.6/help/scalasca_patterns.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WaitKind {
    /// It receives what is not sent yet.
    LateSender,
    /// It sends what nobody receives yet, and is large or synchronous.
    LateReceiver,
    /// It is in a collective that others have not begun.
    Collective,
}

/// The wait of a call: why, how long, and for which call.
#[derive(Clone, Copy)]
pub(super) struct Wait {
    pub(super) kind: WaitKind,
    pub(super) ns: u64,
    pub(super) cause: usize,
}

/// What a call waited for, at most: the one that came last.
pub(super) fn wait(run: &Run<'_>, links: &Links, latest: &[Vec<usize>], at: usize) -> Option<Wait> {
    let call = &run.calls[at];
    let mut found: Option<Wait> = None;
    links.needs(run, at, true, &mut |kind, need| {
        let cause = match need {
            Need::Call(cause) => cause,
            Need::Parts(meeting, count) => latest[meeting][count - 1],
        };
        let other = &run.calls[cause];
        let ns = other.start.min(call.end).saturating_sub(call.start);
        if other.lane != call.lane && ns > found.map_or(0, |wait| wait.ns) {
            found = Some(Wait { kind, ns, cause });
        }
    });
    found
}

/// Of the first calls of each meeting, of one, of two, and so on, the one that began last.
pub(super) fn latest(run: &Run<'_>, links: &Links) -> Vec<Vec<usize>> {
    let later = |last: &mut usize, call: &usize| {
        let is_later = *last == NONE || run.calls[*call].start >= run.calls[*last].start;
        *last = if is_later { *call } else { *last };
        Some(*last)
    };
    links.meetings.iter().map(|meeting| meeting.calls.iter().scan(NONE, later).collect()).collect()
}

/// Where the time of a rank went, in nanoseconds. All together are the time from its beginning to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RankTime {
    /// The rank, in the world.
    pub rank: usize,
    /// Outside calls: it worked.
    pub useful_ns: u64,
    /// In receives of what was not yet sent.
    pub late_sender_ns: u64,
    /// In sends of what was not yet received.
    pub late_receiver_ns: u64,
    /// In collectives that others had not begun.
    pub collective_ns: u64,
    /// The rest of its calls: messages were under way, copied, combined.
    pub transfer_ns: u64,
}

impl RankTime {
    /// All waiting together.
    #[must_use]
    pub fn waiting_ns(&self) -> u64 {
        self.late_sender_ns + self.late_receiver_ns + self.collective_ns
    }

    pub(super) fn add(&mut self, elapsed: u64, wait: Option<Wait>) {
        let waited = wait.map_or(0, |wait| wait.ns);
        self.transfer_ns += elapsed - waited;
        match wait.map(|wait| wait.kind) {
            Some(WaitKind::LateSender) => self.late_sender_ns += waited,
            Some(WaitKind::LateReceiver) => self.late_receiver_ns += waited,
            Some(WaitKind::Collective) => self.collective_ns += waited,
            None => {}
        }
    }
}

/// All that one line waited for at another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitPattern {
    /// Why.
    pub kind: WaitKind,
    /// What was called.
    pub call: CallKind,
    /// Where.
    pub place: String,
    /// What the other rank called, which came late.
    pub late_call: CallKind,
    /// Where.
    pub late_place: String,
    /// The rank of the longest of these waits.
    pub rank: usize,
    /// The rank that this one waited for.
    pub late_rank: usize,
    /// How long all ranks waited here, in nanoseconds.
    pub ns: u64,
    /// How often.
    pub calls: usize,
}

impl WaitKind {
    /// As it stands in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LateSender => "late sender",
            Self::LateReceiver => "late receiver",
            Self::Collective => "collective",
        }
    }
}

/// The waits by the lines that wait and those that come late, the longest together first.
pub(super) fn patterns(run: &Run<'_>, waits: &[Option<Wait>]) -> Vec<WaitPattern> {
    // Each with its longest.
    let mut patterns: HashMap<_, (WaitPattern, u64)> = HashMap::new();
    for (call, wait) in run.calls.iter().zip(waits) {
        let Some(wait) = wait else { continue };
        let late = &run.calls[wait.cause];
        let key = (wait.kind, call.event.kind, call.place, late.event.kind, late.place);
        let empty = || WaitPattern {
            kind: wait.kind,
            call: call.event.kind,
            place: run.place(call.place),
            late_call: late.event.kind,
            late_place: run.place(late.place),
            rank: run.rank(call.lane),
            late_rank: run.rank(late.lane),
            ns: 0,
            calls: 0,
        };
        let (pattern, longest) = patterns.entry(key).or_insert_with(|| (empty(), 0));
        pattern.ns = total([pattern.ns, wait.ns]);
        pattern.calls += 1;
        if wait.ns > *longest {
            *longest = wait.ns;
            (pattern.rank, pattern.late_rank) = (run.rank(call.lane), run.rank(late.lane));
        }
    }
    let mut patterns: Vec<WaitPattern> =
        patterns.into_values().map(|(pattern, _)| pattern).collect();
    patterns.sort_by(|a, b| {
        let by_place = || a.place.cmp(&b.place).then_with(|| a.late_place.cmp(&b.late_place));
        b.ns.cmp(&a.ns).then_with(by_place).then(a.kind.cmp(&b.kind))
    });
    patterns
}
