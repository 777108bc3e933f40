//! Tasks on threads.
//!
//! [`Settings::run`] and [`Settings::evaluate`] run a [`TaskGraph`] by one of two schedules: [`Free`](free::Free), or
//! [`Admitted`](admitted::Admitted) under a cap that could be exceeded. A schedule decides which worker runs which task
//! when; the [`Work`](work::Work) is what a task does: nothing but a call, or [`Values`](values::Values) with their
//! results. Blocks that do not depend on each other need none of that: [`for_blocks`].

mod admitted;
mod attempts;
#[cfg(feature = "progress")]
mod bar;
mod blocks;
mod calls;
mod cancel;
mod claims;
mod crew;
mod desk;
mod failure;
mod free;
mod graph;
#[cfg(all(test, loom))]
mod interleavings;
mod order;
mod panics;
mod progress;
mod range_max;
mod serial;
#[expect(unsafe_code, reason = "results without locks: who has claimed which task guards them")]
mod slots;
mod stop;
mod sync;
mod tally;
mod values;
mod work;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

pub(crate) use self::attempts::Attempts;
pub(crate) use self::blocks::{Ended, for_blocks};
pub use self::cancel::Cancel;
pub(crate) use self::cancel::cancelled;
pub(crate) use self::claims::claimed;
pub(crate) use self::crew::workers;
pub use self::graph::TaskGraph;
pub(crate) use self::order::{depth_first, reordered};
pub(crate) use self::panics::caught;
pub(crate) use self::progress::{Listener, Progress};
pub(crate) use self::stop::Stop;

use self::admitted::Admitted;
use self::calls::Calls;
use self::crew::crew;
use self::desk::Desk;
use self::failure::Failure;
use self::free::Free;
use self::range_max::RangeMax;
use self::tally::Live;
use self::values::Values;
use self::work::{Run, Work};
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Settings;
use crate::trace::{Recorder, Trace};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What errors and traces call tasks.
pub(crate) trait Names: Sync {
    /// What to call a task in a sentence.
    fn name(&self, task: u32) -> String;

    /// The names of all tasks, if they have some.
    fn all(&self) -> Vec<Arc<str>>;
}

/// The names of tasks that have none.
struct Numbers;

impl Names for Numbers {
    fn name(&self, task: u32) -> String {
        format!("task {task}")
    }

    fn all(&self) -> Vec<Arc<str>> {
        vec![]
    }
}

impl Settings {
    /// Calls `work` for each task of a graph once, after it has come back for all inputs of the task. What
    /// tasks take is not known: the cap is not looked at.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use tenfold_array::{Settings, TaskGraph};
    ///
    /// let mut graph = TaskGraph::new();
    /// for _ in 0..1000 {
    ///     graph.add(&[])?;
    /// }
    /// let sum = AtomicU32::new(0);
    /// Settings::new().run(&graph, |task| {
    ///     sum.fetch_add(task, Ordering::Relaxed);
    /// })?;
    /// assert_eq!(sum.into_inner(), 499_500);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Panicked`] if it panics, [`ErrorKind::Cancelled`] if somebody cancels before the last task has
    /// started.
    pub fn run(&self, graph: &TaskGraph, work: impl Fn(u32) + Sync) -> Result<()> {
        self.drive(graph, None, &Calls(work), &Numbers)
    }

    /// Calls `work` for each task of a graph once, with the results of its inputs, and gives the results of the tasks
    /// `outputs`. The results of others are dropped when the last task that needs them has run.
    ///
    /// # Errors
    /// [`ErrorKind::Failed`] with the error of `work` as its source, or [`ErrorKind::Panicked`] if it panics.
    /// [`ErrorKind::Index`] if the graph has not all of the outputs, [`ErrorKind::Value`] if one is there twice,
    /// [`ErrorKind::Memory`] if a cap does not suffice, [`ErrorKind::Cancelled`] if somebody cancels before the last
    /// task has started.
    pub fn evaluate<V: Send + Sync, E: Into<BoxError>>(
        &self,
        graph: &TaskGraph,
        outputs: &[u32],
        work: impl Fn(u32, &[&V]) -> Result<V, E> + Sync,
    ) -> Result<Vec<V>> {
        outputs.iter().try_for_each(|&output| graph.check(output, "outputs"))?;
        self.evaluate_named(graph, outputs, &Numbers, |task, inputs| {
            let once = Attempts { retries: 0, cancel: &self.cancel };
            once.make(&Numbers, task, || work(task, inputs).map_err(Into::into))
        })
    }

