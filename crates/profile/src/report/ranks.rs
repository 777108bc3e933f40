//! The reports of the ranks of a parallel program, beside each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use tenfold_report::{Column, Table};

use super::analysis::{Tree, short};
use super::document::{Document, Place};
use super::lines::{self, LineTables};
use super::{Function, Report};
use crate::error::{Error, Result};
use crate::units::{Nanoseconds, Percent};

/// The reports of the ranks of a parallel program, compared by the POP method: what share of its
/// time each rank spends usefully, and what keeps it from more. `Display` prints all of it.
///
/// Useful is what passes in scopes that are not communication. Which are, nobody but you knows:
/// see [`communication`](Self::communication).
#[derive(Debug, Clone)]
pub struct Ranks {
    /// By rank.
    reports: Vec<Report>,
    /// The functions that are communication; `None` until somebody says which.
    waits: Option<BTreeSet<String>>,
}

/// A call path over all ranks. A rank that never was there counts as 0.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RankPath {
    /// From the outermost function to the innermost.
    pub path: Vec<String>,
    /// Time on it with what was called, of the rank that has least, in nanoseconds.
    pub min_ns: f64,
    /// Of all ranks in the mean.
    pub mean_ns: f64,
    /// Of the rank that has most.
    pub max_ns: f64,
    /// The rank that has most; the first of those that have as much.
    pub max_rank: u64,
    /// By what share the most is above the mean: 0 in balance.
    pub imbalance: f64,
}

impl Ranks {
    pub(crate) fn read<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Result<Self> {
        let mut by_rank: BTreeMap<u64, (PathBuf, Report)> = BTreeMap::new();
        for file in files {
            let file = file.as_ref();
            let report = Report::read(file)?;
            let Some(rank) = report.rank() else {
                let problem = "is null, and reports that are merged need one: start sessions with \
                               `Session::builder().rank(rank)`";
                return Err(Error::format(file, "rank", problem));
            };
            if let Some((other, _)) = by_rank.get(&rank) {
                let problem = format!("is {rank}, as in {}", other.display());
                return Err(Error::format(file, "rank", problem));
            }
            by_rank.insert(rank, (file.to_owned(), report));
        }
        if by_rank.is_empty() {
            return Err(Error::argument("files", "empty", "at least one file"));
        }
        let reports = by_rank.into_values().map(|(_, report)| report).collect();
        Ok(Self { reports, waits: None })
    }

    /// Says which functions and scopes are communication: waiting for other ranks, not work. Where
    /// none is, say so with `|_| false`.
    ///
    /// Without it there is no efficiency of any kind: a rank that waits for the slowest one takes as
    /// long as that, and would seem as busy.
    #[must_use]
    pub fn communication(mut self, waits: impl Fn(&str) -> bool) -> Self {
        let names = self.reports.iter().flat_map(|report| &report.by_place).map(Function::name);
        self.waits = Some(names.filter(|name| waits(name)).map(str::to_owned).collect());
        self
    }

    fn is_communication(&self, name: &str) -> bool {
        self.waits.as_ref().is_some_and(|waits| waits.contains(name))
    }

    /// The reports, by rank.
    #[must_use]
    pub fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// The useful time of each rank, on all its threads, in nanoseconds: all time in scopes, until
    /// [`communication`](Self::communication) is named.
    #[must_use]
    pub fn useful_ns(&self) -> Vec<f64> {
        let useful = |report: &Report| {
            let functions = report.by_place.iter().filter(|f| !self.is_communication(f.name()));
            functions.map(Function::self_ns).sum()
        };
        self.reports.iter().map(useful).collect()
    }

    /// The mean of useful time over its maximum, from 0 to 1: 1 when all have as much to do.
    /// `None` when there is none, or nobody said what is [`communication`](Self::communication).
    #[must_use]
    pub fn load_balance(&self) -> Option<f64> {
        self.waits.as_ref()?;
        let useful = self.useful_ns();
        let most = maximum(&useful);
        (most > 0.0).then(|| mean(&useful) / most)
    }

    /// The most useful time over the run time, from 0 to 1: 1 when nobody ever waits. `None` when
    /// no function is known to be communication, or ranks have several threads, whose times overlap.
    #[must_use]
    pub fn communication_efficiency(&self) -> Option<f64> {
        let known = self.reports.iter().flat_map(|report| &report.by_place);
        let is_known = known.into_iter().any(|f| f.calls() > 0 && self.is_communication(f.name()));
        let is_single = self.reports.iter().all(|report| report.document.threads.len() <= 1);
        let run: Vec<f64> = self.reports.iter().map(|report| report.document.wall_ns).collect();
        let run = maximum(&run);
        (is_known && is_single && run > 0.0).then(|| maximum(&self.useful_ns()) / run)
    }

