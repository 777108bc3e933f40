//! What a session found, and the forms it can be had in.

mod analysis;
mod diagnosis;
mod diff;
pub(crate) mod document;
mod function;
mod json;
mod lines;
mod page;
mod pareto;
mod prof;
mod ranks;
mod sampling;
pub(crate) mod snapshot;
mod speedscope;
mod stacks;
mod table;
pub(crate) mod trace;

use std::fmt;
use std::path::Path;
use std::time::Duration;

pub use diff::{Change, Diff};
pub use function::Function;
pub use lines::{FunctionLines, Line, LineTables};
pub use pareto::Pareto;
pub use ranks::{RankFunction, RankPath, Ranks, Spread};
pub use sampling::{SampledFunction, Sampling};
pub use table::{Sort, Table};

use crate::error::{Error, Result};
use crate::units::{Bytes, Nanoseconds};
use document::Document;
use trace::Events;

/// What a session found.
///
/// `Display` prints the ten functions with the largest self time, the lines of three, how few functions
/// take most of the time, and what speaks against the figures.
#[derive(Debug, Clone)]
pub struct Report {
    pub(crate) document: Document,
    /// As the document's list has them.
    pub(crate) by_place: Vec<Function>,
    events: Option<Events>,
}

/// The share of self time that [`Report::pareto`] asks for.
const MOST: f64 = 0.9;

impl Report {
    pub(crate) fn new(document: Document, events: Option<Events>) -> Self {
        let overhead = document.overhead.whole_ns;
        let sums = analysis::functions(&document);
        let places = document.functions.iter().cloned();
        let by_place =
            places.zip(sums).map(|(place, sum)| Function::new(place, sum, overhead)).collect();
        Self { document, by_place, events }
    }

    /// The functions and scopes that were called, with the largest self time first.
    #[must_use]
    pub fn functions(&self) -> Vec<&Function> {
        self.stats().rows().into_iter().map(|(_, function)| function).collect()
    }

