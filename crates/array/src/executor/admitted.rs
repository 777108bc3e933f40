//! The schedule under a cap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::PoisonError;

use super::desk::Desk;
use super::graph::Links;
use super::range_max::RangeMax;
use super::sync::{Condvar, Mutex, MutexGuard};
use super::work::{Run, Work};

/// What the workers of a run share.
///
/// Let `alive[t]` be the bytes that are alive while task `t` runs if tasks run one after the other, `first` the first
/// task that has not finished, and `ahead` the bytes of results and scratch of tasks behind `first` that have been
/// started. A task `u` may start if it is `first`, or if
///
/// ```text
/// max(alive[first..u]) + ahead + bytes(u) <= cap
/// ```
///
/// Then at most `alive[first] + ahead` bytes are alive, and that stays within the cap while `first` goes on: of the
/// tasks ahead of the new one, the last that was started was let in with all others of them counted. Nothing is
/// reserved that would have to be waited for in a circle: the inputs of `first` have finished, and it may always start.
/// So every run ends whose cap is at least the largest of `alive`.
#[derive(Debug)]
pub(super) struct Admitted<'a> {
    run: &'a Run<'a>,
    links: &'a Links,
    alive: &'a RangeMax,
    cap: u64,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug)]
struct State {
    /// How many inputs of each task are not there.
    missing: Vec<u32>,
    /// The next place in the list of tasks that need none.
    roots: usize,
    /// Other tasks whose inputs are there.
    ready: BinaryHeap<Reverse<u32>>,
    first: u32,
    finished: Vec<bool>,
    ahead: u64,
    /// What each task that has been started takes at the moment.
    held: Vec<u64>,
    sleeping: usize,
    over: bool,
}

impl<'a> Admitted<'a> {
    pub(super) fn new(run: &'a Run<'a>, cap: u64, alive: &'a RangeMax) -> Self {
        let (graph, count) = (run.graph, run.graph.len());
        let state = State {
            missing: graph.tasks().map(|task| graph.input_count(task)).collect(),
            roots: 0,
            ready: BinaryHeap::new(),
            first: 0,
            finished: vec![false; count],
            ahead: 0,
            held: vec![0; count],
            sleeping: 0,
            over: count == 0,
        };
        let (links, state) = (graph.links(), Mutex::new(state));
        Self { run, links, alive, cap, state, wake: Condvar::new() }
    }

    /// Works until nothing is left, or nothing shall start any more.
    pub(super) fn work(&self, work: &impl Work, desk: &mut Desk<'_>) {
        let mut state = self.lock();
        while !state.over {
            let Some(task) = self.candidate(&state) else {
                state.sleeping += 1;
                state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.sleeping -= 1;
                desk.restart();
                continue;
            };
            self.start(&mut state, task);
            if state.sleeping > 0 && self.candidate(&state).is_some() {
                self.wake.notify_one();
            }
            drop(state);
            let is_well = !self.run.shall_stop() && self.run.task(task, work, desk);
            state = self.lock();
            if !is_well || self.finish(&mut state, task, desk) {
                state.over = true;
                self.wake.notify_all();
            }
            desk.released.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first task that is ready, if it may start.
    fn candidate(&self, state: &State) -> Option<u32> {
        let root = self.links.roots.get(state.roots).copied();
        let ready = state.ready.peek().map(|&Reverse(task)| task);
        let task = root.into_iter().chain(ready).min()?;
        let alive = || self.alive.get(state.first as usize..task as usize);
        let bytes = self.run.graph.memory(task).running();
        let sum = |alive: u64| alive.saturating_add(state.ahead).saturating_add(bytes);
        (task == state.first || sum(alive()) <= self.cap).then_some(task)
    }

    /// Starts what [`candidate`](Self::candidate) gave.
    fn start(&self, state: &mut State, task: u32) {
        if self.links.roots.get(state.roots) == Some(&task) {
            state.roots += 1;
        } else {
            state.ready.pop();
        }
        let bytes = self.run.graph.memory(task).running();
        state.held[task as usize] = bytes;
        if task > state.first {
            state.ahead += bytes;
        }
    }

    /// A task has finished. Tells whether it was the last.
    fn finish(&self, state: &mut State, task: u32, desk: &Desk<'_>) -> bool {
        state.set_held(task, self.run.graph.memory(task).result);
        desk.released.iter().for_each(|&task| state.set_held(task, 0));
        state.finished[task as usize] = true;
        while state.finished.get(state.first as usize) == Some(&true) {
            state.first += 1;
            if let Some(held) = state.held.get(state.first as usize) {
                state.ahead -= held;
            }
        }
        for &successor in self.links.successors(task) {
            let missing = &mut state.missing[successor as usize];
            *missing -= 1;
            if *missing == 0 {
                state.ready.push(Reverse(successor));
            }
        }
        self.run.count(1)
    }
}

impl State {
    /// A task that has been started takes so much from now on, which is not more than before.
    fn set_held(&mut self, task: u32, bytes: u64) {
        let before = std::mem::replace(&mut self.held[task as usize], bytes);
        if task > self.first {
            self.ahead -= before - bytes;
        }
    }
}