    /// Load balance times communication efficiency. `None` when one of them is not known.
    #[must_use]
    pub fn parallel_efficiency(&self) -> Option<f64> {
        Some(self.load_balance()? * self.communication_efficiency()?)
    }

    /// The lines of functions, of all ranks that measured them together: hits, times and samples add
    /// up. Only hits, where ranks measured in different ways; `None` where no rank did.
    #[must_use]
    pub fn lines(&self) -> Option<LineTables> {
        let parts = self.reports.iter().filter_map(|report| report.document.lines.as_ref());
        lines::merged(&parts.collect::<Vec<_>>()).map(LineTables::new)
    }

    /// Every call path of every rank, with the largest maximum first.
    #[must_use]
    pub fn paths(&self) -> Vec<RankPath> {
        let mut times: BTreeMap<Vec<&Place>, Vec<f64>> = BTreeMap::new();
        for (at, report) in self.reports.iter().enumerate() {
            for (path, ns) in paths(&report.document) {
                times.entry(path).or_insert_with(|| vec![0.0; self.reports.len()])[at] += ns;
            }
        }
        let mut paths: Vec<RankPath> =
            times.into_iter().map(|(path, times)| self.path(&path, &times)).collect();
        paths.sort_by(|a, b| b.max_ns.total_cmp(&a.max_ns));
        paths
    }

    fn path(&self, path: &[&Place], times: &[f64]) -> RankPath {
        let (mean_ns, max_ns) = (mean(times), maximum(times));
        let at = times.iter().position(|&ns| ns == max_ns).unwrap_or(0);
        RankPath {
            path: path.iter().map(|place| place.name.clone()).collect(),
            min_ns: times.iter().copied().fold(f64::INFINITY, f64::min),
            mean_ns,
            max_ns,
            max_rank: self.reports[at].rank().unwrap_or(0),
            imbalance: if mean_ns > 0.0 { max_ns / mean_ns - 1.0 } else { 0.0 },
        }
    }
}

/// Every call path with its time.
fn paths(document: &Document) -> Vec<(Vec<&Place>, f64)> {
    let tree = Tree::of(document, |_| true);
    let mut found = vec![];
    let mut open: Vec<(usize, Vec<&Place>)> =
        tree.roots.iter().map(|&root| (root, vec![])).collect();
    while let Some((at, mut path)) = open.pop() {
        let branch = &tree.branches[at];
        path.push(&document.functions[branch.function]);
        open.extend(branch.below.iter().map(|&below| (below, path.clone())));
        found.push((path, branch.total_ns));
    }
    found
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 ranks")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn maximum(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

impl fmt::Display for Ranks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |known: Option<f64>| known.map_or("n/a".to_owned(), |s| Percent(s).to_string());
        writeln!(
            f,
            "{} ranks: load balance {}, communication efficiency {}, parallel efficiency {}\n",
            self.reports.len(),
            share(self.load_balance()),
            share(self.communication_efficiency()),
            share(self.parallel_efficiency())
        )?;
        let numbers = ["min", "mean", "max", "on rank", "imbalance"].map(Column::number);
        let mut table = Table::new(numbers.into_iter().chain([Column::text("path")]));
        for path in self.paths() {
            let names: Vec<&str> = path.path.iter().map(|name| short(name)).collect();
            table = table.row([
                Nanoseconds(path.min_ns).to_string(),
                Nanoseconds(path.mean_ns).to_string(),
                Nanoseconds(path.max_ns).to_string(),
                path.max_rank.to_string(),
                Percent(path.imbalance).to_string(),
                names.join(" > "),
            ]);
        }
        f.write_str(&table.to_text())?;
        if let Some(lines) = self.lines() {
            write!(f, "\nall ranks: {}", lines.top(3))?;
        }
        if self.waits.is_none() {
            writeln!(
                f,
                "note: efficiencies are n/a until it is said which functions are communication: \
                 waiting would count as work"
            )?;
        } else if self.communication_efficiency().is_none() {
            writeln!(
                f,
                "note: communication efficiency is n/a where no function is named as communication, \
                 or ranks have several threads"
            )?;
        }
        Ok(())
    }
}
