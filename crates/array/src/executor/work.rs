//! What a schedule runs, and what all of its workers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cancel::{Cancel, cancelled};
use super::desk::Desk;
use super::failure::Failure;
use super::graph::TaskGraph;
use super::progress::Progress;
use super::tally::Live;
use crate::error::Result;
use crate::trace::Recorder;

/// What tasks do.
pub(super) trait Work: Sync {
    /// Whether tasks have results, which take the bytes that their graph says.
    const HAS_RESULTS: bool;

    /// Runs a task, and puts the tasks whose results nobody needs any more on the desk. It does not panic.
    ///
    /// A schedule calls it at most once for a task, after the calls for all inputs have come back well.
    fn run(&self, task: u32, desk: &mut Desk<'_>) -> Result<()>;
}

/// A run of a graph.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) graph: &'a TaskGraph,
    pub(super) workers: usize,
    /// Whether bytes are counted at all.
    pub(super) counts_bytes: bool,
    /// Whether they are counted one by one.
    pub(super) is_exact: bool,
    pub(super) cancel: &'a Cancel,
    pub(super) progress: Option<Arc<Progress>>,
    /// If tasks are recorded.
    pub(super) recorder: Option<&'a Recorder>,
    pub(super) failure: Failure,
    pub(super) live: Live,
    pub(super) finished: AtomicUsize,
}

impl Run<'_> {
    /// Whether no task shall start any more.
    #[inline]
    pub(super) fn shall_stop(&self) -> bool {
        self.failure.has_failed() || self.cancel.is_cancelled()
    }

    /// Runs a task, and tells whether that went well.
    #[inline]
    pub(super) fn task(&self, task: u32, work: &impl Work, desk: &mut Desk<'_>) -> bool {
        let result = work.run(task, desk);
        desk.ended(task, result.is_err());
        result.map_err(|error| self.failure.tell(task as usize, error)).is_ok()
    }

    /// What all came to.
    pub(super) fn end(self) -> Result<()> {
        self.failure.into_result()?;
        let (finished, all) = (self.finished.into_inner(), self.graph.len());
        if finished < all {
            return Err(cancelled(finished, all, "tasks"));
        }
        self.progress.map_or(Ok(()), |progress| progress.tell())
    }

    /// Counts what a worker has finished, and tells whether that is all there is.
    pub(super) fn count(&self, finished: usize) -> bool {
        self.finished.fetch_add(finished, Ordering::Relaxed) + finished == self.graph.len()
    }
}
