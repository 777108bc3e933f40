//! What the end of the run depends on.

use std::collections::HashMap;

use super::links::NONE;
use super::replay::Replay;
use super::run::{NO_PLACE, Run};

/// A stretch of the critical path: a rank goes from one moment to another without waiting for anybody. What comes next
/// is on the rank that waited for this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathStretch {
    /// The rank, in the world.
    pub rank: usize,
    /// When it begins, in nanoseconds of the clock of rank 0, as recorded.
    pub start_ns: u64,
    /// When it ends.
    pub end_ns: u64,
}

/// What one rank has of the critical path before the calls of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathShare {
    /// The rank, in the world.
    pub rank: usize,
    /// The line of the call that the work came before; `None` for work after the last call.
    pub place: Option<String>,
    /// How long it worked, in nanoseconds.
    pub ns: u64,
}

/// The path backwards, and how long each rank worked before which place.
pub(super) fn critical_path(run: &Run<'_>, replay: &Replay) -> (Vec<PathStretch>, Vec<PathShare>) {
    let mut walk = Walk { run, stretches: vec![], shares: HashMap::new() };
    let last = (0..run.lanes()).max_by_key(|lane| (replay.ends[*lane], std::cmp::Reverse(*lane)));
    if let Some(lane) = last {
        walk.back(lane, replay);
    }
    walk.stretches.reverse();
    let share = |((lane, place), ns)| PathShare {
        rank: run.rank(lane),
        place: (place != END).then(|| run.place(place)),
        ns,
    };
    let mut shares: Vec<PathShare> = walk.shares.into_iter().map(share).collect();
    shares.retain(|share| share.ns > 0);
    shares.sort_by(|a, b| b.ns.cmp(&a.ns).then(a.rank.cmp(&b.rank)).then(a.place.cmp(&b.place)));
    (walk.stretches, shares)
}

/// In place of a place: the end of the rank.
const END: usize = NO_PLACE - 1;

struct Walk<'r, 't> {
    run: &'r Run<'t>,
    stretches: Vec<PathStretch>,
    shares: HashMap<(usize, usize), u64>,
}

impl Walk<'_, '_> {
    /// From the end of a rank to the beginning of the run.
    fn back(&mut self, lane: usize, replay: &Replay) {
        let run = self.run;
        let mut until = run.ends[lane].1;
        let mut lane = lane;
        let mut next = run.first[lane + 1];
        self.add(lane, END, run.tail(lane));
        while next > run.first[lane] {
            let at = next - 1;
            let call = &run.calls[at];
            let cause = replay.cause[at];
            if cause == NONE {
                self.add(call.lane, call.place, call.work + call.alone());
                next = at;
                continue;
            }
            self.stretch(lane, call.end, until);
            let other = &run.calls[cause];
            (lane, next, until) = (other.lane, cause, other.start);
            self.add(other.lane, other.place, other.work);
        }
        self.stretch(lane, run.ends[lane].0, until);
    }

    fn add(&mut self, lane: usize, place: usize, ns: u64) {
        let share = self.shares.entry((lane, place)).or_default();
        *share = share.saturating_add(ns);
    }

    fn stretch(&mut self, lane: usize, start_ns: u64, end_ns: u64) {
        let rank = self.run.rank(lane);
        // Where clocks are not exact, a message may come before it was sent.
        self.stretches.push(PathStretch { rank, start_ns: start_ns.min(end_ns), end_ns });
    }
}
