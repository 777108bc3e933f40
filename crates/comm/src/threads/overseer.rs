//! Who looks on while a world runs, and tells of it.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, Scope};
use std::time::Instant;
use std::{fmt, fs};

use super::shared::Shared;
use crate::diagnosis::Watch;
use crate::trace::Tracer;
use crate::{Ended, Event, Finding, Place, RankLog, Report, Result, Tag, Trace, Tracing};

/// What looks on while a world runs.
#[derive(Debug)]
pub(super) struct Overseer {
    tracing: Tracing,
    watch: Arc<Watch>,
    epoch: Instant,
    report: Mutex<Report>,
}

/// Ends the thread that looks on.
pub(super) struct Guard<'a>(&'a Watch);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.is_over();
    }
}

impl Overseer {
    pub(super) fn new(ranks: usize, tracing: Tracing) -> Self {
        let trace = Trace { size: ranks, ranks: vec![] };
        let report = Mutex::new(Report { trace, ..Report::default() });
        Self { tracing, watch: Arc::new(Watch::new(ranks)), epoch: Instant::now(), report }
    }

    pub(super) fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }

    pub(super) fn tracer(&self, rank: usize) -> Rc<Tracer> {
        let watch = Arc::clone(&self.watch);
        Rc::new(Tracer::new(rank, watch, self.epoch, &self.tracing))
    }

    /// Starts the thread that looks for ranks which wait for each other. Where the system gives none, nobody
    /// does.
    pub(super) fn start<'s>(
        &'s self,
        scope: &'s Scope<'s, '_>,
        shared: &'s Shared,
    ) -> Option<Guard<'s>> {
        let guard = Guard(&self.watch);
        let look = || {
            shared.guard(&self.watch, self.tracing.stall, |deadlock| {
                self.say(format_args!("{}", deadlock.text()));
            });
        };
        let started = Builder::new().name(String::from("watch")).spawn_scoped(scope, look);
        started.is_ok().then_some(guard)
    }

    /// Keeps the log of a rank that has ended.
    pub(super) fn keep(&self, log: RankLog) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.trace.ranks.push(log);
    }

    /// Tells what was found, when all ranks have ended.
    pub(super) fn end(&self, shared: &Shared) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.trace.ranks.sort_by_key(|log| log.rank);
        report.deadlocks = self.watch.deadlocks();
        let Report { trace, findings: told, unwritten, .. } = &mut *report;
        let ended_well = |rank: usize| {
            let log = trace.ranks.iter().find(|log| log.rank == rank);
            log.is_some_and(|log| log.ended == Ended::Well)
        };
        *told = self.watch.findings();
        if (0..trace.size).all(ended_well) {
            told.extend(unreceived(shared, trace));
        }
        for finding in told {
            self.say(format_args!("{finding}\n"));
        }
        if let Some(folder) = &self.tracing.folder
            && let Err(error) = write(trace, folder)
        {
            // Also where nothing else is printed: who asks for a trace is to know that there is none.
            print(format_args!("{error:#}\n"));
            *unwritten = Some(Arc::new(error));
        }
    }

    pub(super) fn into_report(self) -> Report {
        self.report.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints it, unless nothing is to be printed.
    fn say(&self, what: fmt::Arguments<'_>) {
        if !self.tracing.is_quiet {
            print(what);
        }
    }
}

/// Prints it, as one piece. There is nothing to be done where stderr is closed.
fn print(what: fmt::Arguments<'_>) {
    let _ = io::stderr().lock().write_all(format!("tenfold-comm: {what}").as_bytes());
}

/// The messages that nobody has received: of each sender, receiver, tag and communicator how many.
fn unreceived(shared: &Shared, trace: &Trace) -> Vec<Finding> {
    let mut groups = BTreeMap::new();
    for left in shared.left() {
        let key = (left.from, left.to, left.tag, left.communicator);
        let (count, bytes) = groups.entry(key).or_insert((0, 0));
        *count += 1;
        *bytes += left.bytes;
    }
    let mut places = last_sent(trace, |key| groups.contains_key(key));
    let finding = |(key, (count, bytes))| {
        let (from, to, tag, communicator) = key;
        let place = places.remove(&key).cloned();
        Finding::Unreceived { from, to, tag, communicator, count, bytes, place }
    };
    groups.into_iter().map(finding).collect()
}

/// Sender, receiver, tag and communicator.
type Key = (usize, usize, Tag, u64);

/// Where such messages were last sent, in one pass over all that is recorded.
fn last_sent(trace: &Trace, is_wanted: impl Fn(&Key) -> bool) -> BTreeMap<Key, &Place> {
    let mut places = BTreeMap::new();
    for log in &trace.ranks {
        for event in log.events.iter().filter(|event| event.tag != Event::NO_TAG) {
            let Some(members) = log.communicator(event) else { continue };
            let key = (log.rank, event.to as usize, event.tag, members.id);
            if let Some(place) = log.place(event).filter(|_| is_wanted(&key)) {
                places.insert(key, place);
            }
        }
    }
    places
}

/// Writes the trace to a file of its own.
fn write(trace: &Trace, folder: &Path) -> Result<()> {
    static WORLDS: AtomicU32 = AtomicU32::new(0);
    // Where it cannot be made, the file says why.
    let _ = fs::create_dir_all(folder);
    let number = WORLDS.fetch_add(1, Ordering::Relaxed);
    trace.write(folder.join(format!("threads-{}-{number}.trace", std::process::id())))
}
