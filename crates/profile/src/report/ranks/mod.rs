//! The reports of the ranks of a parallel program, beside each other.

mod chain;
mod diagnosis;
mod folder;
mod json;
mod page;
mod spread;
mod table;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::Report;
use super::analysis::Tree;
use super::document::PathPart;
use super::lines::{self, LineTables};
use crate::error::{Error, Result};
use crate::units::{Nanoseconds, Percent};
pub(crate) use folder::read as read_folder;
pub use spread::Spread;
use spread::{Sums, count};
use tree::RankTree;

/// The reports of the ranks of a parallel program, compared by the POP method: what share of its
/// time each rank spends usefully, and what keeps it from more. `Display` prints all of it.
///
/// Of a rank without scopes its samples are taken, each for the time from one to the next; samples of
/// threads inside of the system are not.
///
/// Useful is what passes outside of communication. Which functions are that, nobody but you knows: see
/// [`communication`](Self::communication). Where all ranks have samples alone, it is the calls of MPI
/// unless you say otherwise.
///
/// ```
/// use tenfold_profile::{Report, Session, scope};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = std::env::temp_dir().join(format!("ranks-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// // What each rank of a parallel program does, one after another here.
/// for rank in 0..2 {
///     let session = Session::builder().rank(rank).start()?;
///     scope!("step");
///     if rank == 1 {
///         scope!("output", std::thread::sleep(std::time::Duration::from_millis(1)));
///     }
///     session.finish().write_json(folder.join(format!("{rank}.json")))?;
/// }
/// let ranks = Report::merge_folder(&folder)?.communication(|_| false);
/// let functions = ranks.functions();
/// let output = functions.iter().find(|function| function.name == "output").unwrap();
/// assert_eq!((output.self_ns.max_rank, output.self_ns.min_ns), (1, 0.0));
/// assert_eq!(output.self_ns.imbalance(), 1.0);
/// assert!(ranks.load_balance().is_some_and(|balance| balance < 1.0));
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Ranks {
    /// By rank.
    reports: Vec<Report>,
    /// Their samples as scopes, of those that have no others.
    of_samples: Vec<Option<Report>>,
    /// The functions that are communication; `None` until somebody says which.
    waits: Option<BTreeSet<String>>,
    /// How far samples are from each other at most; 0 where all is measured.
    period_ns: f64,
    /// What was in a folder and is not in here, a sentence each.
    left_out: Vec<String>,
}

/// A call path over all ranks.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RankPath {
    /// From the outermost function to the innermost.
    pub path: Vec<String>,
    /// Time in the innermost function itself.
    pub self_ns: Spread,
    /// Time in it and in what it called.
    pub total_ns: Spread,
}

