//! What a run takes from an earlier one, and leaves for a later one.

use std::sync::atomic::Ordering;

use super::{Run, Team, get, set};
use crate::checkpoint::Own;
use crate::error::{Error, Result};
use crate::executor::cancelled;
use crate::plan::{Sink, Stage, Stored};
use crate::trace::{Activity, What};

impl Run<'_> {
    /// Does what is left to do of a stage that an earlier run has done: reads what is wanted of it. Other ranks may wait for
    /// this one at its end.
    pub(super) fn resume(&self, at: usize, stage: &Stage) -> Result<()> {
        for sink in &stage.sinks {
            let stored = &self.plan.stored[sink.stored];
            if self.checkpoints.is_some_and(|checkpoints| checkpoints.wants(sink.stored)) {
                self.told(at, stored, Activity::Read, || self.load(sink, stage))?;
            }
        }
        let of_rank = |team: &dyn Team| team.count((&stage.chunks, &stage.owners));
        let chunks = self.team.map_or(stage.chunks.count(), of_rank);
        self.done.fetch_add(chunks, Ordering::Relaxed);
        self.progress.as_ref().map_or(Ok(()), |progress| progress.step(chunks))?;
        self.team.map_or(Ok(()), |team| self.share(team, stage))
    }

    fn load(&self, sink: &Sink, stage: &Stage) -> Result<()> {
        let Some(checkpoints) = self.checkpoints else { return Ok(()) };
        let writer = self.writer(sink, stage)?;
        let (own, to) = (self.own(writer.stored), (&*writer.to, writer.rows.as_deref()));
        checkpoints.load(sink.stored, writer.stored, own, to, &|| self.check())?;
        set(&self.arrays[sink.stored], Some(writer.to.finish()));
        Ok(())
    }

    /// Leaves what a stage has made and later ones read.
    pub(super) fn save(&self, at: usize, stage: &Stage) -> Result<()> {
        let Some(checkpoints) = self.checkpoints else { return Ok(()) };
        for sink in &stage.sinks {
            let stored = &self.plan.stored[sink.stored];
            if stored.is_saved {
                let (made, own) = (get(&self.arrays, sink.stored), self.own(stored));
                let save = || checkpoints.save(stored, &made, &own, &|| self.check());
                self.told(at, stored, Activity::Write, save)?;
            }
        }
        Ok(())
    }

    /// This rank's chunks of an array.
    fn own(&self, stored: &Stored) -> Own {
        match self.team {
            Some(team) => Own::some(team.own((&stored.chunks, &stored.owners))),
            None => Own::all(stored),
        }
    }

    fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(cancelled(self.done.load(Ordering::Relaxed), self.tasks, "chunks"));
        }
        Ok(())
    }

    /// Does something with the checkpoint of an array, which is recorded, and which an error names.
    fn told(
        &self,
        at: usize,
        stored: &Stored,
        activity: Activity,
        body: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let ring = self.recorder.map(|recorder| recorder.ring(0));
        let done = body();
        if let Some(mut ring) = ring {
            let bytes = i64::try_from(stored.bytes()).unwrap_or(i64::MAX);
            let stage = u32::try_from(at).unwrap_or(u32::MAX);
            ring.record(What { stage, number: 0, activity, bytes, failed: done.is_err() });
        }
        done.map_err(|error: Error| match error.kind() {
            crate::error::ErrorKind::Cancelled => error,
            _ => error.within(&format!("the checkpoint of array `{}`", stored.name)),
        })
    }
}