    /// The function or scope of this name, or whose name ends in `::` and it.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        let named = |f: &&Function| {
            f.name() == name || f.name().strip_suffix(name).is_some_and(|path| path.ends_with("::"))
        };
        self.functions().into_iter().find(named)
    }

    /// From the session's start to its end.
    #[must_use]
    pub fn wall(&self) -> Duration {
        Duration::from_secs_f64(self.document.wall_ns.clamp(0.0, 1e18) / 1e9)
    }

    /// Time in scopes, of all threads: all self times together.
    #[must_use]
    pub fn total_ns(&self) -> f64 {
        // The sum of nothing is -0.
        self.by_place.iter().map(Function::self_ns).fold(0.0, |sum, ns| sum + ns)
    }

    /// Which rank of a parallel program it is of.
    #[must_use]
    pub fn rank(&self) -> Option<u64> {
        self.document.rank
    }

    /// What recording a call of an empty scope cost, between its reads of the clock and
    /// altogether, in nanoseconds. All times are without it.
    #[must_use]
    pub fn overhead_ns(&self) -> (f64, f64) {
        (self.document.overhead.inner_ns, self.document.overhead.whole_ns)
    }

    /// The fewest functions that take 90 % of the self time; `None` where there is none.
    #[must_use]
    pub fn pareto(&self) -> Option<Pareto> {
        let times = self.functions().into_iter().map(Function::self_ns);
        Pareto::of(&times.collect::<Vec<f64>>(), MOST)
    }

    /// Where the threads were when they were asked; `None` without
    /// [`sampler_hz`](crate::Builder::sampler_hz).
    #[must_use]
    pub fn sampled(&self) -> Option<Sampling<'_>> {
        self.document.samples.as_ref().map(Sampling::new)
    }

    /// The lines of functions with `#[profile(lines)]`; `None` without
    /// [`lines`](crate::Builder::lines).
    #[must_use]
    pub fn lines(&self) -> Option<LineTables> {
        self.document.lines.clone().map(LineTables::new)
    }

    /// What speaks against the figures, a sentence each. Never empty.
    #[must_use]
    pub fn diagnosis(&self) -> Vec<String> {
        diagnosis::of(self)
    }

    /// The functions as a table in pstats' manner.
    pub fn stats(&self) -> Table<'_> {
        Table::new(self)
    }

    fn headline(&self) -> String {
        if self.functions().is_empty() {
            let Document { program, wall_ns, .. } = &self.document;
            return format!("{program}: no scopes, session of {}", Nanoseconds(*wall_ns));
        }
        let calls: u64 = self.by_place.iter().map(Function::calls).sum();
        let primitive: u64 = self.by_place.iter().map(Function::primitive_calls).sum();
        let primitive = match primitive == calls {
            true => String::new(),
            false => format!(" ({primitive} primitive)"),
        };
        let Document { program, wall_ns, threads, .. } = &self.document;
        let threads = match threads.len() {
            1 => "1 thread".to_owned(),
            count => format!("{count} threads"),
        };
        let (total, wall) = (Nanoseconds(self.total_ns()), Nanoseconds(*wall_ns));
        format!("{program}: {calls} calls{primitive} in {total} on {threads}, session of {wall}")
    }

    /// Everything as JSON in a documented, versioned form, which [`read`](Self::read) reads.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(&self.document)
    }

    /// Writes [`to_json`](Self::to_json) to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_json(&self, file: impl AsRef<Path>) -> Result<()> {
        write(file.as_ref(), self.to_json().as_bytes())
    }

    /// Reads what [`write_json`](Self::write_json) wrote.
    ///
    /// # Errors
    /// When the file cannot be read, is of another format or of a later version, or does not fit
    /// together; the error names the file and the field.
    pub fn read(file: impl AsRef<Path>) -> Result<Self> {
        let file = file.as_ref();
        let text = std::fs::read(file).map_err(|error| Error::file(file, error))?;
        Ok(Self::new(json::read(file, &text)?, None))
    }

    /// Reads the reports of the ranks of a parallel program, in any order, and compares them.
    ///
    /// # Errors
    /// When a file is no report ([`read`](Self::read)), has no rank, or has that of another file;
    /// when there is no file.
    pub fn merge<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Result<Ranks> {
        Ranks::read(files)
    }

    /// Reads what the processes of a parallel program have left in a folder, and in folders in it, and
    /// compares one report of each rank: that with scopes, or else that with most time in its samples, as
    /// shells and starters run for less than what they start. Where no report has a rank they are of one,
    /// rank 0.
    ///
    /// What is left out, as a report that a process was ended in the middle of, is named by
    /// [`Ranks::diagnosis`].
    ///
    /// # Errors
    /// When a folder cannot be read, or no report is in it.
    pub fn merge_folder(folder: impl AsRef<Path>) -> Result<Ranks> {
        ranks::read_folder(folder.as_ref())
    }

    /// What changed from this report to a later one.
    #[must_use]
    pub fn diff(&self, after: &Self) -> Diff {
        Diff::of(self, after)
    }

    /// The profile as Python's cProfile writes it: `pstats.Stats(file)` and snakeviz read it. That
    /// of the samples, where there are no scopes: a call stands for a sample.
    #[must_use]
    pub fn to_prof(&self) -> Vec<u8> {
        prof::write(self.of_samples().as_ref().unwrap_or(self))
    }

    /// The samples as a report of scopes, where there are none.
    pub(crate) fn of_samples(&self) -> Option<Self> {
        Some(Self::new(stacks::as_tree(&self.document)?, None))
    }

    /// Writes [`to_prof`](Self::to_prof) to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_prof(&self, file: impl AsRef<Path>) -> Result<()> {
        write(file.as_ref(), &self.to_prof())
    }

    /// The profile for <https://www.speedscope.app>, a profile a thread.
    #[must_use]
    pub fn to_speedscope(&self) -> String {
        speedscope::write(&self.document)
    }

    /// The last scopes of each thread for Perfetto and `chrome://tracing`; `None` when the session
    /// did not [`trace`](crate::Builder::trace), or the report comes from a file.
    #[must_use]
    pub fn to_chrome_trace(&self) -> Option<String> {
        self.events.as_ref().map(|events| events.to_chrome(&self.document))
    }

    /// The flame graph of all threads as an SVG drawing: of scopes, or of samples where there are
    /// none.
    #[must_use]
    pub fn to_svg(&self) -> String {
        page::svg(self.of_samples().as_ref().unwrap_or(self))
    }

    /// One self-contained page: icicle graph, table in four orders, Pareto chart, lines, memory, and
    /// what speaks against the figures.
    #[must_use]
    pub fn to_html(&self) -> String {
        page::write(self)
    }

    /// Writes [`to_html`](Self::to_html) to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_html(&self, file: impl AsRef<Path>) -> Result<()> {
        write(file.as_ref(), self.to_html().as_bytes())
    }

    /// By how much more was live at the session's end than at its start, in bytes: less than nothing
    /// when the session released more than it allocated. `None` without
    /// [`alloc`](crate::Builder::alloc).
    #[must_use]
    pub fn live_bytes(&self) -> Option<i64> {
        self.document.memory.as_ref().map(|memory| memory.live_bytes)
    }

    /// The most that was live at once, over what was live when the session began, in bytes; `None`
    /// without [`alloc`](crate::Builder::alloc).
    #[must_use]
    pub fn peak_bytes(&self) -> Option<i64> {
        self.document.memory.as_ref().map(|memory| memory.peak_bytes)
    }

    /// The process's high-water mark of resident memory since it began, in bytes; `None` without
    /// [`alloc`](crate::Builder::alloc), and where the system does not tell.
    #[must_use]
    pub fn peak_resident_bytes(&self) -> Option<u64> {
        self.document.memory.as_ref()?.resident_bytes
    }

    /// What was allocated in the session and not released, by the path that allocated it, the most
    /// bytes first; `None` without [`leaks`](crate::Builder::leaks).
    #[must_use]
    pub fn leaks(&self) -> Option<Vec<Leak>> {
        let name = |at: &usize| self.document.functions[*at].name.clone();
        let leaks = self.document.memory.as_ref()?.leaks.as_ref()?.iter();
        let leak = |leak: &document::Leak| Leak {
            path: leak.path.iter().map(name).collect(),
            blocks: leak.blocks,
            bytes: leak.bytes,
        };
        Some(leaks.map(leak).collect())
    }

    /// What was counted of the processor's and the kernel's events; empty without
    /// [`counters`](crate::Builder::counters).
    #[must_use]
    pub fn counters(&self) -> Vec<Counter> {
        let counter = |counter: &document::Counter| Counter {
            name: counter.name.clone(),
            value: counter.value,
            share: counter.share,
            missing: counter.missing.clone(),
        };
        self.document.counters.iter().map(counter).collect()
    }

    fn memory_line(&self) -> Option<String> {
        let memory = self.document.memory.as_ref()?;
        #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
        let (live, peak) = (memory.live_bytes as f64, Bytes(memory.peak_bytes as f64));
        let (live, word) = (Bytes(live.abs()), if live < 0.0 { "less" } else { "more" });
        #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
        let resident = memory
            .resident_bytes
            .map_or_else(|| "n/a".to_owned(), |bytes| Bytes(bytes as f64).to_string());
        Some(format!(
            "memory: {peak} at most over the session's start, {live} {word} than then at its end; the \
             process had {resident} resident at most"
        ))
    }
}