/// A function over all ranks, on whatever path.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RankFunction {
    /// The path of the function, or the label of the scope.
    pub name: String,
    /// Time in the function itself.
    pub self_ns: Spread,
    /// Time in it and in what it called; recursive calls count once.
    pub total_ns: Spread,
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
        Ok(Self::new(by_rank.into_values().map(|(_, report)| report).collect()))
    }

    /// Of reports by rank, each of which has one of its own.
    fn new(reports: Vec<Report>) -> Self {
        let of_samples: Vec<Option<Report>> = reports.iter().map(Report::of_samples).collect();
        let sampled = reports.iter().zip(&of_samples).filter(|(_, seen)| seen.is_some());
        let hz = sampled.filter_map(|(report, _)| report.sampled()).map(|sampled| sampled.hz());
        let period_ns = hz.map(|hz| 1e9 / f64::from(hz.max(1))).fold(0.0, f64::max);
        let mut ranks = Self { reports, of_samples, waits: None, period_ns, left_out: vec![] };
        if ranks.of_samples.iter().all(Option::is_some) {
            let calls: BTreeSet<String> = ranks.names().filter(|name| is_mpi(name)).collect();
            ranks.waits = Some(calls).filter(|calls| !calls.is_empty());
        }
        ranks
    }

    /// Says which functions and scopes are communication: waiting for other ranks, not work, with all
    /// that they call. Where none is, say so with `|_| false`.
    ///
    /// Without it there is no efficiency of any kind: a rank that waits for the slowest one takes as
    /// long as that, and would seem as busy.
    #[must_use]
    pub fn communication(mut self, waits: impl Fn(&str) -> bool) -> Self {
        self.waits = Some(self.names().filter(|name| waits(name)).collect());
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

    /// Each rank with its scopes, or with its samples as such.
    fn each(&self) -> impl Iterator<Item = (u64, &Report)> {
        let seen = self.reports.iter().zip(&self.of_samples);
        seen.map(|(report, of_samples)| {
            (report.rank().unwrap_or(0), of_samples.as_ref().unwrap_or(report))
        })
    }

    /// Of all functions that any rank called.
    fn names(&self) -> impl Iterator<Item = String> {
        let functions = self.each().flat_map(|(_, report)| &report.by_place);
        functions.filter(|function| function.calls() > 0).map(|function| function.name().to_owned())
    }

    fn spread(&self, sums: &Sums) -> Spread {
        sums.spread(self.reports.len(), self.period_ns)
    }

    /// Time of each rank that was recorded, on all its threads, in nanoseconds: useful or not.
    #[must_use]
    pub fn total_ns(&self) -> Vec<f64> {
        self.each().map(|(_, report)| report.total_ns()).collect()
    }

    /// The useful time of each rank, on all its threads, in nanoseconds: all time in scopes, until
    /// [`communication`](Self::communication) is named.
    #[must_use]
    pub fn useful_ns(&self) -> Vec<f64> {
        self.each().map(|(_, report)| self.useful(report)).collect()
    }

    fn useful(&self, report: &Report) -> f64 {
        let tree = Tree::of(&report.document, |_| true);
        let mut open = tree.roots.clone();
        let mut useful = 0.0;
        while let Some(at) = open.pop() {
            let branch = &tree.branches[at];
            if !self.is_communication(&report.document.functions[branch.function].name) {
                useful += branch.self_ns;
                open.extend(&branch.below);
            }
        }
        useful
    }

    /// How long the session of any rank took at most.
    fn run_ns(&self) -> f64 {
        self.reports.iter().map(|report| report.document.wall_ns).fold(0.0, f64::max)
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
        let is_known = self.names().any(|name| self.is_communication(&name));
        let run = self.run_ns();
        let is_single = self.each().all(|(_, report)| has_one_thread(report));
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

    /// Every function that any rank called, with the largest self time of any rank first. Functions of
    /// one name are one.
    #[must_use]
    pub fn functions(&self) -> Vec<RankFunction> {
        let mut sums: BTreeMap<&str, (Sums, Sums)> = BTreeMap::new();
        for (rank, report) in self.each() {
            let mut times: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
            for function in report.by_place.iter().filter(|function| function.calls() > 0) {
                let (own, all) = times.entry(function.name()).or_default();
                *own += function.self_ns();
                *all += function.total_ns();
            }
            for (name, (own, all)) in times {
                let sums = sums.entry(name).or_default();
                sums.0.add(rank, own);
                sums.1.add(rank, all);
            }
        }
        let function = |(name, (own, all)): (&str, (Sums, Sums))| RankFunction {
            name: name.to_owned(),
            self_ns: self.spread(&own),
            total_ns: self.spread(&all),
        };
        let mut functions: Vec<RankFunction> = sums.into_iter().map(function).collect();
        let most = |function: &RankFunction| (function.self_ns.max_ns, function.total_ns.max_ns);
        functions.sort_by(|a, b| {
            let (a, b) = (most(a), most(b));
            b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
        });
        functions
    }

    /// Every call path of every rank, those above before those below; of what one function called, that
    /// with the largest maximum first. Paths are the same where the names on them are.
    #[must_use]
    pub fn paths(&self) -> Vec<RankPath> {
        self.paths_of(&RankTree::of(self.each()))
    }

    fn paths_of(&self, tree: &RankTree<'_>) -> Vec<RankPath> {
        let spread = |at: usize| (self.spread(&tree.sums[at].0), self.spread(&tree.sums[at].1));
        let paths = tree.paths(|at| spread(at).1.max_ns).into_iter().map(|(at, path)| {
            let (self_ns, total_ns) = spread(at);
            RankPath { path, self_ns, total_ns }
        });
        paths.collect()
    }

    /// What speaks against the figures, a sentence each. Never empty.
    #[must_use]
    pub fn diagnosis(&self) -> Vec<String> {
        diagnosis::of(self)
    }

    /// All but the trees of single ranks as JSON, in a documented, versioned form.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// Writes [`to_json`](Self::to_json) to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_json(&self, file: impl AsRef<Path>) -> Result<()> {
        super::write(file.as_ref(), self.to_json().as_bytes())
    }

    /// One self-contained page: time of each rank, icicle graph of all ranks together and of each,
    /// functions and call paths over the ranks, and what speaks against the figures.
    #[must_use]
    pub fn to_html(&self) -> String {
        page::write(self)
    }

    /// Writes [`to_html`](Self::to_html) to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_html(&self, file: impl AsRef<Path>) -> Result<()> {
        super::write(file.as_ref(), self.to_html().as_bytes())
    }

    fn headline(&self) -> String {
        format!(
            "{}: load balance {}, communication efficiency {}, parallel efficiency {}",
            counted(self.reports.len(), "rank"),
            share(self.load_balance()),
            share(self.communication_efficiency()),
            share(self.parallel_efficiency())
        )
    }

    /// Which rank has most to do, in a sentence; `None` where there is no time.
    fn slowest(&self) -> Option<String> {
        let mut sums = Sums::default();
        self.each().zip(self.useful_ns()).for_each(|((rank, _), ns)| sums.add(rank, ns));
        let Spread { min_ns, mean_ns, max_ns, max_rank, .. } = self.spread(&sums);
        let what = if self.waits.is_some() { "outside of communication" } else { "recorded" };
        (max_ns > 0.0).then(|| {
            format!(
                "rank {max_rank} has most time {what}: {}, where the mean is {} and the least {}",
                Nanoseconds(max_ns),
                Nanoseconds(mean_ns),
                Nanoseconds(min_ns)
            )
        })
    }
}

