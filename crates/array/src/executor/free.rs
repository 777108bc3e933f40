//! The schedule without a cap: every worker has tasks of its own, and gives some away when another has none.

use std::ops::Range;
use std::sync::PoisonError;

use super::claims::Claims;
use super::desk::Desk;
use super::graph::Links;
use super::sync::{AtomicU32, AtomicUsize, Condvar, Mutex, MutexGuard, Ordering};
use super::work::{Run, Work};

/// What the workers of a run share.
///
/// A worker takes what it has made ready itself, the latest first, and only then the next tasks that need no input, in
/// the planned order: so a result is used soon after it was made, and that by who has made it. What a worker has nobody
/// can take from it. But who has two tasks sees to it that there is something for all: when nothing is, it gives
/// half of what it has away. To look for that costs it no more than reading two numbers that seldom change.
#[derive(Debug)]
pub(super) struct Free<'a> {
    run: &'a Run<'a>,
    links: &'a Links,
    /// How many inputs of each task are not there.
    missing: Box<[AtomicU32]>,
    /// Places in the list of tasks that need none: there is something for all while some are left.
    roots: Claims,
    given: Given,
    shared: Mutex<Shared>,
    wake: Condvar,
}

/// How many tasks were given away and not taken.
#[derive(Debug, Default)]
#[repr(align(128))] // Nothing else in the cache line, nor in that which is fetched with it.
struct Given(AtomicUsize);

#[derive(Debug, Default)]
struct Shared {
    /// Tasks that were given away.
    ready: Vec<u32>,
    /// How many workers sleep that nobody has called.
    sleeping: usize,
    /// How many were called and are not awake.
    called: usize,
    /// Whether nothing is left to do.
    over: bool,
}

/// What a worker has to do.
#[derive(Debug, Default)]
struct Own {
    /// Tasks whose inputs are there, the next one last.
    ready: Vec<u32>,
    /// Places in the list of those that need none.
    roots: Range<usize>,
    /// Tasks that were done and not counted.
    finished: usize,
}

impl<'a> Free<'a> {
    pub(super) fn new(run: &'a Run<'a>) -> Self {
        let links = run.graph.links();
        let missing = run.graph.tasks().map(|task| run.graph.input_count(task));
        Self {
            run,
            links,
            missing: missing.map(AtomicU32::new).collect(),
            roots: Claims::new(links.roots.len(), run.workers),
            given: Given::default(),
            shared: Mutex::default(),
            wake: Condvar::new(),
        }
    }

    /// Works until nothing is left, or nothing shall start any more.
    pub(super) fn work(&self, work: &impl Work, desk: &mut Desk<'_>) {
        let mut own = Own::default();
        while let Some(task) = self.next(&mut own, desk) {
            if self.run.shall_stop() || !self.run.task(task, work, desk) {
                break;
            }
            desk.released.clear();
            own.finished += 1;
            // The last is taken first: the lowest.
            for &successor in self.links.successors(task).iter().rev() {
                if self.is_last_input(successor) {
                    own.ready.push(successor);
                }
            }
            if own.ready.len() + own.roots.len() > 1 && self.is_nothing_for_others() {
                self.share(&mut own);
            }
        }
        self.run.count(own.finished);
        self.end();
    }

    /// Whether an input that has come was the last of this task.
    fn is_last_input(&self, task: u32) -> bool {
        let missing = &self.missing[task as usize];
        // Who sees 1 is the last, and needs no more expensive operation to be it.
        missing.load(Ordering::Acquire) == 1 || missing.fetch_sub(1, Ordering::AcqRel) == 1
    }

    fn next(&self, own: &mut Own, desk: &mut Desk<'_>) -> Option<u32> {
        loop {
            if let Some(task) = own.ready.pop() {
                return Some(task);
            }
            if let Some(at) = own.roots.next() {
                return Some(self.links.roots[at]);
            }
            match self.roots.claim() {
                Some(roots) => own.roots = roots,
                None if self.take(own) => desk.restart(),
                None => return None,
            }
        }
    }

    fn is_nothing_for_others(&self) -> bool {
        self.run.workers > 1 && self.given.0.load(Ordering::Relaxed) == 0 && self.roots.is_over()
    }

    /// Gives half of what it has away: of the tasks without inputs the last ones, which are the last in the planned
    /// order, and then those that were ready first.
    fn share(&self, own: &mut Own) {
        let mut shared = self.lock();
        let half = (own.ready.len() + own.roots.len()) / 2;
        let roots = own.roots.end - half.min(own.roots.len())..own.roots.end;
        own.roots.end = roots.start;
        let ready = half - roots.len();
        shared.ready.extend(roots.rev().map(|at| self.links.roots[at]));
        shared.ready.extend(own.ready.drain(..ready));
        self.tell(&mut shared);
    }

    /// Takes half of what was given away, after having slept until there is something. Tells whether there will be
    /// something.
    fn take(&self, own: &mut Own) -> bool {
        let mut shared = self.lock();
        if self.run.count(std::mem::take(&mut own.finished)) {
            drop(shared);
            self.end();
            return false;
        }
        while shared.ready.is_empty() && !shared.over {
            shared.sleeping += 1;
            while shared.called == 0 && !shared.over {
                shared = self.wake.wait(shared).unwrap_or_else(PoisonError::into_inner);
            }
            shared.called = shared.called.saturating_sub(1);
        }
        if shared.over {
            return false;
        }
        let rest = shared.ready.len() / 2;
        own.ready.extend(shared.ready.drain(rest..));
        self.tell(&mut shared);
        true
    }

    /// Says how much was given away, and calls one who sleeps if there is something.
    fn tell(&self, shared: &mut Shared) {
        self.given.0.store(shared.ready.len(), Ordering::Relaxed);
        if shared.sleeping > 0 && !shared.ready.is_empty() {
            shared.sleeping -= 1;
            shared.called += 1;
            self.wake.notify_one();
        }
    }

    /// Lets everybody go home.
    fn end(&self) {
        self.lock().over = true;
        self.wake.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
