//! What each rank does just now, for those who look on.

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::graph::{self, Standing};
use super::meeting::Meetings;
use super::{Active, Deadlock, Waiting};
use crate::{CallKind, Called, Error, ErrorKind, Finding};

/// What the ranks of a world do just now.
#[derive(Debug)]
pub(crate) struct Watch {
    cells: Box<[Cell]>,
    /// In the order in which they were found.
    found: Mutex<Vec<Deadlock>>,
    findings: Mutex<Vec<Finding>>,
    meetings: Mutex<Meetings>,
    is_over: Mutex<bool>,
    over: Condvar,
    /// Of ranks that are processes, whether one of them asks the others, and how often it has.
    is_asked: AtomicBool,
    rounds: AtomicU64,
}

/// What one rank does. Its rank writes it, at the start and the end of each call, and when it is about to sleep.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Cell(Mutex<State>);

#[derive(Debug)]
struct State {
    call: Option<Active>,
    /// How many calls have begun.
    calls: u64,
    asleep: Option<Asleep>,
    /// Whether the call is one of those that were found to wait for ever: it fails.
    is_stuck: bool,
    /// What has started that which it sleeps for.
    started: Option<Active>,
    /// Whose messages its non-blocking collectives have looked for in vain.
    wanted: Vec<usize>,
    /// The collectives that it has come to and not yet told of, each of so many ranks; none once they were too many.
    came: Option<Vec<(Active, usize)>>,
    has_ended: bool,
    /// Of a rank that looks again and again: how often it has found something, and how often it has looked.
    moved: u64,
    looks: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            call: None,
            calls: 0,
            asleep: None,
            is_stuck: false,
            started: None,
            wanted: vec![],
            came: Some(vec![]),
            has_ended: false,
            moved: 0,
            looks: 0,
        }
    }
}

impl State {
    /// Whether it sleeps, and has not been told that it would for ever.
    fn asleep(&self) -> Option<&Asleep> {
        self.asleep.as_ref().filter(|_| !self.is_stuck)
    }
}

/// What a rank says of itself.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) count: u64,
    pub(super) moved: u64,
    pub(super) looks: u64,
    pub(super) has_ended: bool,
    pub(super) waits: Option<Waits>,
    pub(super) call: Option<Called>,
    pub(super) started: Option<Called>,
    /// The collectives that it has come to since, each of so many ranks, unless they were too many.
    pub(super) came: Option<Vec<(Called, usize)>>,
}

impl Said {
    /// What it is in, and what has started that.
    pub(super) fn calls(&self) -> [Option<Called>; 2] {
        [self.call.clone(), self.started.clone()]
    }
}

/// A rank that has seen all that has happened to it up to `seen`, and sleeps until more does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asleep {
    seen: u32,
    waits: Waits,
}

/// For whom a rank waits, by ranks in the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// For each of them.
    All(Vec<usize>),
    /// For one of them.
    Any(Vec<usize>),
}

impl Waits {
    /// What a rank does that waits so: it does nothing for itself.
    pub(super) fn standing(&self, rank: usize) -> Standing {
        let others = |peers: &[usize]| peers.iter().copied().filter(|&peer| peer != rank).collect();
        match self {
            Self::All(peers) => Standing::All(others(peers)),
            Self::Any(peers) => Standing::Any(others(peers)),
        }
    }
}

impl Watch {
    pub(crate) fn new(ranks: usize) -> Self {
        Self {
            cells: (0..ranks).map(|_| Cell::default()).collect(),
            found: Mutex::default(),
            findings: Mutex::default(),
            meetings: Mutex::default(),
            is_over: Mutex::new(false),
            over: Condvar::new(),
            is_asked: AtomicBool::new(false),
            rounds: AtomicU64::new(0),
        }
    }

