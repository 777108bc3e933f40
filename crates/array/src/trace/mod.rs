//! What ran when: recorded by each worker, for people and for Perfetto.

mod page;
mod perfetto;
mod reading;
mod record;
mod resident;
mod ring;
mod ticks;
mod totals;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub(crate) use self::reading::reading;
pub use self::record::{Activity, TraceRecord};
pub use self::resident::TraceSample;
pub(crate) use self::ring::{Recorder, Ring, What};

use self::ring::{Recorded, nanoseconds};
use crate::error::Result;
use crate::file::write_text;

/// What one computation did: of an array, what was read, computed, merged and written, for each chunk or for each
/// portion of several that goes to a target or to disk; else a record of each task.
/// [`Settings::traced`](crate::Settings::traced) gives it.
///
/// `Display` writes what each operation took, [`write_html`](Self::write_html) a page with the workers over time,
/// [`write_perfetto`](Self::write_perfetto) what [Perfetto](https://ui.perfetto.dev) opens.
///
/// ```
/// use tenfold_array::{Activity, Array, Settings};
///
/// let x = Array::from_fn([300, 400], 100, |index| index[1] as f64);
/// let settings = Settings::new().threads(2);
/// let (sum, traces) = settings.traced(|settings| settings.compute(&(&x - &x.mean()).sum()));
/// assert!(sum?.into_scalar().abs() < 1e-6);
/// let trace = &traces[0];
/// assert_eq!(trace.stages.len(), 2);
/// let merged = trace.records.iter().filter(|record| record.activity == Activity::Merge);
/// assert!(merged.count() >= 2);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Trace {
    /// What workers did, in the order in which it began. Of a worker that did more than 2^18 things, in a stage if it
    /// is of an array, the last so many.
    pub records: Vec<TraceRecord>,
    /// How many were not kept.
    pub dropped: u64,
    /// The names of all tasks, by their place in the planned order. Empty for a [`TaskGraph`](crate::TaskGraph), whose
    /// tasks have none, and for an array.
    pub names: Vec<Arc<str>>,
    /// The stages that have begun. Empty for tasks.
    pub stages: Vec<TraceStage>,
    /// How much memory the process had, as the system counts it: asked about every 2 ms by each worker that has
    /// something to record, and at the ends. It counts what the crate does not, and what was freed before and is used
    /// again does not make it grow. Empty where the system does not tell.
    pub samples: Vec<TraceSample>,
    /// The most bytes that were held at once, as the crate counts them. Of an array that is what the plan has of its
    /// stages. Of tasks it is what their results were said to take: exact under a cap, else to within 1 MiB a worker.
    pub peak_bytes: u64,
    /// The cap, if there was one.
    pub memory: Option<usize>,
    /// How many workers there were at most.
    pub workers: usize,
    /// The plan of an array, in words.
    pub(crate) plan: String,
}

/// A stage of a plan that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceStage {
    /// What it made.
    pub name: Arc<str>,
    /// When it began, in nanoseconds after the run did.
    pub start_ns: u64,
    /// When it was over.
    pub end_ns: u64,
    /// How many chunks it had.
    pub chunks: usize,
    /// How many workers it had at most.
    pub workers: usize,
    /// How many bytes the plan let it hold at most.
    pub peak_bytes: u64,
}

impl Trace {
    /// With what was recorded. The times of its stages are in ticks until then.
    pub(crate) fn finish(mut self, recorder: Recorder) -> Self {
        let (Recorded { records, dropped, samples }, tick) = recorder.finish();
        for stage in &mut self.stages {
            stage.start_ns = nanoseconds(stage.start_ns, tick);
            stage.end_ns = nanoseconds(stage.end_ns, tick);
        }
        Self { records, dropped, samples, ..self }
    }

    /// What a record is of: the name of its task, or what its stage made.
    #[must_use]
    pub fn name(&self, record: &TraceRecord) -> String {
        match self.stages.get(record.stage as usize) {
            Some(stage) => stage.name.to_string(),
            None => self.task_name(record.number),
        }
    }

    fn task_name(&self, number: u64) -> String {
        let named = usize::try_from(number).ok().and_then(|number| self.names.get(number));
        named.map_or_else(|| format!("task {number}"), ToString::to_string)
    }

    /// When the last worker was done, in nanoseconds after the run began.
    fn end_ns(&self) -> u64 {
        let records = self.records.iter().map(|record| record.end_ns);
        records.chain(self.stages.iter().map(|stage| stage.end_ns)).max().unwrap_or(0)
    }

    /// How much more memory the process had at most than when the run began. None where the system does not tell.
    fn grown(&self) -> Option<u64> {
        let first = self.samples.first()?.resident;
        self.samples.iter().map(|sample| sample.resident.saturating_sub(first)).max()
    }

    /// Writes [`to_html`](Self::to_html) to a file, which has its name when it is whole. A link of that name is replaced
    /// by it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if it cannot be written.
    pub fn write_html(&self, path: impl AsRef<Path>) -> Result<()> {
        write_text(path.as_ref(), &self.to_html())
    }

    /// Writes [`to_perfetto`](Self::to_perfetto) to a file, which has its name when it is whole. A link of that name is
    /// replaced by it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if it cannot be written.
    pub fn write_perfetto(&self, path: impl AsRef<Path>) -> Result<()> {
        write_text(path.as_ref(), &self.to_perfetto())
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("records", &self.records.len())
            .field("dropped", &self.dropped)
            .field("stages", &self.stages)
            .field("peak_bytes", &self.peak_bytes)
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}
