//! What a job is, as plain data: nothing in here knows of a queue.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A program on so many ranks, once or as an array of tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) ranks: usize,
    /// As many as the queue likes, if nobody says.
    pub(super) nodes: Option<usize>,
    pub(super) threads_per_rank: usize,
    pub(super) gpus_per_rank: usize,
    /// How long each task may take, in seconds.
    pub(super) limit: Option<u64>,
    /// MiB on each node.
    pub(super) memory: Option<u64>,
    pub(super) tasks: Option<Tasks>,
    /// One after another on parts of the ranks, in place of once on all.
    pub(super) steps: Option<Steps>,
    /// The sampler that is loaded before the program, on each rank.
    pub(super) sampler: Option<PathBuf>,
    pub(super) program: Vec<String>,
    /// Set for the program, beside what every job sets: those of the site.
    pub(super) variables: BTreeMap<String, String>,
    /// Where the program is started.
    pub(super) workdir: PathBuf,
    /// Where the job's script, words and logs lie. All nodes see it.
    pub(super) folder: PathBuf,
}

impl Plan {
    /// The ranks of the fullest node, where it is known how many nodes there are.
    pub(super) fn ranks_per_node(&self) -> Option<usize> {
        self.nodes.map(|nodes| self.ranks.div_ceil(nodes))
    }

    /// The same with fewer ranks, on no more nodes than those.
    pub(super) fn on(&self, ranks: usize) -> Self {
        let nodes = self.nodes.map(|nodes| nodes.min(ranks));
        Self { ranks, nodes, ..self.clone() }
    }

    /// The numbers of its tasks: 0 for a job that is no array.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.tasks.map_or_else(|| vec![0], |tasks| tasks.numbers().collect())
    }
}

/// The runs of a scaling study, in one job: on the same nodes, and after one wait in a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Steps {
    /// Ascending; the last is that of the plan.
    pub(super) ranks: Vec<usize>,
    /// Whether the problem grows with the ranks.
    pub(super) is_weak: bool,
    /// Whether the ranks record their calls.
    pub(super) is_traced: bool,
}

/// The numbers of an array's tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tasks {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) step: u32,
}

/// The most tasks of an array: what Slurm takes unless it is told otherwise.
const MOST: u64 = 1001;

impl Tasks {
    /// `5`, `0-15` or `0-15:5`, as schedulers write it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("--array {text}: expected numbers such as 0-15 or 0-15:5");
        let (range, step) = text.split_once(':').unwrap_or((text, "1"));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        let tasks = Self { first: number(first)?, last: number(last)?, step: number(step)? };
        if tasks.first > tasks.last || tasks.step == 0 {
            return Err(wrong());
        }
        let count = u64::from((tasks.last - tasks.first) / tasks.step) + 1;
        if count > MOST {
            return Err(format!("--array {text}: {count} tasks are more than {MOST}"));
        }
        Ok(tasks)
    }

    fn numbers(self) -> impl Iterator<Item = u32> {
        (self.first..=self.last).step_by(self.step as usize)
    }
}

impl fmt::Display for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, step } = self;
        match step {
            1 => write!(f, "{first}-{last}"),
            _ => write!(f, "{first}-{last}:{step}"),
        }
    }
}

#[cfg(test)]
impl Plan {
    /// Two ranks of a program.
    pub(super) fn fake(program: &str) -> Self {
        Self {
            name: String::from("heat"),
            ranks: 2,
            nodes: None,
            threads_per_rank: 1,
            gpus_per_rank: 0,
            limit: None,
            memory: None,
            tasks: None,
            steps: None,
            sampler: None,
            program: program.split_whitespace().map(str::to_owned).collect(),
            variables: BTreeMap::new(),
            workdir: PathBuf::from("/data/ada/work"),
            folder: PathBuf::from("/data/ada/7"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_ranges() {
        for (text, numbers, again) in [
            ("3", vec![3], "3-3"),
            ("0-3", vec![0, 1, 2, 3], "0-3"),
            ("1-8:3", vec![1, 4, 7], "1-8:3"),
        ] {
            let tasks = Tasks::parse(text).unwrap();
            assert_eq!(tasks.numbers().collect::<Vec<_>>(), numbers);
            assert_eq!(tasks.to_string(), again);
        }
        for text in ["", "-", "3-1", "a-b", "0-4:0", "1,2", "-1", "0-4294967296"] {
            let error = Tasks::parse(text).unwrap_err();
            assert!(error.starts_with(&format!("--array {text}: expected")), "{error}");
        }
        assert_eq!(
            Tasks::parse("0-4294967295").unwrap_err(),
            "--array 0-4294967295: 4294967296 tasks are more than 1001"
        );
    }
}
