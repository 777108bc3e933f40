//! What a simulation tells, to people and programs.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use tenfold_report::{Column, Table};

use super::machine::Machine;
use crate::plan::{size, time};

/// What computing an array would take on a [`Machine`]. Its `Display` is a table with a line for each stage.
///
/// ```
/// use tenfold_array::{Array, Machine, Settings};
///
/// let ranks = Settings::new().threads(2).simulate(&Machine::new(8))?;
/// let simulation = ranks.compute(&Array::<f64, _>::ones([800, 100], [100, 100]).sum())?;
/// // Seven sums are sent to be merged with others, and the result comes down the tree of ranks, from the first one.
/// assert_eq!(simulation.messages(), 7 + 7);
/// assert!(simulation.is_exact());
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    ranks: usize,
    threads: usize,
    stages: Vec<SimulatedStage>,
    is_exact: bool,
    /// How many seconds it takes to begin together, and to end.
    around: f64,
}

/// A stage of a [`Simulation`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SimulatedStage {
    /// The arrays that it makes.
    pub makes: String,
    /// How many chunks are worked on, on all ranks.
    pub tasks: usize,
    /// How many messages are sent by all ranks, what is needed to agree left out.
    pub messages: usize,
    /// How many bytes of elements and of what was reduced.
    pub bytes: usize,
    /// How long a rank computes, on average.
    pub busy: Duration,
    /// How long it does not, on average: it waits for elements, for others, or has nothing to do.
    pub wait: Duration,
    /// From when the last rank has begun until the last has ended.
    pub elapsed: Duration,
    /// Which share of the time of all cores goes to tasks, without jitter.
    pub efficiency: f64,
    work: f64,
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

impl SimulatedStage {
    pub(super) fn new(
        makes: String,
        tasks: usize,
        [messages, bytes]: [f64; 2],
        work: f64,
        busy: f64,
        elapsed: f64,
        cores: usize,
    ) -> Self {
        Self {
            makes,
            tasks,
            messages: messages.round() as usize,
            bytes: bytes.round() as usize,
            busy: duration(busy),
            wait: duration(elapsed - busy),
            elapsed: duration(elapsed),
            efficiency: share(work, elapsed, cores),
            work,
        }
    }

    fn json(&self) -> Value {
        json!({
            "makes": self.makes,
            "tasks": self.tasks,
            "messages": self.messages,
            "bytes": self.bytes,
            "busy_seconds": self.busy.as_secs_f64(),
            "wait_seconds": self.wait.as_secs_f64(),
            "elapsed_seconds": self.elapsed.as_secs_f64(),
            "efficiency": self.efficiency,
        })
    }
}

/// Which share of the time of all cores some work is.
fn share(work: f64, elapsed: f64, cores: usize) -> f64 {
    let all = elapsed * cores as f64;
    if all > 0.0 { work / all } else { 1.0 }
}

impl Simulation {
    pub(super) fn new(
        machine: &Machine,
        threads: usize,
        stages: Vec<SimulatedStage>,
        is_exact: bool,
        around: f64,
    ) -> Self {
        Self { ranks: machine.ranks, threads, stages, is_exact, around }
    }

    /// The stages, in their order.
    #[must_use]
    pub fn stages(&self) -> &[SimulatedStage] {
        &self.stages
    }

    /// How many messages all ranks send, what is needed to agree left out.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.stages.iter().map(|stage| stage.messages).sum()
    }

    /// How many bytes of elements and of what was reduced all ranks send.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.stages.iter().map(|stage| stage.bytes).sum()
    }

    /// Whether messages and bytes were counted on all ranks; else some stand for others.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// From when the ranks begin to agree until the last is through.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let stages: Duration = self.stages.iter().map(|stage| stage.elapsed).sum();
        stages + duration(self.around)
    }

    /// Which share of the time of all cores goes to tasks, without jitter.
    #[must_use]
    pub fn efficiency(&self) -> f64 {
        let work = self.stages.iter().map(|stage| stage.work).sum();
        share(work, self.elapsed().as_secs_f64(), self.ranks * self.threads)
    }

    /// The same as JSON: an object with `ranks`, `threads` (of each), `messages`, `bytes`, `is_exact`, `elapsed_seconds`,
    /// `efficiency`, and `stages`, a list of objects with `makes`, `tasks`, `messages`, `bytes`, `busy_seconds`,
    /// `wait_seconds`, `elapsed_seconds` and `efficiency`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let all = json!({
            "ranks": self.ranks,
            "threads": self.threads,
            "messages": self.messages(),
            "bytes": self.bytes(),
            "is_exact": self.is_exact,
            "elapsed_seconds": self.elapsed().as_secs_f64(),
            "efficiency": self.efficiency(),
            "stages": self.stages.iter().map(SimulatedStage::json).collect::<Vec<_>>(),
        });
        format!("{all:#}")
    }
}

impl fmt::Display for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [Column::number("stage"), Column::text("makes")];
        let numbers = ["tasks", "messages", "bytes", "busy", "wait", "takes", "efficiency"]
            .map(Column::number);
        let mut table = Table::new(columns.into_iter().chain(numbers));
        for (at, stage) in self.stages.iter().enumerate() {
            table = table.row([
                (at + 1).to_string(),
                stage.makes.clone(),
                stage.tasks.to_string(),
                stage.messages.to_string(),
                size(stage.bytes as u128),
                time(stage.busy.as_secs_f64()),
                time(stage.wait.as_secs_f64()),
                time(stage.elapsed.as_secs_f64()),
                format!("{:.3}", stage.efficiency),
            ]);
        }
        f.write_str(&table.to_text())?;
        let about = if self.is_exact { "" } else { "about " };
        writeln!(
            f,
            "{} ranks send {about}{} messages with {}, and take {}: an efficiency of {:.3}",
            self.ranks,
            self.messages(),
            size(self.bytes() as u128),
            time(self.elapsed().as_secs_f64()),
            self.efficiency(),
        )
    }
}
