//! What each worker records.

use std::sync::{Mutex, PoisonError};

use super::reading::Readings;
use super::record::{Activity, TraceRecord};
use super::resident::{Resident, TraceSample};
use super::ticks::Clock;

/// The last records of a worker that are kept: 10 MiB of them.
const KEPT: usize = 1 << 18;

/// How often a worker asks how much memory there is: about every 2 ms, in ticks of about 0.4 ns or in nanoseconds.
const INTERVAL: u64 = 1 << 22;

/// How many answers it keeps. When there are more every other is forgotten, and it asks half as often.
const SAMPLES: usize = 1 << 12;

/// What all workers of a run record.
#[derive(Debug)]
pub(crate) struct Recorder {
    clock: Clock,
    resident: Resident,
    kept: Mutex<Recorded>,
}

/// What was recorded: in ticks, or in nanoseconds when the run is over.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) records: Vec<TraceRecord>,
    pub(super) dropped: u64,
    pub(super) samples: Vec<TraceSample>,
}

impl Recorder {
    pub(crate) fn start() -> Self {
        let recorder =
            Self { clock: Clock::start(), resident: Resident::open(), kept: Mutex::default() };
        recorder.sample();
        recorder
    }

    /// How long the run has taken so far, in ticks.
    pub(crate) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Asks how much memory there is.
    pub(crate) fn sample(&self) {
        if let Some(resident) = self.resident.bytes() {
            let sample = TraceSample { at_ns: self.clock.now(), resident };
            self.kept().samples.push(sample);
        }
    }

    /// What a worker records with.
    pub(crate) fn ring(&self, worker: usize) -> Ring<'_> {
        let worker = u16::try_from(worker).unwrap_or(u16::MAX);
        let now = self.clock.now();
        Ring {
            recorder: self,
            readings: Readings::start(self.clock),
            worker,
            start: now,
            records: vec![],
            oldest: 0,
            dropped: 0,
            samples: vec![],
            next_sample: now.saturating_add(INTERVAL),
            interval: INTERVAL,
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Recorded> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was recorded, in the order in which it began, and how long a tick takes.
    pub(super) fn finish(self) -> (Recorded, f64) {
        let tick = self.clock.nanoseconds();
        let mut all = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        for record in &mut all.records {
            record.start_ns = nanoseconds(record.start_ns, tick);
            record.end_ns = nanoseconds(record.end_ns, tick);
        }
        all.samples.iter_mut().for_each(|sample| sample.at_ns = nanoseconds(sample.at_ns, tick));
        all.records.sort_by_key(|record| (record.start_ns, record.worker));
        all.samples.sort_by_key(|sample| sample.at_ns);
        (all, tick)
    }
}

/// Ticks as nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "2^53 ticks are a month"
)]
pub(super) fn nanoseconds(ticks: u64, tick: f64) -> u64 {
    (ticks as f64 * tick) as u64
}

/// The last records of a worker. When it is dropped its recorder has them.
#[derive(Debug)]
pub(crate) struct Ring<'a> {
    recorder: &'a Recorder,
    readings: Readings,
    worker: u16,
    /// When that was begun which is not recorded yet.
    start: u64,
    records: Vec<TraceRecord>,
    /// Where the next goes, once as many are there as are kept.
    oldest: usize,
    dropped: u64,
    samples: Vec<TraceSample>,
    next_sample: u64,
    interval: u64,
}

/// What is recorded beside when and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct What {
    pub(crate) stage: u32,
    pub(crate) number: u64,
    pub(crate) activity: Activity,
    pub(crate) bytes: i64,
    pub(crate) failed: bool,
}

