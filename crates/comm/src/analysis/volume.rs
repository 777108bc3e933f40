//! How much was sent, and by which calls.

use std::collections::{BTreeMap, HashMap};

use super::links::Links;
use super::role::{Role, role};
use super::run::Run;
use super::total;
use super::waits::Wait;
use crate::{CallKind, Event};

/// What one rank sent to another, point to point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// How many messages.
    pub messages: u64,
    /// How many bytes they had together.
    pub bytes: u64,
}

/// The calls of one kind at one line, of all ranks together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineTotal {
    /// What was called.
    pub call: CallKind,
    /// Where.
    pub place: String,
    /// How often.
    pub calls: u64,
    /// How many bytes the ranks brought.
    pub sent_bytes: u64,
    /// How long the calls took, in nanoseconds.
    pub ns: u64,
    /// How much of that was waiting for other ranks.
    pub waiting_ns: u64,
}

/// What each rank sent to each.
pub(super) fn traffic(run: &Run<'_>) -> BTreeMap<(usize, usize), Traffic> {
    let mut pairs: HashMap<(usize, usize), Traffic> = HashMap::new();
    for (at, call) in run.calls.iter().enumerate() {
        let event = call.event;
        let sends = matches!(role(event), Role::Send | Role::Both) && event.to < Event::ANY;
        if sends && run.first_of(at) == at {
            let pair = pairs.entry((run.rank(call.lane), event.to as usize)).or_default();
            pair.messages += 1;
            pair.bytes = pair.bytes.saturating_add(event.sent);
        }
    }
    pairs.into_iter().collect()
}

/// The calls by kind and line, those that took longest first.
pub(super) fn lines(run: &Run<'_>, waits: &[Option<Wait>]) -> Vec<LineTotal> {
    let mut totals: HashMap<(CallKind, usize), LineTotal> = HashMap::new();
    for (at, (call, wait)) in run.calls.iter().zip(waits).enumerate() {
        let kind = call.event.kind;
        let empty = || LineTotal {
            call: kind,
            place: run.place(call.place),
            calls: 0,
            sent_bytes: 0,
            ns: 0,
            waiting_ns: 0,
        };
        let line = totals.entry((kind, call.place)).or_insert_with(empty);
        if run.first_of(at) == at {
            line.calls += 1;
            line.sent_bytes = total([line.sent_bytes, call.event.sent]);
        }
        line.ns = total([line.ns, call.elapsed()]);
        line.waiting_ns = total([line.waiting_ns, wait.map_or(0, |wait| wait.ns)]);
    }
    let mut totals: Vec<LineTotal> = totals.into_values().collect();
    totals.sort_by(|a, b| {
        b.ns.cmp(&a.ns).then(a.place.cmp(&b.place)).then(a.call.name().cmp(b.call.name()))
    });
    totals
}

/// How long messages were under way from one call to another: together, and at least one of them, in nanoseconds.
pub(super) fn under_way(run: &Run<'_>, links: &Links) -> (u64, u64) {
    let mut times: Vec<(u64, u64)> = vec![];
    for (at, call) in run.calls.iter().enumerate() {
        let Some(sender) = run.calls.get(links.sender[at]) else { continue };
        let start = sender.start.max(run.calls[run.first_of(at)].start);
        times.extend((start < call.end).then_some((start, call.end)));
    }
    times.sort_unstable();
    let sum = total(times.iter().map(|(start, end)| end - start));
    let mut reached = 0;
    let mut union = 0;
    for (start, end) in times {
        union += end.saturating_sub(start.max(reached));
        reached = reached.max(end);
    }
    (sum, union)
}