    fn state(&self, rank: usize) -> MutexGuard<'_, State> {
        locked(&self.cells[rank].0)
    }

    /// A call begins, or ends, and its rank is in that which it was made within.
    pub(crate) fn is_in(&self, rank: usize, call: Option<Active>) {
        let mut state = self.state(rank);
        state.call = call;
        state.calls += 1;
        let was_stuck = mem::take(&mut state.is_stuck);
        drop(state);
        if was_stuck {
            self.lets_fail(rank);
        }
    }

    /// Waits until all calls have failed that have waited for each other with one of this rank: what it does next is
    /// to let none of them go on.
    #[cold]
    fn lets_fail(&self, rank: usize) {
        let is_stuck = |waiting: &Waiting| self.is_stuck(waiting.rank);
        let Some(deadlock) = self.last_of(rank) else { return };
        while deadlock.ranks().iter().any(is_stuck) {
            thread::yield_now();
        }
    }

    pub(crate) fn ends(&self, rank: usize) {
        let mut state = self.state(rank);
        state.has_ended = true;
        state.is_stuck = false;
    }

    /// A non-blocking collective of a rank waits for a message of another.
    pub(crate) fn wants(&self, rank: usize, from: usize) {
        let mut state = self.state(rank);
        if !state.wanted.contains(&from) {
            state.wanted.push(from);
        }
    }

    /// Before a rank drives its non-blocking collectives.
    pub(crate) fn forget_wanted(&self, rank: usize) {
        self.state(rank).wanted.clear();
    }

    /// A rank is about to sleep until its signal is no longer as it was `seen`. What its non-blocking
    /// collectives wait for may wake it too, and then it does something for others: so one of all is enough.
    pub(crate) fn sleeps(
        &self,
        rank: usize,
        seen: u32,
        waits: Option<Waits>,
        started: Option<Active>,
    ) {
        let mut state = self.state(rank);
        state.started = started;
        let wanted = mem::take(&mut state.wanted);
        let waits = match waits {
            Some(waits) if wanted.is_empty() => waits,
            Some(Waits::All(peers) | Waits::Any(peers)) => Waits::Any([peers, wanted].concat()),
            None => Waits::Any(wanted),
        };
        state.asleep = Some(Asleep { seen, waits });
    }

    pub(crate) fn wakes(&self, rank: usize) {
        self.state(rank).asleep = None;
    }

    /// A rank that does not sleep has looked for something in vain, and looks again, unless this says that it would
    /// for ever.
    pub(crate) fn looks(&self, rank: usize, waits: Option<Waits>, started: Option<Active>) -> bool {
        self.sleeps(rank, 0, waits, started);
        let mut state = self.state(rank);
        state.looks += 1;
        state.is_stuck
    }

    /// A rank has found something, and looks on.
    pub(crate) fn moves(&self, rank: usize) {
        let mut state = self.state(rank);
        state.asleep = None;
        state.moved += 1;
    }

    pub(super) fn says(&self, rank: usize) -> Said {
        let mut state = self.state(rank);
        let came = state.came.as_mut().map(mem::take);
        let told = |(active, ranks): (Active, usize)| (active.into(), ranks);
        Said {
            count: state.calls,
            moved: state.moved,
            looks: state.looks,
            has_ended: state.has_ended,
            waits: state.asleep().map(|asleep| asleep.waits.clone()),
            call: state.call.map(Into::into),
            started: state.started.map(Into::into),
            came: came.map(|came| came.into_iter().map(told).collect()),
        }
    }

    pub(super) fn ranks(&self) -> usize {
        self.cells.len()
    }

    /// Keeps what was found. Those of its ranks that are here are told, with how many calls they had begun and ended
    /// when it was seen: the call that they are still in fails, and later ones do not.
    pub(super) fn has_found(&self, deadlock: &Deadlock, here: &[(usize, u64)]) {
        // Locked until all are told, see `lets_fail`.
        let mut found = locked(&self.found);
        found.truncate(MOST_FINDINGS - 1);
        found.push(deadlock.clone());
        for &(rank, calls) in here {
            let mut state = self.state(rank);
            state.is_stuck = state.calls == calls;
        }
    }

    /// Whether the process of rank 0 asks what ranks do.
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Acquire)
    }

    pub(super) fn set_asked(&self, is_asked: bool) {
        self.is_asked.store(is_asked, Ordering::Release);
    }

    /// How often a rank was asked.
    pub(super) fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Acquire)
    }

    pub(super) fn starts_round(&self) {
        self.rounds.fetch_add(1, Ordering::AcqRel);
    }

    /// A rank that is a process comes to a collective of so many.
    pub(crate) fn comes_alone(&self, active: Active, ranks: usize) {
        let is_asked = self.is_asked();
        let mut state = self.state(active.rank);
        state.call = Some(active);
        state.calls += 1;
        if is_asked && let Some(came) = &mut state.came {
            came.push((active, ranks));
            if came.len() > MOST_COME {
                state.came = None;
            }
        }
    }

    /// A rank comes to a collective of so many.
    pub(crate) fn comes(&self, active: Active, ranks: usize) {
        self.state(active.rank).call = Some(active);
        let finding = locked(&self.meetings).come(active.into(), ranks);
        finding.into_iter().for_each(|finding| self.finds(finding));
    }

    pub(crate) fn finds(&self, finding: Finding) {
        let mut findings = locked(&self.findings);
        // A program that goes wrong in a loop does so once.
        if findings.len() < MOST_FINDINGS && !findings.contains(&finding) {
            findings.push(finding);
        }
    }

    /// A rank has ended early. Its program has dropped its requests for that, and is not blamed for it.
    pub(crate) fn forgets_requests(&self, rank: usize) {
        let is_its = |finding: &Finding| matches!(finding, Finding::Request { started } if started.rank == rank);
        locked(&self.findings).retain(|finding| !is_its(finding));
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        mem::take(&mut *locked(&self.findings))
    }

    /// What was found so far.
    pub(crate) fn deadlocks(&self) -> Vec<Deadlock> {
        locked(&self.found).clone()
    }

    /// The error of this kind, with the deadlock that it comes of: the last of this rank.
    pub(crate) fn error(&self, kind: ErrorKind) -> Error {
        let ErrorKind::Deadlock { rank } = kind else { return kind.into() };
        self.last_of(rank).map_or_else(|| kind.into(), |deadlock| Error::caused(kind, deadlock))
    }

    /// The last that was found of a rank.
    fn last_of(&self, rank: usize) -> Option<Deadlock> {
        let is_it = |waiting: &Waiting| waiting.rank == rank;
        let found = locked(&self.found);
        found.iter().rev().find(|deadlock| deadlock.ranks().iter().any(is_it)).cloned()
    }

    /// Whether the call of a rank is one of those that wait for ever.
    pub(crate) fn is_stuck(&self, rank: usize) -> bool {
        self.state(rank).is_stuck
    }

    /// Looks for deadlocks until the world is over, and tells of each. `is_still` tells of a rank that sleeps since
    /// its signal was so, whether nothing has happened to it since.
    ///
    /// Two looks, one after the other, must find a rank in the same call. That is patience; what makes it
    /// right is in [`standings`](Self::standings). Who was found by the first look waits for nobody but for others
    /// that were, so who comes to wait later is told of later, and keeps nobody from being told.
    pub(crate) fn guard(
        &self,
        stall: Duration,
        is_still: impl Fn(usize, u32) -> bool,
        tell: impl Fn(&Deadlock),
    ) {
        let mut before: Vec<(usize, u64)> = vec![];
        while !self.is_over_after(stall) {
            let standings = self.standings(&is_still);
            let now: Vec<(usize, u64)> = graph::stuck(&standings)
                .into_iter()
                .map(|rank| (rank, self.state(rank).calls))
                .collect();
            // Both are in the order of ranks.
            let mut again = now.clone();
            again.retain(|it| before.binary_search(it).is_ok());
            let stuck: Vec<usize> = again.iter().map(|&(rank, _)| rank).collect();
            let calls = |rank| {
                let state = self.state(rank);
                [state.call, state.started].map(|call| call.map(Into::into))
            };
            if let Some(deadlock) = Self::judged(&standings, &stuck, calls) {
                self.has_found(&deadlock, &again);
                tell(&deadlock);
            }
            before = now;
        }
    }

    /// What each rank does. A rank counts as asleep when it is so in two passes, has seen the same in both, and
    /// nothing has happened to it meanwhile: then it was asleep from the end of the first pass to the start of the
    /// second, and so were all others that count. None of them has sent anything in between, or will, before
    /// another does.
    fn standings(&self, is_still: impl Fn(usize, u32) -> bool) -> Vec<Standing> {
        let asleep = |rank: usize| {
            let state = self.state(rank);
            let asleep = state.asleep().filter(|asleep| is_still(rank, asleep.seen)).cloned();
            (asleep, state.has_ended)
        };
        let ranks = 0..self.cells.len();
        let first: Vec<_> = ranks.clone().map(asleep).collect();
        let second = ranks.map(asleep);
        let both = first.into_iter().zip(second).enumerate();
        both.map(|(rank, (first, second))| standing(rank, first, second)).collect()
    }

    /// Who waits for whom, if some are stuck; `calls` tells what a rank is in, and what has started that.
    pub(super) fn judged(
        standings: &[Standing],
        stuck: &[usize],
        calls: impl Fn(usize) -> [Option<Called>; 2],
    ) -> Option<Deadlock> {
        let waiting = |&rank: &usize| {
            let [call, started] = calls(rank);
            let (waits_for, any) = match &standings[rank] {
                Standing::All(peers) => (peers.clone(), false),
                Standing::Any(peers) => (peers.clone(), peers.len() > 1),
                Standing::Free | Standing::Ended => (vec![], false),
            };
            let is_send = |call: &Called| matches!(call.kind, CallKind::Send | CallKind::Isend);
            let is_buffering = started.as_ref().or(call.as_ref()).is_some_and(is_send);
            Waiting { rank, call, started, waits_for, any, is_buffering }
        };
        let circle = graph::circle(standings, stuck);
        (!stuck.is_empty()).then(|| Deadlock::new(stuck.iter().map(waiting).collect(), circle))
    }

    /// Waits for so long, or until the world is over, which is told.
    pub(super) fn is_over_after(&self, time: Duration) -> bool {
        let begin = Instant::now();
        let mut is_over = locked(&self.is_over);
        while !*is_over {
            // The time may be longer than clocks count.
            let Some(left) = time.checked_sub(begin.elapsed()) else { return false };
            let waited = self.over.wait_timeout(is_over, left);
            is_over = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Nobody needs to look any more.
    pub(crate) fn is_over(&self) {
        *locked(&self.is_over) = true;
        self.over.notify_all();
    }
}

/// No more are kept: who has so many knows enough.
const MOST_FINDINGS: usize = 1000;

/// So many collectives a rank comes to between two times that it is asked: 10 MB.
const MOST_COME: usize = 1 << 16;

fn standing(
    rank: usize,
    (first, _): (Option<Asleep>, bool),
    (second, has_ended): (Option<Asleep>, bool),
) -> Standing {
    if has_ended {
        return Standing::Ended;
    }
    let still = first.filter(|first| second.as_ref() == Some(first));
    still.map_or(Standing::Free, |asleep| asleep.waits.standing(rank))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