impl Ring<'_> {
    /// Something begins after a time in which nothing was done.
    pub(crate) fn restart(&mut self) {
        self.start = self.recorder.clock.now();
    }

    /// What was done has ended; something else begins at once. So there is one look at the clock for each, which takes
    /// longer than all else here.
    #[inline]
    pub(crate) fn record(&mut self, what: What) {
        let end = self.recorder.clock.now();
        self.keep(what, end);
        if end >= self.next_sample {
            self.sample(end);
        }
    }

    /// What was read has been, and then what was made of it.
    pub(crate) fn record_with_reads(&mut self, what: What) {
        let read = self.readings.take();
        if read.bytes > 0 {
            let end = self.recorder.clock.now().min(self.start + read.ticks);
            let bytes = read.bytes.try_into().unwrap_or(i64::MAX);
            self.keep(What { activity: Activity::Read, bytes, failed: false, ..what }, end);
        }
        self.record(what);
    }

    #[inline]
    fn keep(&mut self, what: What, end: u64) {
        let start = std::mem::replace(&mut self.start, end);
        let What { stage, number, activity, bytes, failed } = what;
        let record = TraceRecord {
            start_ns: start,
            end_ns: end,
            bytes,
            number,
            stage,
            worker: self.worker,
            activity,
            failed,
        };
        if self.records.len() < KEPT {
            self.records.push(record);
        } else {
            self.records[self.oldest] = record;
            self.oldest = (self.oldest + 1) % KEPT;
            self.dropped += 1;
        }
    }

    #[cold]
    fn sample(&mut self, now: u64) {
        if let Some(resident) = self.recorder.resident.bytes() {
            self.samples.push(TraceSample { at_ns: now, resident });
        }
        if self.samples.len() == SAMPLES {
            let mut number = 0;
            self.samples.retain(|_| {
                number += 1;
                number % 2 == 0
            });
            self.interval *= 2;
        }
        self.next_sample = now.saturating_add(self.interval);
    }
}

impl Drop for Ring<'_> {
    fn drop(&mut self) {
        self.records.rotate_left(self.oldest);
        let mut kept = self.recorder.kept();
        kept.records.append(&mut self.records);
        kept.dropped += self.dropped;
        kept.samples.append(&mut self.samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(number: u64) -> What {
        What { stage: 0, number, activity: Activity::Task, bytes: 1, failed: false }
    }

    #[test]
    fn the_last_are_kept_in_order() {
        let recorder = Recorder::start();
        let mut ring = recorder.ring(3);
        (0..(1 << 18) + 5).for_each(|number| ring.record(task(number)));
        drop(ring);
        let (Recorded { records, dropped, .. }, _) = recorder.finish();
        assert_eq!((records.len(), dropped), (KEPT, 5));
        assert!(records.iter().zip(5..).all(|(record, number)| record.number == number));
        assert!(records.windows(2).all(|pair| pair[0].end_ns == pair[1].start_ns));
        assert_eq!(records[0].worker, 3);
    }

    #[test]
    fn what_is_read_stands_before_what_is_made_of_it() {
        let recorder = Recorder::start();
        let mut ring = recorder.ring(0);
        super::super::reading(100, || std::thread::sleep(std::time::Duration::from_millis(2)));
        ring.record_with_reads(What { activity: Activity::Compute, ..task(7) });
        drop(ring);
        recorder.sample();
        let (Recorded { records, samples, .. }, _) = recorder.finish();
        let [read, compute] = records[..] else { panic!("{records:?}") };
        assert_eq!((read.activity, read.bytes, read.number), (Activity::Read, 100, 7));
        assert_eq!(compute.activity, Activity::Compute);
        assert!(read.end_ns - read.start_ns >= 1_900_000 && read.end_ns == compute.start_ns);
        assert!(samples.len() >= 2 || cfg!(not(target_os = "linux")));
    }

    #[test]
    fn samples_are_bounded() {
        let recorder = Recorder::start();
        let mut ring = recorder.ring(0);
        (0..3 * SAMPLES as u64).for_each(|at| ring.sample(at * INTERVAL));
        assert!(ring.samples.len() < SAMPLES);
        assert!(ring.interval > INTERVAL || ring.samples.is_empty());
    }
}
