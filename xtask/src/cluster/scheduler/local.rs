//! This machine: a job is a group of processes of its own, which outlives whoever has started it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::{Look, Queued, Scheduler};
use crate::cluster::plan::Plan;
use crate::cluster::script::Head;
use crate::cluster::site::Site;
use crate::{exit, sh};

pub(super) struct Local;

impl Scheduler for Local {
    fn name(&self) -> &'static str {
        "this machine"
    }

    fn head(&self, plan: &Plan, _: &Site) -> Head {
        let mut lines = vec![];
        if let Some(tasks) = plan.tasks {
            let list = plan.numbers().iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
            lines.push(format!("# Tasks {tasks}, one after another."));
            lines.push(String::from("if [ $# -eq 0 ]; then"));
            lines.push(format!("    for task in {list}; do bash \"$0\" \"$task\"; done"));
            lines.push(String::from("    exit\nfi"));
        }
        Head { lines, task: "\"${1:-0}\"", keeper: keeper(plan) }
    }

    fn submission(&self, script: &Path) -> Command {
        let mut command = Command::new("bash");
        command.arg(script);
        command
    }

    fn submit(&self, script: &Path, _: &Plan) -> Result<Option<String>> {
        let mut command = self.submission(script);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        alone(&mut command);
        let child = command.spawn();
        let id = child.with_context(|| format!("cannot start {}", sh::display(&command)))?.id();
        let process = Process { id, began: began(id).unwrap_or_default(), host: host() };
        Ok(Some(process.to_string()))
    }

    fn find(&self, script: &Path, _: u64) -> Result<Option<String>, String> {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let found = numbers.into_iter().find(|&id| leads(id) && runs_script(id, script));
        Ok(found.and_then(|id| Some(Process { id, began: began(id)?, host: host() }.to_string())))
    }

    fn look(&self, id: &str, plan: &Plan) -> Look {
        let process = Process::parse(id);
        if let Some(away) = process.as_ref().filter(|process| process.host != host()) {
            return Look::Silent(format!(
                "it was started on {}, and this is another machine",
                away.host
            ));
        }
        let runs = process.is_some_and(|process| process.runs());
        // One process for all tasks: which of them it is at, they tell themselves.
        let tasks = plan.numbers().into_iter().filter(|_| runs);
        Look::Tasks(tasks.map(|task| (task, Queued::Runs)).collect())
    }

    fn cancel(&self, id: &str) -> Result<()> {
        let Some(process) = Process::parse(id) else { return Ok(()) };
        if process.host != host() {
            let sentence = format!("the job was started on {}: cancel it there", process.host);
            return Err(exit::failed(sentence));
        }
        if !process.runs() {
            return Ok(());
        }
        let mut kill = Command::new("kill");
        kill.args(["-TERM", "--", &format!("-{}", process.id)]);
        let output = sh::output(&mut kill)?;
        // It may have ended in between.
        match output.status.success() || !process.runs() {
            true => Ok(()),
            false => Err(exit::failed(format!("cannot end the job: {}", super::said(&output)))),
        }
    }
}

/// Keeps the time of the program, which it starts as a group, and kills what does not end when it is told to. The runs of a
/// study share the time, as they do in a queue; of no time at all, which would be no limit, one second is left.
fn keeper(plan: &Plan) -> String {
    let limit = match plan.limit {
        Some(limit) if plan.steps.is_some() => {
            format!("$((SECONDS < {limit} ? {limit} - SECONDS : 1))")
        }
        limit => limit.unwrap_or(0).to_string(),
    };
    format!("timeout --kill-after=4 {limit}")
}

/// A process, when it began, since numbers are given out again, and where: folders are shared by machines.
struct Process {
    id: u32,
    began: u64,
    host: String,
}

/// What this machine is called.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}@{}", self.id, self.began, self.host)
    }
}

impl Process {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '@');
        let (id, began, host) = (parts.next()?, parts.next()?, parts.next()?.to_owned());
        Some(Self { id: id.parse().ok()?, began: began.parse().ok()?, host })
    }

    fn runs(&self) -> bool {
        began(self.id) == Some(self.began)
    }
}

/// When a process began, in ticks since the machine did. One that has ended, and whose parent has not looked, runs no
/// more.
fn began(id: u32) -> Option<u64> {
    let fields = fields(id)?;
    if *fields.first()? == "Z" { None } else { fields.get(19)?.parse().ok() }
}

/// Whether a process is the first of its group.
fn leads(id: u32) -> bool {
    fields(id).is_some_and(|fields| fields.get(2).is_some_and(|group| *group == id.to_string()))
}

/// What Linux says of a process, behind its name, which may have blanks and brackets of its own.
fn fields(id: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// Whether a process was started as `bash SCRIPT`.
fn runs_script(id: u32, script: &Path) -> bool {
    let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    line == [b"bash\0", script.as_os_str().as_encoded_bytes(), b"\0"].concat()
}

/// In a group of its own, which the terminal's signals do not reach.
#[cfg(unix)]
fn alone(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn alone(_: &mut Command) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_a_later_one_of_its_number() {
        let own = std::process::id();
        let process = Process { id: own, began: began(own).unwrap(), host: host() };
        assert!(process.runs());
        assert!(Process::parse(&process.to_string()).unwrap().runs());
        let later = Process { began: process.began + 1, ..process };
        assert!(!later.runs());
        assert!(Process::parse("12").is_none());
        let away = Local.look(&format!("{own}@{}@elsewhere", later.began - 1), &Plan::fake("x"));
        assert!(matches!(away, Look::Silent(_)));
    }

    #[test]
    fn a_job_is_found_by_its_script() {
        let script = std::env::temp_dir().join(format!("find-{}.sh", std::process::id()));
        std::fs::write(&script, "sleep 600 & wait").unwrap();
        assert_eq!(Local.find(&script, 0), Ok(None));
        let id = Local.submit(&script, &Plan::fake("x")).unwrap().unwrap();
        // Linux shows no command line of a program that it has just started.
        let found = loop {
            if let Some(found) = Local.find(&script, 0).unwrap() {
                break found;
            }
            assert!(Process::parse(&id).unwrap().runs(), "{id} has ended");
            std::thread::sleep(std::time::Duration::from_millis(1));
        };
        // Not what it has forked, whose line is the same.
        assert_eq!(found, id);
        Local.cancel(&id).unwrap();
        std::fs::remove_file(&script).unwrap();
    }

    #[test]
    fn tasks_of_an_array_come_one_after_another() {
        let mut plan = Plan::fake("x");
        plan.tasks = Some(crate::cluster::plan::Tasks { first: 1, last: 5, step: 2 });
        plan.limit = Some(60);
        let head = Local.head(&plan, &Site::default());
        assert!(head.lines.iter().any(|line| line.contains("for task in 1 3 5; do")));
        assert_eq!(head.keeper, "timeout --kill-after=4 60");
    }
}
