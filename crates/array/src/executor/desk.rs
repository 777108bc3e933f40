//! What a worker has before it.

use super::tally::{QUANTUM, Tally};
use super::work::Run;
use crate::trace::{Activity, Ring, What};

/// What one worker keeps of the tasks that it runs.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    run: &'a Run<'a>,
    tally: Tally<'a>,
    ring: Option<Ring<'a>>,
    /// The tasks whose results nobody needs any more since the last task.
    pub(super) released: Vec<u32>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(run: &'a Run<'a>, worker: usize) -> Self {
        let ring = run.recorder.map(|recorder| recorder.ring(worker));
        let quantum = if run.is_exact { 1 } else { QUANTUM };
        Self { run, tally: Tally::new(&run.live, quantum), ring, released: vec![] }
    }

    /// The worker had nothing to do until now.
    pub(super) fn restart(&mut self) {
        if let Some(ring) = &mut self.ring {
            ring.restart();
        }
    }

    /// A task has come to its end, which may be a bad one.
    #[inline]
    pub(super) fn ended(&mut self, task: u32, failed: bool) {
        let bytes = if self.run.counts_bytes && !failed { self.count(task) } else { 0 };
        if let Some(ring) = &mut self.ring {
            let (stage, activity) = (0, Activity::Task);
            ring.record(What { stage, number: task.into(), activity, bytes, failed });
        }
        if let Some(progress) = self.run.progress.as_ref().filter(|_| !failed)
            && let Err(error) = progress.step(1)
        {
            // What a task says comes before.
            self.run.failure.tell(self.run.graph.len(), error);
        }
    }

    /// Counts what was made and what was released, and gives the difference.
    fn count(&mut self, task: u32) -> i64 {
        let bytes = |task| self.run.graph.memory(task).result.cast_signed();
        let made = bytes(task);
        let released =
            self.released.iter().fold(0_i64, |sum, &task| sum.saturating_add(bytes(task)));
        self.tally.add(made);
        self.tally.add(-released);
        made.saturating_sub(released)
    }
}
