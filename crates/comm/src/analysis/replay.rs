//! The run again, on a network that costs nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::links::{Links, NONE, Need};
use super::run::Run;

/// What would keep each call waiting if messages took no time, and ranks worked as long as they did.
///
/// Windows, files and calls that failed are no messages, and take as long as they did.
pub(super) struct Replay {
    /// The call that kept a call waiting, if one did.
    pub(super) cause: Vec<usize>,
    /// When each rank would end, from the beginning of the run.
    pub(super) ends: Vec<u64>,
    /// How many calls went on although what they wait for had not happened: the trace is not whole, or
    /// it is told wrongly which sends wait.
    pub(super) forced: usize,
}

impl Replay {
    /// The run, with sends that wait for their receivers as they did, or that never wait.
    pub(super) fn of(run: &Run<'_>, links: &Links, sends_wait: bool) -> Self {
        let mut player = Player::new(run, links, sends_wait);
        let mut ready: Vec<usize> = (0..run.lanes()).rev().collect();
        loop {
            while let Some(lane) = ready.pop() {
                player.play(lane, &mut ready);
            }
            // Nobody can go on: the one that has waited longest does.
            let stuck = player.lanes.iter().enumerate().filter(|(_, lane)| lane.blocked.is_some());
            let Some((lane, _)) = stuck.min_by_key(|(_, lane)| lane.clock) else { break };
            player.force(lane);
            ready.push(lane);
        }
        player.replay
    }

    /// When the last rank would end.
    pub(super) fn runtime(&self) -> u64 {
        self.ends.iter().copied().max().unwrap_or(0)
    }
}

struct Player<'r, 't> {
    run: &'r Run<'t>,
    links: &'r Links,
    sends_wait: bool,
    lanes: Vec<Lane>,
    meetings: Vec<Open>,
    /// Of each rank, whose calls wait for one of its calls.
    watchers: Vec<Vec<usize>>,
    /// When each call begins.
    entered: Vec<u64>,
    replay: Replay,
}

struct Lane {
    /// The next call.
    next: usize,
    clock: u64,
    blocked: Option<Need>,
    /// The call that need not wait.
    forced: usize,
}

/// A meeting.
#[derive(Default)]
struct Open {
    /// Of its first calls, as far as all have begun: when the last of so many did, and which that is.
    last: Vec<(u64, usize)>,
    /// For how many of them ranks wait.
    waiting: BinaryHeap<Reverse<(usize, usize)>>,
}

impl<'r, 't> Player<'r, 't> {
    fn new(run: &'r Run<'t>, links: &'r Links, sends_wait: bool) -> Self {
        let calls = run.calls.len();
        let lane = |lane: usize| Lane {
            next: run.first[lane],
            clock: run.ends[lane].0 - run.begin(),
            blocked: None,
            forced: usize::MAX,
        };
        Self {
            run,
            links,
            sends_wait,
            lanes: (0..run.lanes()).map(lane).collect(),
            meetings: links.meetings.iter().map(|_| Open::default()).collect(),
            watchers: vec![vec![]; run.lanes()],
            entered: vec![u64::MAX; calls],
            replay: Replay { cause: vec![NONE; calls], ends: vec![0; run.lanes()], forced: 0 },
        }
    }

    /// Lets a rank go on until it must wait.
    fn play(&mut self, lane: usize, ready: &mut Vec<usize>) {
        self.lanes[lane].blocked = None;
        let calls = self.run.of_lane(lane);
        while self.lanes[lane].next < calls.end {
            let at = self.lanes[lane].next;
            if self.entered[at] == u64::MAX {
                self.enter(lane, at, ready);
            }
            if let Some(need) = self.leave(lane, at) {
                self.block(lane, need);
                return;
            }
            self.lanes[lane].next += 1;
        }
        self.replay.ends[lane] = self.lanes[lane].clock.saturating_add(self.run.tail(lane));
    }

    fn enter(&mut self, lane: usize, at: usize, ready: &mut Vec<usize>) {
        let now = self.lanes[lane].clock.saturating_add(self.run.calls[at].work);
        // The largest number is that of a call which has not begun.
        let now = now.min(u64::MAX - 1);
        self.lanes[lane].clock = now;
        self.entered[at] = now;
        self.come(self.links.meeting[at], ready);
        let (lanes, watchers) = (&self.lanes, &mut self.watchers[lane]);
        watchers.retain(|&watcher| {
            let is_this = lanes[watcher].blocked == Some(Need::Call(at));
            ready.extend(is_this.then_some(watcher));
            !is_this && lanes[watcher].blocked.is_some()
        });
    }

    /// Another call of a meeting has begun.
    fn come(&mut self, meeting: usize, ready: &mut Vec<usize>) {
        let Some(open) = self.meetings.get_mut(meeting) else { return };
        for &call in &self.links.meetings[meeting].calls[open.last.len()..] {
            let begun = (self.entered[call], call);
            if begun.0 == u64::MAX {
                break;
            }
            open.last.push(open.last.last().map_or(begun, |last| begun.max(*last)));
        }
        while let Some(Reverse((count, lane))) = open.waiting.peek().copied()
            && count <= open.last.len()
        {
            open.waiting.pop();
            ready.push(lane);
        }
    }

    /// Ends a call, or tells what it still waits for.
    fn leave(&mut self, lane: usize, at: usize) -> Option<Need> {
        let (mut last, mut missing) = ((self.entered[at], at), None);
        let is_forced = self.lanes[lane].forced == at;
        let (entered, meetings) = (&self.entered, &self.meetings);
        let is_over = self.run.last_of(at) == at;
        // What began after a piece did not end it.
        let came = |call: usize| self.run.calls[call].start <= self.run.calls[at].end;
        self.links.needs(self.run, at, self.sends_wait, &mut |_, need| {
            let (time, call) = match need {
                Need::Call(call) if !is_over && !came(call) => return,
                Need::Parts(..) if !is_over => return,
                Need::Call(call) => (entered[call], call),
                Need::Parts(meeting, count) => {
                    meetings[meeting].last.get(count - 1).copied().unwrap_or((u64::MAX, NONE))
                }
            };
            if time == u64::MAX {
                missing = Some(need);
            } else if time > last.0 {
                last = (time, call);
            }
        });
        if missing.is_some() && !is_forced {
            return missing;
        }
        self.lanes[lane].clock = last.0.saturating_add(self.run.calls[at].alone());
        if last.1 != at {
            self.replay.cause[at] = last.1;
        }
        None
    }

    fn block(&mut self, lane: usize, need: Need) {
        self.lanes[lane].blocked = Some(need);
        match need {
            Need::Call(call) => self.watchers[self.run.calls[call].lane].push(lane),
            Need::Parts(meeting, count) => {
                self.meetings[meeting].waiting.push(Reverse((count, lane)));
            }
        }
    }

    fn force(&mut self, lane: usize) {
        if let Some(Need::Parts(meeting, _)) = self.lanes[lane].blocked {
            self.meetings[meeting].waiting.retain(|Reverse((_, waiting))| *waiting != lane);
        }
        self.lanes[lane].forced = self.lanes[lane].next;
        self.replay.forced += 1;
    }
}
