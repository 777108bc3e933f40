//! How long a plan takes: a model, for plans to be compared by before they run.

#![expect(clippy::cast_precision_loss, reason = "a model is not exact")]

use std::time::Duration;

use super::{End, Plan, Sink, Stage, Stored};
use crate::chunks::Chunks;
use crate::reduce::kept_shape;
use crate::window::{Window, bytes_of, count};

/// Nanoseconds for an element that is folded into an accumulator, and for an accumulator that is merged with another.
const FOLDED: f64 = 0.15;
const MERGED: f64 = 1.0;

/// Nanoseconds for a byte that is stored: in memory, which the system hands out page by page, and in a file.
const STORED: f64 = 0.19;
const WRITTEN: f64 = 1.0;

/// Nanoseconds for a task, and for a worker to begin.
const TASK: f64 = 500.0;
const WORKER: f64 = 20_000.0;

impl Plan {
    /// About how long the plan takes, of a simple model: in each stage every worker reads, computes and stores its
    /// share of the strips, for so many nanoseconds a byte and a function and element, and takes 20 microseconds to
    /// begin. The rates are constants, measured once on x86-64 with files in the page cache, so that the same plan has the
    /// same estimate everywhere. It is good for comparing plans. Of twenty workloads in memory and from a file, on one
    /// thread of the machine that the rates are of (`examples/estimate.rs`), half were off by less than 15 %, and the
    /// worst, which reads a file across its rows, by a factor of two; it is off by more where a disk is slow, or a
    /// function of the user's is: the model takes 1 ns for an element of
    /// [`map`](crate::Array::map), and 1.2 ns for one of [`map_blocks`](crate::Array::map_blocks).
    ///
    /// ```
    /// use tenfold_array::{Array, Settings};
    ///
    /// let x = Array::<f64, _>::ones([10_000, 10_000], 1000);
    /// let [one, two] = [1, 2].map(|threads| Settings::new().threads(threads));
    /// let (sum, product) = (x.sum(), x.matmul(&x));
    /// assert!(two.plan(&sum)?.estimated_time() < one.plan(&sum)?.estimated_time());
    /// assert!(one.plan(&product)?.estimated_time() > one.plan(&sum)?.estimated_time() * 100);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[must_use]
    pub fn estimated_time(&self) -> Duration {
        duration(self.stages.iter().map(|stage| self.stage_seconds(stage)).sum())
    }

    /// How many tasks must follow each other, however many threads there are. Stages follow each other, and the
    /// chunks of a stage do not, but those that one thread takes together as a strip; what chunks are reduced to is
    /// merged two by two, and each time counts as one.
    ///
    /// ```
    /// use tenfold_array::Array;
    ///
    /// let x = Array::<f64, _>::ones([1000, 1000], [1000, 125]);
    /// // A chunk.
    /// assert_eq!((&x + 1.0).plan()?.critical_path(), 1);
    /// // A chunk, and three times two sums become one.
    /// assert_eq!(x.sum().plan()?.critical_path(), 4);
    /// // The mean must be there before it is subtracted.
    /// assert_eq!((&x - &x.mean()).sum().plan()?.critical_path(), 8);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[must_use]
    pub fn critical_path(&self) -> usize {
        self.stages.iter().map(Stage::critical_path).fold(0, usize::saturating_add)
    }

    /// About how long the tasks of the [critical path](Self::critical_path) take, by the model of
    /// [`estimated_time`](Self::estimated_time): no number of threads is faster than that.
    #[must_use]
    pub fn critical_time(&self) -> Duration {
        let of_stage = |stage: &Stage| {
            let nanoseconds = stage.nanoseconds(&self.stored) / stage.strips.count().max(1) as f64;
            let begins = if stage.chunks.count() == 0 { 0.0 } else { WORKER };
            seconds(nanoseconds + begins + stage.merged_last(&self.stored))
        };
        duration(self.stages.iter().map(of_stage).sum())
    }

    /// The seconds that a stage takes.
    pub(super) fn stage_seconds(&self, stage: &Stage) -> f64 {
        let (strips, workers) = (stage.strips.count(), stage.workers.clamp(1, self.threads));
        // The last to end has as many strips as any.
        let most = strips.div_ceil(workers) as f64 / strips.max(1) as f64;
        let begin = workers.min(strips) as f64 * WORKER;
        seconds(stage.nanoseconds(&self.stored) * most + begin + stage.merged_last(&self.stored))
    }
}

impl Stage {
    /// What follows each other in it: the chunks of a strip, and the merges on the way to a result.
    pub(super) fn critical_path(&self) -> usize {
        if self.chunks.count() == 0 {
            return 0;
        }
        let merges = self.sinks.iter().map(|sink| sink.merges(&self.chunks)).max().unwrap_or(0);
        count(&self.strips.wide()).saturating_add(merges)
    }

    /// What all its tasks take together, with one worker.
    pub(crate) fn nanoseconds(&self, stored: &[Stored]) -> f64 {
        let whole = Window::whole(&self.chunks.shape());
        let program = self.program.nanoseconds(&whole, &self.strip(&self.strips));
        let sinks = self.sinks.iter();
        let of_sinks = sinks.map(|sink| sink.nanoseconds(&self.chunks, &stored[sink.stored]));
        program + of_sinks.sum::<f64>() + self.chunks.count() as f64 * TASK
    }

    /// The merges that come after the last chunk.
    fn merged_last(&self, stored: &[Stored]) -> f64 {
        let of_sink = |sink: &Sink| {
            let accumulators = count(&stored[sink.stored].chunks.largest()) as f64;
            sink.merges(&self.chunks) as f64 * accumulators * MERGED
        };
        self.sinks.iter().map(of_sink).sum()
    }
}

impl Sink {
    /// How many merges follow each other.
    fn merges(&self, chunks: &Chunks) -> usize {
        let End::Reduce { axes, by_chunk: false, .. } = &self.end else { return 0 };
        let along = axes.iter().map(|&axis| chunks.axis(axis).count());
        let merged = along.fold(1, usize::saturating_mul).max(1);
        merged.ilog2() as usize + usize::from(!merged.is_power_of_two())
    }

    /// What it takes to store or reduce all elements, and to merge what all chunks but the first are reduced to.
    fn nanoseconds(&self, chunks: &Chunks, stored: &Stored) -> f64 {
        let End::Reduce { axes, .. } = &self.end else {
            let each = if stored.place.is_in_memory() { STORED } else { WRITTEN };
            return bytes_of(&chunks.shape(), stored.dtype.bytes()) as f64 * each;
        };
        let elements = chunks.shape().iter().map(|&len| len as f64).product::<f64>();
        let kept = count(&kept_shape(&chunks.largest(), axes)) as f64;
        elements * FOLDED + chunks.count() as f64 * kept * MERGED
    }
}

fn seconds(nanoseconds: f64) -> f64 {
    nanoseconds * 1e-9
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
