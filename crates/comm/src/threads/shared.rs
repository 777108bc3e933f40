//! What the ranks of a world share.

use std::sync::Arc;
use std::time::Duration;

use super::exposed::Exposure;
use super::gathering::Gathering;
use super::mailbox::{Left, Mailbox};
use super::signal::Patience;
use crate::diagnosis::{Active, Waits, Watch};
use crate::memory::Parts;
use crate::sync::{AtomicU64, AtomicUsize, Ordering};
use crate::{Deadlock, Error, ErrorKind, progress};

/// The mailboxes, and whether the world has failed.
#[derive(Debug)]
pub(crate) struct Shared {
    boxes: Box<[Mailbox]>,
    /// The rank that failed first, [`STUCK`], or [`NOBODY`].
    failed: AtomicUsize,
    /// The next context that nobody has.
    contexts: AtomicU64,
    /// What some ranks expose, and the others have not come to.
    pub(super) exposures: Gathering<Exposure>,
    /// Memory that some ranks have, and the others have not come to.
    pub(super) joints: Gathering<Parts>,
    patience: Patience,
    /// What the ranks do just now, where somebody looks on.
    watch: Option<Arc<Watch>>,
}

const NOBODY: usize = usize::MAX;

/// No rank has failed, and some have waited for each other.
const STUCK: usize = usize::MAX - 1;

impl Shared {
    pub(crate) fn new(ranks: usize) -> Self {
        #[cfg(loom)]
        let patience = Patience::none();
        #[cfg(not(loom))]
        let patience = {
            let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
            Patience::new(ranks, cores)
        };
        Self {
            boxes: (0..ranks).map(|_| Mailbox::new(ranks)).collect(),
            failed: AtomicUsize::new(NOBODY),
            contexts: AtomicU64::new(1),
            exposures: Gathering::new(),
            joints: Gathering::new(),
            patience,
            watch: None,
        }
    }

    /// The same, where somebody looks on.
    pub(super) fn watched(self, watch: Arc<Watch>) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Lets the calls of ranks that wait for each other fail, and tells of them, until the world is over.
    pub(super) fn guard(&self, watch: &Watch, stall: Duration, tell: impl Fn(&Deadlock)) {
        let is_still = |rank: usize, seen| self.boxes[rank].is_still(seen);
        watch.guard(stall, is_still, |deadlock| {
            let failed = &self.failed;
            let _ = failed.compare_exchange(NOBODY, STUCK, Ordering::AcqRel, Ordering::Acquire);
            self.raise_all();
            tell(deadlock);
        });
    }

    /// Whether somebody looks on.
    pub(super) fn is_watched(&self) -> bool {
        self.watch.is_some()
    }

    pub(super) fn size(&self) -> usize {
        self.boxes.len()
    }

    pub(super) fn mailbox(&self, rank: usize) -> &Mailbox {
        &self.boxes[rank]
    }

    /// The first of `count` contexts that nobody has.
    pub(super) fn contexts(&self, count: u64) -> u64 {
        self.contexts.fetch_add(count, Ordering::Relaxed)
    }

    /// Lets all who wait, and all who will, fail too.
    pub(crate) fn fail(&self, rank: usize) {
        for before in [NOBODY, STUCK] {
            let _ = self.failed.compare_exchange(before, rank, Ordering::AcqRel, Ordering::Acquire);
        }
        self.raise_all();
    }

    /// Lets those who wait for this rank know that nothing more will come.
    pub(crate) fn end(&self, rank: usize) {
        self.boxes[rank].has_ended.store(true, Ordering::Release);
        if let Some(watch) = &self.watch {
            watch.ends(rank);
        }
        self.raise_all();
    }

    fn raise_all(&self) {
        self.boxes.iter().for_each(|mailbox| mailbox.signal.raise());
    }

    /// The rank that failed first.
    pub(super) fn first_failed(&self) -> Option<usize> {
        let rank = self.failed.load(Ordering::Acquire);
        (rank < STUCK).then_some(rank)
    }

    /// Whether nothing has failed, and nobody has waited for ever. All that calls look at before they begin.
    #[inline]
    pub(super) fn is_well(&self) -> bool {
        self.failed.load(Ordering::Acquire) == NOBODY
    }

    /// Why `rank` cannot go on: its call waits for ever, or a rank has failed.
    pub(super) fn failure(&self, rank: usize) -> Option<ErrorKind> {
        let failed = self.failed.load(Ordering::Acquire);
        if failed == NOBODY {
            return None;
        }
        if self.watch.as_ref().is_some_and(|watch| watch.is_stuck(rank)) {
            return Some(ErrorKind::Deadlock { rank });
        }
        (failed != STUCK).then_some(ErrorKind::RankFailed { rank: failed })
    }

    /// The error of this kind, with all that is known of it.
    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        self.watch.as_ref().map_or_else(|| kind.into(), |watch| watch.error(kind))
    }

    pub(super) fn has_ended(&self, rank: usize) -> bool {
        self.boxes[rank].has_ended.load(Ordering::Acquire)
    }

    /// How often a rank looks for what may be there before it waits: once where its core is not its own.
    pub(super) fn looks(&self) -> u32 {
        self.patience.looks()
    }

    /// Waits until something has happened to `rank` since its signal was `seen`. Before, drives what its
    /// thread has started: who waits for that would not come here. Who looks on is told for whom it waits, and
    /// for what.
    pub(super) fn wait(
        &self,
        rank: usize,
        seen: u32,
        waits: impl FnOnce() -> (Waits, Option<Active>),
    ) {
        let Some(watch) = &self.watch else {
            progress();
            return self.rest(rank, seen);
        };
        watch.forget_wanted(rank);
        progress();
        let (waits, started) = waits();
        watch.sleeps(rank, seen, Some(waits), started);
        self.rest(rank, seen);
        watch.wakes(rank);
    }

    /// Waits as [`rest`](Self::rest), for what its thread has started, which it has driven just before.
    pub(super) fn wait_for_own(&self, rank: usize, seen: u32) {
        let Some(watch) = &self.watch else { return self.rest(rank, seen) };
        watch.sleeps(rank, seen, None, None);
        self.rest(rank, seen);
        watch.wakes(rank);
    }

    /// A non-blocking collective of `rank` has looked for a message of another in vain.
    pub(super) fn wants(&self, rank: usize, from: usize) {
        if let Some(watch) = &self.watch {
            watch.wants(rank, from);
        }
    }

    /// Before `rank` drives its non-blocking collectives.
    pub(super) fn forget_wanted(&self, rank: usize) {
        if let Some(watch) = &self.watch {
            watch.forget_wanted(rank);
        }
    }

    /// The messages of programs that nobody has received.
    pub(super) fn left(&self) -> Vec<Left> {
        let of = |(to, mailbox): (usize, &Mailbox)| mailbox.left(to);
        self.boxes.iter().enumerate().flat_map(of).collect()
    }

    /// As [`wait`](Self::wait), and leaves alone what its thread has started.
    pub(super) fn rest(&self, rank: usize, seen: u32) {
        self.mailbox(rank).wait(seen, self.patience);
    }
}
