//! What the ranks of a world share.

use super::exposed::Exposure;
use super::gathering::Gathering;
use super::mailbox::Mailbox;
use super::signal::Patience;
use crate::memory::Parts;
use crate::sync::{AtomicU64, AtomicUsize, Ordering};
use crate::{ErrorKind, progress};

/// The mailboxes, and whether the world has failed.
#[derive(Debug)]
pub(crate) struct Shared {
    boxes: Box<[Mailbox]>,
    /// The rank that failed first, or [`NOBODY`].
    failed: AtomicUsize,
    /// The next context that nobody has.
    contexts: AtomicU64,
    /// What some ranks expose, and the others have not come to.
    pub(super) exposures: Gathering<Exposure>,
    /// Memory that some ranks have, and the others have not come to.
    pub(super) joints: Gathering<Parts>,
    patience: Patience,
}

const NOBODY: usize = usize::MAX;

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
        }
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
        let _ = self.failed.compare_exchange(NOBODY, rank, Ordering::AcqRel, Ordering::Acquire);
        self.raise_all();
    }

    /// Lets those who wait for this rank know that nothing more will come.
    pub(crate) fn end(&self, rank: usize) {
        self.boxes[rank].has_ended.store(true, Ordering::Release);
        self.raise_all();
    }

    fn raise_all(&self) {
        self.boxes.iter().for_each(|mailbox| mailbox.signal.raise());
    }

    pub(super) fn failure(&self) -> Option<ErrorKind> {
        let rank = self.failed.load(Ordering::Acquire);
        (rank != NOBODY).then_some(ErrorKind::RankFailed { rank })
    }

    pub(super) fn has_ended(&self, rank: usize) -> bool {
        self.boxes[rank].has_ended.load(Ordering::Acquire)
    }

    /// How often a rank looks for what may be there before it waits: once where its core is not its own.
    pub(super) fn looks(&self) -> u32 {
        self.patience.looks()
    }

    /// Waits until something has happened to `rank` since its signal was `seen`. Before, drives what its
    /// thread has started: who waits for that would not come here.
    pub(super) fn wait(&self, rank: usize, seen: u32) {
        progress();
        self.rest(rank, seen);
    }

    /// As [`wait`](Self::wait), and leaves alone what its thread has started.
    pub(super) fn rest(&self, rank: usize, seen: u32) {
        self.mailbox(rank).wait(seen, self.patience);
    }
}