    /// As [`evaluate`](Self::evaluate), for outputs that are there.
    pub(crate) fn evaluate_named<V: Send + Sync>(
        &self,
        graph: &TaskGraph,
        outputs: &[u32],
        names: &dyn Names,
        work: impl Fn(u32, &[&V]) -> Result<V> + Sync,
    ) -> Result<Vec<V>> {
        let kept = ascending(outputs)?;
        let alive = self.admission(graph, &kept, names)?;
        let values = Values::new(graph, &kept, work);
        let driven = self.drive(graph, alive.as_ref(), &values, names);
        let mut results = values.into_results(&kept);
        driven?;
        let result = |output: &u32| {
            let at = kept.binary_search(output).unwrap_or(usize::MAX);
            let lost = || Error::new(ErrorKind::Failed, format!("{} is lost", names.name(*output)));
            results.get_mut(at).and_then(Option::take).ok_or_else(lost)
        };
        outputs.iter().map(result).collect()
    }

    /// That the results of a graph's tasks can be kept within the cap.
    pub(crate) fn check_memory(
        &self,
        graph: &TaskGraph,
        outputs: &[u32],
        names: &dyn Names,
    ) -> Result<()> {
        self.admission(graph, &ascending(outputs)?, names).map(drop)
    }

    /// The bytes that are alive in the planned order, if a cap has to be watched.
    fn admission(
        &self,
        graph: &TaskGraph,
        kept: &[u32],
        names: &dyn Names,
    ) -> Result<Option<RangeMax>> {
        let Some(cap) = self.memory.map(|bytes| bytes as u64) else { return Ok(None) };
        let all = graph.tasks().map(|task| graph.memory(task).running());
        if all.fold(0, u64::saturating_add) <= cap {
            return Ok(None);
        }
        let alive = serial::alive(graph, kept);
        match alive.iter().zip(0..).max_by_key(|&(bytes, task)| (bytes, std::cmp::Reverse(task))) {
            Some((&bytes, task)) if bytes > cap => {
                let sentence = format!(
                    "{} needs {bytes} bytes with all that is alive beside it, but the cap is {cap}",
                    names.name(task)
                );
                Err(Error::new(ErrorKind::Memory, sentence))
            }
            _ => Ok(Some(RangeMax::new(alive))),
        }
    }

    /// Runs all tasks of a graph.
    fn drive<W: Work>(
        &self,
        graph: &TaskGraph,
        alive: Option<&RangeMax>,
        work: &W,
        names: &dyn Names,
    ) -> Result<()> {
        let recorder = self.traces.is_some().then(Recorder::start);
        let run = Run {
            graph,
            workers: workers(self.threads).min(graph.len().max(1)),
            counts_bytes: W::HAS_RESULTS && graph.has_memory(),
            is_exact: alive.is_some(),
            cancel: &self.cancel,
            progress: self.progress.as_ref().and_then(|told| told.begin(graph.len(), "tasks")),
            recorder: recorder.as_ref(),
            failure: Failure::default(),
            live: Live::default(),
            finished: AtomicUsize::new(0),
        };
        match alive.zip(self.memory) {
            None => {
                let free = Free::new(&run);
                crew(run.workers, |worker| free.work(work, &mut Desk::new(&run, worker)));
            }
            Some((alive, cap)) => {
                let admitted = Admitted::new(&run, cap as u64, alive);
                crew(run.workers, |worker| admitted.work(work, &mut Desk::new(&run, worker)));
            }
        }
        let (peak_bytes, workers, ended) = (run.live.peak(), run.workers, run.end());
        if let Some(recorder) = recorder {
            recorder.sample();
            let memory = self.memory;
            let trace =
                Trace { names: names.all(), peak_bytes, memory, workers, ..Trace::default() };
            self.keep(trace.finish(recorder));
        }
        ended
    }
}

/// The outputs from the lowest on.
fn ascending(outputs: &[u32]) -> Result<Vec<u32>> {
    let mut kept = outputs.to_vec();
    kept.sort_unstable();
    match kept.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(kept),
        Some(pair) => {
            let sentence = format!("argument `outputs` has task {} twice", pair[0]);
            Err(Error::new(ErrorKind::Value, sentence))
        }
    }
}
