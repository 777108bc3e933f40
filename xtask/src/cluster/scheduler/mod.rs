//! Who decides when and where a job runs.

mod local;
mod pbs;
mod slurm;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::script::Head;
use super::site::Site;

/// One of those there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// This machine, at once.
    Local,
    Slurm,
    Pbs,
}

impl Kind {
    pub(super) fn scheduler(self) -> &'static dyn Scheduler {
        match self {
            Self::Local => &local::Local,
            Self::Slurm => &slurm::Slurm,
            Self::Pbs => &pbs::Pbs,
        }
    }
}

/// Takes scripts, and answers what has become of them.
pub(super) trait Scheduler {
    fn name(&self) -> &'static str;

    /// What it wants at the beginning of a script.
    fn head(&self, plan: &Plan, site: &Site) -> Head;

    /// The command that hands a script over.
    fn submission(&self, script: &Path) -> Command;

    /// Hands it over: what the scheduler calls the job from then on; nothing, if it does not say whether it has it.
    fn submit(&self, script: &Path, plan: &Plan) -> Result<Option<String>>;

    /// What it calls the job of this script, which was handed over that many seconds ago; nothing, if it has none.
    ///
    /// # Errors
    /// It does not answer, for this reason.
    fn find(&self, script: &Path, since: u64) -> Result<Option<String>, String>;

    /// What it says of a job now.
    fn look(&self, id: &str, plan: &Plan) -> Look;

    /// Ends a job. One that is over is no error.
    fn cancel(&self, id: &str) -> Result<()>;

    /// What a person has to know about a job that waits for this reason, if it may be for ever.
    fn advice(&self, _reason: &str) -> Option<&'static str> {
        None
    }
}

/// What a scheduler says of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Look {
    /// It does not answer, for this reason. That says nothing about the job.
    Silent(String),
    /// It has never had this job.
    Nowhere,
    /// The tasks that it knows, by their numbers. What is missing has ended, or has been forgotten.
    Tasks(BTreeMap<u32, Queued>),
}

impl Look {
    /// Whether it says of no task that more is to come.
    pub(super) fn is_final(&self) -> bool {
        let ended = |queued: &Queued| matches!(queued, Queued::Ended(_));
        matches!(self, Self::Tasks(tasks) if tasks.values().all(ended))
    }
}

/// A task, as its scheduler sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Queued {
    /// It waits, for this reason.
    Waits(String),
    Runs,
    /// It is being ended, or is cleaned up after; which, nobody says.
    Ends,
    Ended(Ending),
}

/// How a scheduler saw a task end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ending {
    ByItself,
    Cancelled,
    TimeLimit,
    MemoryLimit,
    NodeLost,
    /// For a job that goes before it.
    Preempted,
}

/// Whether a command may have handed a job over although it failed: it was killed, or has not heard the answer, as these
/// words say.
fn is_unanswered(output: &Output, words: &[&str]) -> bool {
    let said = said(output).to_lowercase();
    let fails = !output.status.success() && words.iter().any(|words| said.contains(words));
    output.status.code().is_none() || fails
}

/// The number that a scheduler's name of a job begins with: a newer job has a greater one.
fn number_of(id: &str) -> u64 {
    let digits = id.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

/// What a program has said, in one line: all of its stderr, or of its stdout if that is empty.
fn said(output: &Output) -> String {
    let all = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    let text = String::from_utf8_lossy(all);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}
