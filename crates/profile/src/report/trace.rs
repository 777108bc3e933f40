//! The last scopes of each thread, one by one.

use std::time::Duration;

use tenfold_report::{Trace, Track};

use super::document::Document;
use super::snapshot::Places;
use crate::record::thread;
use crate::record::ticks::Rate;

/// The last scopes of each thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Events {
    threads: Vec<ThreadEvents>,
}

#[derive(Debug, Clone)]
struct ThreadEvents {
    name: String,
    events: Vec<Event>,
    /// How many the ring had no place for.
    dropped: u64,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    function: usize,
    start: Duration,
    elapsed: Duration,
}

impl Events {
    /// Those of a session that is over, on a time line that begins with it.
    pub(crate) fn read(state: u32, start: u64, rate: Rate, places: &mut Places) -> Self {
        let ns = |ticks: u64| Duration::from_secs_f64(rate.ns(ticks).clamp(0.0, 1e18) / 1e9);
        let mut threads = vec![];
        for thread in thread::of_session(state) {
            let Some(ring) = thread.ring.get() else { continue };
            let (events, dropped) = thread.read(|_| ring.read());
            let events = events.iter().filter_map(|event| {
                let function = places.number(event.node.site()?);
                let start = ns(event.start.saturating_sub(start));
                Some(Event { function, start, elapsed: ns(event.elapsed) })
            });
            let (name, events) = (thread.identity().name, events.collect());
            threads.push(ThreadEvents { name, events, dropped });
        }
        Self { threads }
    }

    pub(crate) fn to_chrome(&self, document: &Document) -> String {
        let mut trace = Trace::new();
        let process = document.rank.and_then(|rank| u32::try_from(rank).ok()).unwrap_or(0);
        trace.process_name(process, &document.program);
        for (number, thread) in self.threads.iter().enumerate() {
            let track = Track { process, thread: u32::try_from(number).unwrap_or(u32::MAX) };
            let name = match thread.dropped {
                0 => thread.name.clone(),
                dropped => format!("{} ({dropped} earlier scopes dropped)", thread.name),
            };
            trace.thread_name(track, &name);
            for Event { function, start, elapsed } in &thread.events {
                let place = &document.functions[*function];
                let line = place.line.to_string();
                let facts = [("file", place.file.as_str()), ("line", &line)];
                trace.complete_with(track, &place.name, "scope", *start, *elapsed, &facts);
            }
        }
        trace.to_json()
    }
}
