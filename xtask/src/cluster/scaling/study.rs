//! What was measured.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::split::Split;

/// From a clock's tick to thirty years: so that nothing that is made of samples can overflow.
const SHORTEST: f64 = 1e-9;
pub(super) const LONGEST: f64 = 1e9;

/// Ranks times threads of the largest machine there may be.
const MOST: usize = 1 << 32;

/// One program on different numbers of ranks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Study {
    pub(crate) title: String,
    pub(crate) kind: Kind,
    /// What was run, each with its name: the command, the launcher, the machine.
    #[serde(default)]
    pub(crate) facts: Vec<(String, String)>,
    /// In any order.
    pub(crate) points: Vec<Point>,
}

/// What stays the same on more ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The problem.
    Strong,
    /// What each rank has of it.
    Weak,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) ranks: usize,
    pub(crate) threads_per_rank: usize,
    pub(crate) nodes: usize,
    /// How many the nodes have together for this run.
    pub(crate) cores: usize,
    /// Timed inside the program, of the slowest rank.
    pub(crate) seconds: Vec<f64>,
    /// Where the time went, if calls were recorded.
    #[serde(default)]
    pub(crate) split: Option<Split>,
}

impl Study {
    /// Refuses what nothing can be worked out of.
    pub(super) fn check(&self) -> Result<()> {
        if self.points.is_empty() {
            bail!("the study {:?} has no points", self.title);
        }
        let mut seen = BTreeSet::new();
        for (at, point) in self.points.iter().enumerate() {
            let name = format!("point {} ({})", at + 1, point.name());
            if let Some(wrong) = point.wrong() {
                bail!("{name}: {wrong}");
            }
            if !seen.insert((point.ranks, point.threads_per_rank, point.nodes)) {
                bail!("{name} is there twice on as many nodes; give all its samples in one point");
            }
        }
        Ok(())
    }
}

impl Point {
    /// Ranks times threads, of which [`wrong`](Self::wrong) has made sure that there are so many.
    pub(super) fn workers(&self) -> usize {
        self.ranks.saturating_mul(self.threads_per_rank)
    }

    pub(super) fn is_crowded(&self) -> bool {
        self.workers() > self.cores
    }

    /// "4 ranks", "1 rank x 2 threads".
    pub(super) fn name(&self) -> String {
        let many =
            |count: usize, what| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        match self.threads_per_rank {
            1 => many(self.ranks, "rank"),
            threads => format!("{} x {}", many(self.ranks, "rank"), many(threads, "thread")),
        }
    }

    fn wrong(&self) -> Option<String> {
        let counts = [
            ("ranks", self.ranks),
            ("threads_per_rank", self.threads_per_rank),
            ("nodes", self.nodes),
            ("cores", self.cores),
        ];
        if let Some((what, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Some(format!("{what} is 0, and must be 1 or more"));
        }
        if self.workers() > MOST {
            return Some(format!("ranks times threads are at most {MOST}"));
        }
        if self.seconds.is_empty() {
            return Some("it has no samples".to_owned());
        }
        let good = |seconds: &f64| (SHORTEST..=LONGEST).contains(seconds);
        if let Some(at) = self.seconds.iter().position(|seconds| !good(seconds)) {
            let seconds = self.seconds[at];
            return Some(format!(
                "sample {} is {seconds}, and must be from {SHORTEST:e} to {LONGEST:e} seconds",
                at + 1
            ));
        }
        self.split.as_ref().and_then(Split::wrong)
    }
}
