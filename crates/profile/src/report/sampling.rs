//! What samples say.

use std::collections::HashMap;
use std::fmt;

use tenfold_report::{self as html, Column};

use super::Pareto;
use super::analysis::short;
use super::document::{SampleStack, Samples};
use crate::units::Percent;

/// Where the threads were when they were asked. `Display` prints a table of functions.
///
/// A thread that was inside of the system, most likely because it waited, counts apart: shares are
/// of those samples in which it ran code of the program.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Sampling<'a> {
    samples: &'a Samples,
    top: usize,
}

/// A function in samples.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SampledFunction {
    /// Its path.
    pub name: String,
    /// Its source file, where debug information names it.
    pub file: String,
    /// In so many samples it was running itself.
    pub own: u64,
    /// In so many samples it or something that it called was running.
    pub all: u64,
}

impl<'a> Sampling<'a> {
    pub(crate) fn new(samples: &'a Samples) -> Self {
        Self { samples, top: usize::MAX }
    }

    /// Shows the first so many functions.
    pub fn top(mut self, count: usize) -> Self {
        self.top = count;
        self
    }

    /// How often a second each thread was asked for.
    #[must_use]
    pub fn hz(&self) -> u32 {
        self.samples.hz
    }

    /// How many samples the threads' lives are long at that rate.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.samples.expected
    }

    /// How many samples were taken.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.samples.taken
    }

    /// How many came together with one that was taken, because the thread had no core meanwhile.
    /// They count where that one was.
    #[must_use]
    pub fn merged(&self) -> u64 {
        self.samples.merged
    }

    /// How many were lost, because there was no room for them.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.samples.lost
    }

    /// How many were of stacks whose outermost functions are not known, because they are deeper than
    /// 128 functions or 32 KiB, or a library has no tables to unwind them by. `(cut off)` stands in
    /// their place.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.samples.cut
    }

    /// How many threads were seen, and how many of them the system had no timer for.
    #[must_use]
    pub fn threads(&self) -> (u64, u64) {
        (self.samples.seen_threads, self.samples.unwatched_threads)
    }

    fn stacks(&self) -> impl Iterator<Item = &'a SampleStack> {
        self.samples.threads.iter().flat_map(|thread| &thread.stacks)
    }

    /// How many samples were of a thread that ran, with those that came together.
    #[must_use]
    pub fn running(&self) -> u64 {
        self.stacks().filter(|stack| !stack.waits).map(|stack| stack.weight).sum()
    }

    /// How many samples were of a thread inside of the system.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.stacks().filter(|stack| stack.waits).map(|stack| stack.weight).sum()
    }

    /// The functions that ran, those with most samples of their own first.
    #[must_use]
    pub fn functions(&self) -> Vec<SampledFunction> {
        let mut sums: HashMap<usize, (u64, u64)> = HashMap::new();
        for stack in self.stacks().filter(|stack| !stack.waits) {
            let mut seen: Vec<usize> = stack.frames.clone();
            seen.sort_unstable();
            seen.dedup();
            seen.iter().for_each(|frame| sums.entry(*frame).or_default().1 += stack.weight);
            if let Some(frame) = stack.frames.last() {
                sums.entry(*frame).or_default().0 += stack.weight;
            }
        }
        let function = |(at, (own, all)): (usize, (u64, u64))| {
            let frame = &self.samples.frames[at];
            SampledFunction { name: frame.name.clone(), file: frame.file.clone(), own, all }
        };
        let mut functions: Vec<SampledFunction> = sums.into_iter().map(function).collect();
        functions.sort_by(|a, b| (b.own, b.all, &a.name).cmp(&(a.own, a.all, &b.name)));
        functions
    }

    /// The fewest functions that were running themselves in 90 % of the samples of running threads;
    /// `None` where there is none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn pareto(&self) -> Option<Pareto> {
        let own = self.functions().into_iter().map(|function| function.own as f64);
        Pareto::of(&own.collect::<Vec<f64>>(), super::MOST)
    }

    /// The table, for a page or a terminal.
    pub(crate) fn to_table(self) -> html::Table {
        let running = self.running().max(1);
        let share = |count: u64| Percent(ratio(count, running)).to_string();
        let columns = ["self", "self %", "total", "total %"].map(Column::number);
        let mut table = html::Table::new(columns.into_iter().chain([Column::text("function")]));
        for function in self.functions().iter().take(self.top) {
            let file = function.file.rsplit('/').next().unwrap_or_default();
            let file = if file.is_empty() { String::new() } else { format!(" ({file})") };
            table = table.row([
                function.own.to_string(),
                share(function.own),
                function.all.to_string(),
                share(function.all),
                format!("{}{file}", short(&function.name)),
            ]);
        }
        table
    }

    pub(crate) fn headline(self) -> String {
        let (running, waiting) = (self.running(), self.waiting());
        format!(
            "{} samples at {} Hz, of {:.0} expected, {} merged, {} lost: {} running, {} in the system",
            self.taken(),
            self.hz(),
            self.expected(),
            self.merged(),
            self.lost(),
            Percent(ratio(running, running + waiting)),
            Percent(ratio(waiting, running + waiting))
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn ratio(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

impl fmt::Display for Sampling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.headline())?;
        f.write_str(&self.to_table().to_text())
    }
}