/// What one path allocated and nobody released.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// From the outermost scope to the innermost; empty outside of all.
    pub path: Vec<String>,
    /// How many blocks.
    pub blocks: u64,
    /// Their size together.
    pub bytes: u64,
}

/// An event that the kernel counts. `Display` prints `cycles: 1234`, or `cycles: not available` and
/// why.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Counter {
    /// As `perf list` names it.
    pub name: String,
    /// How many; `None` where it is not available.
    pub value: Option<u64>,
    /// For which share of the time it was counted, from 0 to 1; the value is scaled to all of it.
    pub share: Option<f64>,
    /// Why there is no value.
    pub missing: Option<String>,
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.value, &self.missing) {
            (Some(value), _) => write!(f, "{}: {value}", self.name),
            (None, Some(why)) => write!(f, "{}: not available: {why}", self.name),
            (None, None) => write!(f, "{}: not available", self.name),
        }
    }
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(file, bytes).map_err(|error| Error::file(file, error))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.stats().top(10).strip(true))?;
        writeln!(f)?;
        if let Some(sampled) = self.sampled() {
            writeln!(f, "{}", sampled.top(10))?;
        }
        if let Some(lines) = self.lines() {
            writeln!(f, "{}", lines.top(3))?;
        }
        if let Some(pareto) = self.pareto() {
            writeln!(f, "{pareto}")?;
        }
        if let Some(memory) = self.memory_line() {
            writeln!(f, "{memory}")?;
        }
        self.counters().iter().try_for_each(|counter| writeln!(f, "{counter}"))?;
        self.diagnosis().iter().try_for_each(|sentence| writeln!(f, "note: {sentence}"))
    }
}
