//! What tasks did when.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// The last tasks of a worker that are kept: 8 MiB of them.
const KEPT: usize = 1 << 18;

/// A task that ran. 32 bytes: a record is written in a few nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskRecord {
    /// When it was started, in nanoseconds after the run began. A worker that has the next task at hand starts it
    /// when the last one ends: what is between is counted to the next.
    pub start_ns: u64,
    /// When it had ended, with the release of what nobody needed any more.
    pub end_ns: u64,
    /// By how many bytes more results were alive after it than before, as far as their sizes were told.
    pub bytes: i64,
    /// Which task, by its place in the planned order.
    pub task: u32,
    /// On which worker.
    pub worker: u16,
    /// Whether it failed.
    pub failed: bool,
}

const _: () = assert!(size_of::<TaskRecord>() == 32);

/// The tasks of one run of a graph.
#[derive(Clone)]
#[non_exhaustive]
pub struct TaskTrace {
    /// The tasks that ran, in the order in which they started. Of a worker that ran more than 2^18 of them, the last
    /// so many.
    pub records: Vec<TaskRecord>,
    /// How many were not kept.
    pub dropped: u64,
    /// The names of all tasks, by their place in the planned order. Empty for a [`TaskGraph`](crate::TaskGraph),
    /// whose tasks have none.
    pub names: Vec<Arc<str>>,
    /// The most bytes of results that were alive at once, as far as their sizes were told: exact under a cap, else to
    /// within 1 MiB a worker.
    pub peak_bytes: u64,
    /// How many workers there were.
    pub workers: usize,
}

/// What a worker has recorded, and how much was not kept.
pub(super) type Records = (Vec<TaskRecord>, u64);

impl TaskTrace {
    pub(super) fn new(
        workers_records: Vec<Records>,
        names: Vec<Arc<str>>,
        peak_bytes: u64,
        workers: usize,
    ) -> Self {
        let (mut records, mut dropped) = (vec![], 0);
        for (mut more, lost) in workers_records {
            records.append(&mut more);
            dropped += lost;
        }
        records.sort_by_key(|record| (record.start_ns, record.worker));
        Self { records, dropped, names, peak_bytes, workers }
    }
}

impl fmt::Debug for TaskTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrace")
            .field("records", &self.records.len())
            .field("dropped", &self.dropped)
            .field("peak_bytes", &self.peak_bytes)
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

/// The time since a run began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(Instant);

impl Clock {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    fn now(self) -> u64 {
        let elapsed = self.0.elapsed();
        // It is full in 584 years.
        elapsed.as_secs().wrapping_mul(1_000_000_000).wrapping_add(elapsed.subsec_nanos().into())
    }
}

/// The last tasks of a worker.
#[derive(Debug)]
pub(super) struct Ring {
    clock: Clock,
    worker: u16,
    /// When the task that runs was started.
    start_ns: u64,
    records: Vec<TaskRecord>,
    /// Where the next goes, once as many are there as are kept.
    oldest: usize,
    dropped: u64,
}

impl Ring {
    pub(super) fn new(clock: Clock, worker: usize) -> Self {
        let worker = u16::try_from(worker).unwrap_or(u16::MAX);
        Self { clock, worker, start_ns: clock.now(), records: vec![], oldest: 0, dropped: 0 }
    }

    /// A task starts after a time in which none ran.
    pub(super) fn restart(&mut self) {
        self.start_ns = self.clock.now();
    }

    /// The task that ran has ended; another starts at once. So there is one look at the clock for a task, which takes
    /// longer than all else here.
    pub(super) fn record(&mut self, task: u32, bytes: i64, failed: bool) {
        let end_ns = self.clock.now();
        let start_ns = std::mem::replace(&mut self.start_ns, end_ns);
        let record = TaskRecord { start_ns, end_ns, bytes, task, worker: self.worker, failed };
        if self.records.len() < KEPT {
            self.records.push(record);
        } else {
            self.records[self.oldest] = record;
            self.oldest = (self.oldest + 1) % KEPT;
            self.dropped += 1;
        }
    }

    /// All that were kept, and how many were not.
    pub(super) fn into_records(mut self) -> Records {
        self.records.rotate_left(self.oldest);
        (self.records, self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_kept_in_order() {
        let mut ring = Ring::new(Clock::start(), 3);
        for task in 0..(1 << 18) + 5 {
            ring.record(task, 1, false);
        }
        let (records, dropped) = ring.into_records();
        assert_eq!((records.len(), dropped), (KEPT, 5));
        assert!(records.iter().zip(5..).all(|(record, task)| record.task == task));
        assert!(records.windows(2).all(|pair| pair[0].end_ns == pair[1].start_ns));
        assert_eq!(records[0].worker, 3);
    }
}
