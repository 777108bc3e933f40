//! A trace for Perfetto.

use std::time::Duration;

use tenfold_report::{Trace as Json, Track};

use super::{Activity, Trace, TraceRecord};

/// Where stages are, and the counters of memory.
const ALL: Track = Track { process: 0, thread: 0 };

impl Trace {
    /// The trace in the JSON that [Perfetto](https://ui.perfetto.dev) and `chrome://tracing` open: a track for each
    /// worker, one for stages, and the memory that was planned, counted and there.
    ///
    /// ```
    /// use tenfold_array::{Settings, delayed};
    ///
    /// let task = delayed(|| 7).named("seven");
    /// let (_, traces) = Settings::new().traced(|settings| settings.compute(&task));
    /// assert!(traces[0].to_perfetto().contains(r#""name":"seven""#));
    /// ```
    #[must_use]
    pub fn to_perfetto(&self) -> String {
        let mut json = Json::new();
        json.process_name(ALL.process, "tenfold-array");
        if !self.stages.is_empty() {
            json.thread_name(ALL, "stages");
        }
        for worker in 0..self.workers {
            json.thread_name(track(worker), &format!("worker {worker}"));
        }
        for stage in &self.stages {
            let (start, elapsed) = span(stage.start_ns, stage.end_ns);
            let chunks = stage.chunks.to_string();
            json.complete_with(ALL, &stage.name, "stage", start, elapsed, &[("chunks", &chunks)]);
        }
        self.records.iter().for_each(|record| self.add(record, &mut json));
        self.add_memory(&mut json);
        json.to_json()
    }

    fn add(&self, record: &TraceRecord, json: &mut Json) {
        let (start, elapsed) = span(record.start_ns, record.end_ns);
        let (number, bytes) = (record.number.to_string(), record.bytes.to_string());
        let mut facts = vec![("number", number.as_str()), ("bytes", bytes.as_str())];
        if record.failed {
            facts.push(("failed", "yes"));
        }
        let activity = record.activity.to_string();
        let name = match record.activity {
            Activity::Task => self.task_name(record.number),
            _ => format!("{activity} {}", self.name(record)),
        };
        let track = track(usize::from(record.worker));
        json.complete_with(track, &name, &activity, start, elapsed, &facts);
    }

    #[expect(clippy::cast_precision_loss, reason = "a figure of seven digits would do")]
    fn add_memory(&self, json: &mut Json) {
        let mut count = |name: &str, at_ns: u64, bytes: u64| {
            json.counter(ALL, name, Duration::from_nanos(at_ns), &[("bytes", bytes as f64)]);
        };
        for (at, bytes) in self.planned() {
            count("planned", at, bytes);
        }
        for (at, bytes) in self.counted() {
            count("results", at, bytes);
        }
        for sample in &self.samples {
            count("resident", sample.at_ns, sample.resident);
        }
    }

    /// What the plan lets each stage hold, from when on.
    pub(super) fn planned(&self) -> Vec<(u64, u64)> {
        let begin = |stage: &super::TraceStage| (stage.start_ns, stage.peak_bytes);
        let end = self.stages.last().map(|stage| (stage.end_ns, 0));
        self.stages.iter().map(begin).chain(end).collect()
    }

    /// The bytes of results that are alive after each task that has changed them, if their sizes were told and all
    /// records are there.
    pub(super) fn counted(&self) -> Vec<(u64, u64)> {
        let is_told = self.records.iter().any(|record| record.bytes != 0);
        if !self.stages.is_empty() || self.dropped > 0 || !is_told {
            return vec![];
        }
        let mut ends: Vec<&TraceRecord> =
            self.records.iter().filter(|record| record.bytes != 0).collect();
        ends.sort_by_key(|record| record.end_ns);
        let mut alive = 0_i64;
        let step = |record: &&TraceRecord| {
            alive = alive.saturating_add(record.bytes);
            (record.end_ns, alive.max(0).unsigned_abs())
        };
        ends.iter().map(step).collect()
    }
}

fn track(worker: usize) -> Track {
    Track { process: 0, thread: u32::try_from(worker + 1).unwrap_or(u32::MAX) }
}

fn span(start_ns: u64, end_ns: u64) -> (Duration, Duration) {
    (Duration::from_nanos(start_ns), Duration::from_nanos(end_ns - start_ns))
}
