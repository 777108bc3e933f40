//! A trace for Perfetto.

use std::time::Duration;

use tenfold_report::{Trace as Json, Track};

use super::links::Links;
use super::run::Run;
use crate::Trace;

impl Trace {
    /// The trace in the format that [Perfetto](https://ui.perfetto.dev) opens: a track for each rank, the
    /// calls on it, and messages as arrows. Times are in microseconds from the first rank's beginning.
    ///
    /// ```
    /// use tenfold_comm::{RankLog, Trace};
    ///
    /// let trace = Trace { size: 1, ranks: vec![RankLog::new(0)] };
    /// assert!(trace.to_perfetto().contains("rank 0"));
    /// ```
    #[must_use]
    pub fn to_perfetto(&self) -> String {
        let run = Run::of(self);
        let links = Links::of(&run);
        let mut json = Json::new();
        let since = |ns: u64| Duration::from_nanos(ns.saturating_sub(run.begin()));
        let track =
            |lane: usize| Track { process: u32::try_from(lane).unwrap_or(u32::MAX), thread: 0 };
        for lane in 0..run.lanes() {
            json.process_name(track(lane).process, &format!("rank {}", run.rank(lane)));
        }
        for (at, call) in run.calls.iter().enumerate() {
            // One that others were made within is drawn once, and they upon it.
            if run.first_of(at) == at {
                let name = call.event.kind.name();
                let (place, bytes) = (run.place(call.place), call.event.sent.to_string());
                let facts = [("at", place.as_str()), ("bytes", bytes.as_str())];
                let elapsed = Duration::from_nanos(run.calls[run.last_of(at)].end - call.start);
                let start = since(call.start);
                json.complete_with(track(call.lane), name, "comm", start, elapsed, &facts);
            }
            if let Some(sender) = run.calls.get(links.sender[at]) {
                let from = (track(sender.lane), since(sender.start));
                json.flow("message", at as u64, from, (track(call.lane), since(call.end)));
            }
        }
        json.to_json()
    }
}