/// A figure that need not be known.
fn share(known: Option<f64>) -> String {
    known.map_or("n/a".to_owned(), |share| Percent(share).to_string())
}

/// `1 rank`, or `2 ranks`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Whether a call of MPI has this name, in C or in Fortran.
fn is_mpi(name: &str) -> bool {
    let is_fortran = |name: &str| name.starts_with("mpi_") && name.ends_with('_');
    name.strip_prefix('P').unwrap_or(name).starts_with("MPI_")
        || is_fortran(name.strip_prefix('p').unwrap_or(name))
}

/// Whether times of threads do not overlap: all but one have next to none, and that one is no group of
/// threads with one name, which samples do not tell apart.
fn has_one_thread(report: &Report) -> bool {
    const NEXT_TO_NONE: f64 = 0.01;
    let roots = |paths: &[PathPart]| -> f64 {
        paths.iter().filter(|path| path.parent.is_none()).map(|path| path.elapsed_ns).sum()
    };
    let threads = report.document.threads.iter().map(|thread| roots(&thread.paths));
    let times: Vec<f64> = threads.collect();
    let (most, all) = (maximum(&times), times.iter().sum::<f64>());
    let slack = 1.0 + NEXT_TO_NONE;
    all <= slack * most && most <= slack * report.document.wall_ns
}

fn maximum(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len().max(1))
}

impl fmt::Display for Ranks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        if let Some(slowest) = self.slowest() {
            writeln!(f, "{slowest}")?;
        }
        let tables = [
            table::ranks(self, 8),
            table::functions(self, 10, false),
            table::paths(self, &self.paths(), 40, false),
        ];
        tables.iter().try_for_each(|table| write!(f, "\n{}", table.to_text()))?;
        if let Some(lines) = self.lines() {
            write!(f, "\nall ranks: {}", lines.top(3))?;
        }
        writeln!(f)?;
        self.diagnosis().iter().try_for_each(|sentence| writeln!(f, "note: {sentence}"))
    }
}

#[cfg(test)]
mod tests {
    use super::is_mpi;

    #[test]
    fn calls_of_mpi_are_known_by_their_names() {
        let calls = ["MPI_Send", "PMPI_Allreduce", "mpi_send_", "pmpi_init_"];
        assert!(calls.into_iter().all(is_mpi));
        let others = ["mpi_send", "MPIR_Wait", "my::MPI_Send", "P", "", "simpi_x_", "main"];
        assert!(!others.into_iter().any(is_mpi));
    }
}
