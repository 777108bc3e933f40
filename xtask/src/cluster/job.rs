//! Jobs as records on disk, by which anybody finds them again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::scheduler::{Kind, Look};
use super::state::{Known, State};
use super::submit;
use super::word::Word;
use crate::exit;

/// A job that was handed over, or is about to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) number: u32,
    pub(super) kind: Kind,
    /// What its scheduler calls it. Nothing, if whoever handed it over ended in between.
    pub(super) id: Option<String>,
    /// In seconds since 1970.
    pub(super) submitted: u64,
    pub(super) plan: Plan,
}

/// How long queues remember a job at most, in seconds: Slurm five minutes, unless it is told otherwise.
const MEMORY: u64 = 3600;

const RECORD: &str = "job.json";
const SCRIPT: &str = "job.sh";
const CANCELLED: &str = "cancelled";

impl Job {
    /// Makes the folder of the next job: its number, and where it is. Two that ask at once get two.
    pub(super) fn folder(root: &Path) -> Result<(u32, PathBuf)> {
        fs::create_dir_all(root).map_err(|error| unusable("make the folder", root, &error))?;
        let mut number = numbers(root)?.last().map_or(1, |last| last + 1);
        loop {
            let folder = root.join(number.to_string());
            match fs::create_dir(&folder) {
                Ok(()) => return Ok((number, folder)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(unusable("make the folder", &folder, &error)),
            }
        }
    }

    pub(super) fn script(&self) -> PathBuf {
        self.plan.folder.join(SCRIPT)
    }

    /// Hands the job over. It is on record before, so that it is not lost if we end in between.
    pub(super) fn submit(&mut self, script: &str) -> Result<()> {
        self.write(SCRIPT, script.as_bytes())?;
        // A file that is looked for before it is there may stay away for a minute, on some disks of many machines. One
        // that is as long as what is written into it has its room.
        for task in self.plan.numbers() {
            self.write(&format!("word.{task}"), &Word::blank())?;
        }
        self.save()?;
        self.id = self.kind.scheduler().submit(&self.script(), &self.plan)?;
        let (number, name) = (self.number, &self.plan.name);
        if self.id.is_none() {
            exit::say(&format!(
                "job {number}: nobody said whether it was taken; its own words tell"
            ));
        }
        if let Err(error) = self.save() {
            // It is there all the same.
            exit::say(&format!("job {number}: look for `{name}` in the queue: {error:#}"));
        }
        Ok(())
    }

    fn save(&self) -> Result<()> {
        self.write(RECORD, &serde_json::to_vec_pretty(self)?)
    }

    /// In two steps, so that a file is whole or not there.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.plan.folder.join(name);
        let part = self.plan.folder.join(format!("{name}.part"));
        let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, &path));
        written.map_err(|error| unusable("write", &path, &error))
    }

    /// The job of a number, or the last.
    pub(super) fn find(root: &Path, number: Option<u32>) -> Result<Self> {
        let mut all = numbers(root)?;
        // One that somebody is about to hand over has none yet.
        all.retain(|number| root.join(number.to_string()).join(RECORD).is_file());
        let known = || match all.last() {
            Some(last) => format!("the last is {last}"),
            None => String::from("there is none"),
        };
        let number = match number {
            Some(number) if all.contains(&number) => number,
            Some(number) => {
                return Err(exit::usage(format!(
                    "no job {number} in {}; {}",
                    root.display(),
                    known()
                )));
            }
            None => *all.last().ok_or_else(|| {
                exit::usage(format!("no job in {}: submit one first", root.display()))
            })?,
        };
        Self::load(&root.join(number.to_string()))
    }

    fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(RECORD);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is no record of a job", path.display()))
    }

    /// All jobs on record, oldest first. A folder whose record cannot be read is left out.
    pub(super) fn all(root: &Path) -> Result<Vec<Self>> {
        let folders = numbers(root)?.into_iter().map(|number| root.join(number.to_string()));
        Ok(folders.filter_map(|folder| Self::load(&folder).ok()).collect())
    }

    /// What its scheduler says. It is not asked, which can take long, where all tasks have told that they are done, or
    /// ended so long ago that a queue has forgotten them.
    pub(super) fn look(&self) -> Look {
        let done = |(code, ended): (u8, u64)| code == 0 || ended + MEMORY < submit::now();
        if self.ends().all(|end| end.is_some_and(done)) {
            return Look::Tasks(BTreeMap::new());
        }
        match &self.id {
            Some(id) => self.kind.scheduler().look(id, &self.plan),
            None => Look::Silent(String::from("it was not written down what it is called")),
        }
    }

    /// The exit codes that tasks have told, and when.
    fn ends(&self) -> impl Iterator<Item = Option<(u8, u64)>> {
        let tasks = self.plan.numbers().into_iter();
        tasks.map(|task| Word::read(&self.plan.folder, task)?.end)
    }

    /// The states of all tasks, by their words and what the scheduler says.
    pub(super) fn states(&self, look: &Look) -> Vec<(u32, State)> {
        let is_cancelled = self.plan.folder.join(CANCELLED).exists();
        let numbers = self.plan.numbers().into_iter();
        let state = |task| {
            let word = Word::read(&self.plan.folder, task);
            let failed = word.as_ref().is_some_and(|word| word.end.is_some_and(|end| end.0 > 0));
            let tail = if failed { self.tail(task) } else { String::new() };
            let known = Known { plan: &self.plan, task, word, look, is_cancelled, tail: &tail };
            (task, known.state())
        };
        numbers.map(state).collect()
    }

    /// Whether all tasks have told that they have ended.
    pub(super) fn has_last_words(&self) -> bool {
        self.ends().all(|end| end.is_some())
    }

    pub(super) fn log(&self, task: u32) -> PathBuf {
        self.plan.folder.join(format!("log.{task}"))
    }

    /// The last lines of a log, which may be long.
    pub(super) fn tail(&self, task: u32) -> String {
        const LINES: usize = 10;
        const BYTES: u64 = 64 << 10;
        let mut bytes = vec![];
        if let Ok(mut log) = fs::File::open(self.log(task)) {
            // What cannot be read is not shown.
            let end = log.seek(SeekFrom::End(0)).unwrap_or_default();
            let _ = log.seek(SeekFrom::Start(end.saturating_sub(BYTES)));
            let _ = log.read_to_end(&mut bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }

    /// What a task's program has left as its result.
    pub(super) fn result(&self, task: u32) -> Option<serde_json::Value> {
        let bytes = fs::read(self.plan.folder.join(format!("result.{task}.json"))).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Has its scheduler end it.
    pub(super) fn cancel(&self) -> Result<()> {
        let Some(id) = &self.id else {
            let (number, name) = (self.number, &self.plan.name);
            return Err(exit::failed(format!(
                "it was not written down what job {number} is called: look for `{name}` in the queue"
            )));
        };
        // Before it ends, so that nobody takes its end for a failure.
        let marked = self.write(CANCELLED, b"");
        self.kind.scheduler().cancel(id).inspect_err(|_| {
            // It was not.
            let _ = fs::remove_file(self.plan.folder.join(CANCELLED));
        })?;
        marked
    }

    /// `job 3`, or `job 3, task 2` of an array.
    pub(super) fn task_name(&self, task: u32) -> String {
        match self.plan.tasks {
            Some(_) => format!("job {}, task {task}", self.number),
            None => format!("job {}", self.number),
        }
    }
}

/// Why a job cannot have its folder, and what to change.
fn unusable(what: &str, path: &Path, error: &std::io::Error) -> anyhow::Error {
    let advice = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space there, or give jobs",
        _ => "give jobs",
    };
    exit::usage(format!(
        "cannot {what} {}: {error}; {advice} another place by `folder` in the site file",
        path.display()
    ))
}

/// The numbers of the jobs in a folder, ascending; none, if there is no such folder yet.
fn numbers(root: &Path) -> Result<Vec<u32>> {
    let entries = match fs::read_dir(root) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
        entries => entries.map_err(|error| unusable("read", root, &error))?,
    };
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let mut numbers: Vec<u32> = entries.flatten().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}
