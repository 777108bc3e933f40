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
use super::word::{End, Word};
use crate::exit;

/// A job that was handed over, or is about to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) number: u32,
    pub(super) kind: Kind,
    /// What its scheduler calls it. Nothing, if whoever handed it over ended in between, or nobody has said.
    pub(super) id: Option<String>,
    /// In seconds since 1970.
    pub(super) submitted: u64,
    pub(super) plan: Plan,
}

/// How long a job that a queue has taken without a word may stay out of sight, in seconds.
const ANSWER: u64 = 120;

const RECORD: &str = "job.json";
const SCRIPT: &str = "job.sh";
const CANCELLED: &str = "cancelled";

/// What the scheduler has said of a job that is over, and how its tasks told that they had ended: queues forget, Slurm after
/// five minutes, and a task that somebody had run again ends otherwise.
const LOOK: &str = "look.json";

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
            self.write(&format!("log.{task}"), b"")?;
        }
        self.save()?;
        self.id = self.kind.scheduler().submit(&self.script(), &self.plan)?;
        let (number, name) = (self.number, &self.plan.name);
        if self.id.is_none() {
            // Since when it may be looked for: sbatch itself may have waited long.
            self.submitted = submit::now();
            let scheduler = self.kind.scheduler().name();
            exit::say(&format!(
                "job {number}: {scheduler} has not said whether it took the job, which is looked for by its script"
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

    /// What its scheduler says, and what that makes of all tasks.
    pub(super) fn ask(&self) -> (Look, Vec<(u32, State)>) {
        let look = self.look();
        let states = self.states(&look);
        if look.is_final()
            && self.has_last_words()
            && states.iter().all(|(_, state)| state.is_over())
        {
            // Where there is no room for it, somebody asks again.
            let kept = (self.ends().collect::<Vec<_>>(), &look);
            let _ = serde_json::to_vec(&kept).map(|json| self.write(LOOK, &json));
        }
        (look, states)
    }

    /// What its scheduler says. It is not asked, which can take long, where all tasks have told that they are done, or
    /// it has said before how they have ended.
    fn look(&self) -> Look {
        if self.ends().all(|end| end.is_some_and(|(code, _)| code == 0)) {
            return Look::Tasks(BTreeMap::new());
        }
        if self.has_last_words()
            && let Some(look) = self.said()
        {
            return look;
        }
        let scheduler = self.kind.scheduler();
        match self.id() {
            Ok(Some(id)) => scheduler.look(&id, &self.plan),
            Ok(None) if self.age() > ANSWER => Look::Nowhere,
            Ok(None) => {
                Look::Silent(format!("{} shows no job of its script yet", scheduler.name()))
            }
            Err(reason) => Look::Silent(reason),
        }
    }

    /// What its scheduler has said of these ends before.
    fn said(&self) -> Option<Look> {
        let json = fs::read(self.plan.folder.join(LOOK)).ok()?;
        let (ends, look): (Vec<Option<End>>, Look) = serde_json::from_slice(&json).ok()?;
        (ends == self.ends().collect::<Vec<_>>()).then_some(look)
    }

    /// What its scheduler calls it: looked for, and written down, where that is not on record.
    fn id(&self) -> Result<Option<String>, String> {
        let known = || self.id.clone().or_else(|| Self::load(&self.plan.folder).ok()?.id);
        if let Some(id) = known() {
            return Ok(Some(id));
        }
        let found = self.kind.scheduler().find(&self.script(), self.age())?;
        if found.is_some() {
            // Where there is no room for it, it is looked for again.
            let _ = Self { id: found.clone(), ..self.clone() }.save();
        }
        Ok(found)
    }

    /// How many seconds ago it was submitted.
    fn age(&self) -> u64 {
        submit::now().saturating_sub(self.submitted)
    }

    /// How tasks have told that they have ended.
    fn ends(&self) -> impl Iterator<Item = Option<End>> {
        let tasks = self.plan.numbers().into_iter();
        tasks.map(|task| Word::read(&self.plan.folder, task)?.end)
    }

    /// The states of all tasks, by their words and what the scheduler says.
    fn states(&self, look: &Look) -> Vec<(u32, State)> {
        let is_cancelled = self.plan.folder.join(CANCELLED).exists();
        let numbers = self.plan.numbers().into_iter();
        let state = |task| {
            let word = Word::read(&self.plan.folder, task);
            let failed = word.as_ref().is_some_and(|word| word.end.is_some_and(|end| end.0 > 0));
            let tail = if failed { self.tail(task) } else { String::new() };
            let (plan, kind) = (&self.plan, self.kind);
            let known = Known { plan, kind, task, word, look, is_cancelled, tail: &tail };
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

    /// What the program of a task that is over has left as its result: JSON, or else a text, and what it is no JSON for.
    pub(super) fn result(&self, task: u32) -> Option<Result<serde_json::Value, (String, String)>> {
        let path = self.plan.folder.join(format!("result.{task}.json"));
        let bytes = fs::read(&path).ok()?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        let why = |error| format!("{} is no JSON: {error}", path.display());
        Some(serde_json::from_slice(&bytes).map_err(|error| (text(), why(error))))
    }

    /// Has its scheduler end it.
    pub(super) fn cancel(&self) -> Result<()> {
        let (scheduler, number) = (self.kind.scheduler(), self.number);
        let wrong = |why: &str| {
            let name = scheduler.name();
            exit::failed(format!(
                "{name} cannot be told to end job {number}: {why}; try again later"
            ))
        };
        let id = self.id().map_err(|reason| wrong(&reason))?;
        let id = id.ok_or_else(|| wrong("it shows no job of its script"))?;
        // Before it ends, so that nobody takes its end for a failure.
        let marked = self.write(CANCELLED, b"");
        scheduler.cancel(&id).inspect_err(|_| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_of_other_ends_is_not_said_of_these() {
        let folder = std::env::temp_dir().join(format!("said-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let plan = Plan { folder: folder.clone(), ..Plan::fake("heat") };
        let job = Job { number: 1, kind: Kind::Slurm, id: Some("7".into()), submitted: 0, plan };
        let ends = |line: &str| job.write("word.0", format!("{line:127}\n").as_bytes()).unwrap();
        let look = Look::Tasks(BTreeMap::new());
        ends("ended 9 17 25 n1");
        let kept = serde_json::to_vec(&([Some((9, 25))], &look)).unwrap();
        job.write(LOOK, &kept).unwrap();
        assert_eq!(job.said(), Some(look));
        // Somebody had Slurm run it again.
        ends("ended 9 30 41 n1");
        assert_eq!(job.said(), None);
        fs::remove_dir_all(&folder).unwrap();
    }
}
