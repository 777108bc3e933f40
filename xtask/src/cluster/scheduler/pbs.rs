//! PBS, as OpenPBS and PBS Professional speak it. Tried with OpenPBS 23.06, which is to be had as source alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;
use serde_json::Value;

use super::{Ending, Look, Queued, Scheduler, is_unanswered, number_of, said};
use crate::cluster::plan::Plan;
use crate::cluster::script::Head;
use crate::cluster::site::{MemoryForm, Site};
use crate::{exit, sh};

pub(super) struct Pbs;

impl Scheduler for Pbs {
    fn name(&self) -> &'static str {
        "PBS"
    }

    fn head(&self, plan: &Plan, site: &Site) -> Head {
        let skipped = |directive: &str| site.skip.iter().any(|skip| directive.starts_with(skip));
        let own = directives(plan, site).into_iter().filter(|directive| !skipped(directive));
        let all = own.chain(site.directives.iter().cloned());
        let lines = all.map(|directive| format!("#PBS {directive}")).collect();
        let task = plan.tasks.map_or("0", |_| "\"$PBS_ARRAY_INDEX\"");
        Head { lines, task, keeper: String::new() }
    }

    fn submission(&self, script: &Path) -> Command {
        let mut command = Command::new("qsub");
        command.arg(script);
        command
    }

    fn submit(&self, script: &Path, _: &Plan) -> Result<Option<String>> {
        let output = self.submission(script).stdin(Stdio::null()).output();
        let output =
            output.map_err(|error| exit::nothing(format!("cannot start qsub: {error}")))?;
        if is_unanswered(&output, &UNANSWERED) {
            return Ok(None);
        }
        if !output.status.success() {
            return Err(refused(&said(&output)));
        }
        let stdout = String::from_utf8_lossy(&output.stdout);
        Ok(stdout.split_whitespace().next().map(str::to_owned))
    }

    fn find(&self, script: &Path, _: u64) -> Result<Option<String>, String> {
        let mut qstat = Command::new("qstat");
        qstat.args(["-x", "-f", "-F", "json"]).stdin(Stdio::null());
        let output = qstat.output().map_err(|error| format!("cannot start qstat: {error}"))?;
        match output.status.success() {
            true => of_folder(&output.stdout, script.parent().unwrap_or(script)),
            false => Err(said(&output)),
        }
    }

    fn look(&self, id: &str, _: &Plan) -> Look {
        let mut qstat = Command::new("qstat");
        // With the tasks of an array, and those that are over.
        qstat.args(["-x", "-t", "-f", "-F", "json", id]).stdin(Stdio::null());
        match qstat.output() {
            Err(error) => Look::Silent(format!("cannot start qstat: {error}")),
            Ok(output) if output.status.success() => {
                jobs_of(&output.stdout).map_or_else(|| Look::Silent(said(&output)), Look::Tasks)
            }
            Ok(output) if said(&output).contains("Unknown Job") => Look::Tasks(BTreeMap::new()),
            Ok(output) => Look::Silent(said(&output)),
        }
    }

    fn cancel(&self, id: &str) -> Result<()> {
        let output = sh::output(Command::new("qdel").arg(id).stdin(Stdio::null()))?;
        let said = said(&output);
        let is_over = ["Unknown Job", "has finished"].iter().any(|words| said.contains(words));
        match output.status.success() || is_over {
            true => Ok(()),
            false => Err(exit::failed(format!("PBS cancels nothing: {said}"))),
        }
    }

    fn advice(&self, reason: &str) -> Option<&'static str> {
        reason.starts_with("Can Never Run").then_some(
            "ask for less by -n, --nodes, --threads-per-rank, --gpus-per-rank, --time or --mem",
        )
    }
}

/// What qsub says when the server may have heard of a job and has not answered.
const UNANSWERED: [&str; 4] = ["timed out", "end of file", "protocol error", "connection reset"];

/// Where PBS writes what it has of a job's output, in the job's folder.
const OUTPUT: &str = "pbs.log";

/// Why PBS does not take a job, and what to change.
fn refused(said: &str) -> anyhow::Error {
    // How qsub is used, it says of each mistake.
    let said = said.split("; usage:").next().unwrap_or_default();
    let lower = said.to_lowercase();
    let has = |words: &str| lower.contains(words);
    if has("cannot connect to server") {
        return exit::nothing(format!("no server of PBS answers: {said}"));
    }
    let advice = if has("queue resource limits") {
        "ask for less by -n, --nodes, --threads-per-rank, --time or --mem"
    } else if has("-j value") {
        "arrays have two tasks or more: say more by --array, or leave it out"
    } else if has("queue") {
        "set `partition` in the site file to one that `qstat -Q` lists"
    } else if has("account") || has("project") {
        "set `account` in the site file"
    } else {
        "see `directives` and `skip` in the site file"
    };
    exit::usage(format!("PBS refuses the job: {said}; {advice}"))
}

fn directives(plan: &Plan, site: &Site) -> Vec<String> {
    let mut all = vec![format!("-N {}", plan.name)];
    all.extend(site.account.as_ref().map(|account| format!("-A {account}")));
    all.extend(site.queue(plan.gpus_per_rank).map(|queue| format!("-q {queue}")));
    all.push(select(plan, site));
    if plan.nodes.is_some_and(|nodes| nodes > 1) {
        // It would put several parts on one node.
        all.push(String::from("-l place=scatter"));
    }
    all.extend(plan.limit.map(|limit| {
        format!("-l walltime={:02}:{:02}:{:02}", limit / 3600, limit / 60 % 60, limit % 60)
    }));
    all.extend(plan.tasks.map(|tasks| format!("-J {tasks}")));
    if plan.tasks.is_none() {
        // It would begin again over what it has left. Arrays are not taken so.
        all.push(String::from("-r n"));
    }
    // What PBS has of the output, which the script sends to its log itself.
    all.push(String::from("-j oe"));
    all.push(format!("-o {}", sh::quoted(&plan.folder.join(OUTPUT).to_string_lossy())));
    all
}

/// So many equal parts of nodes.
fn select(plan: &Plan, site: &Site) -> String {
    let nodes = plan.nodes.unwrap_or(1);
    let each = plan.ranks.div_ceil(nodes);
    let threads = plan.threads_per_rank;
    let mut text =
        format!("-l select={nodes}:ncpus={}:mpiprocs={each}:ompthreads={threads}", each * threads);
    if plan.gpus_per_rank > 0 {
        text += &format!(":ngpus={}", plan.gpus_per_rank * each);
    }
    if let Some(memory) = plan.memory.filter(|_| site.memory != MemoryForm::None) {
        text += &format!(":mem={memory}mb");
    }
    text
}

/// The newest job of what `qstat -F json` prints whose output goes to this folder, behind the name of a machine.
///
/// # Errors
/// It is no JSON, which says nothing about the job.
fn of_folder(json: &[u8], folder: &Path) -> Result<Option<String>, String> {
    let parsed = serde_json::from_slice(json);
    let document: Value = parsed.map_err(|error| format!("qstat prints no JSON: {error}"))?;
    let output = folder.join(OUTPUT);
    let goes_there = |job: &Value| {
        let path = job.get("Output_Path").and_then(Value::as_str).unwrap_or_default();
        Path::new(path.split_once(':').map_or(path, |(_, path)| path)) == output
    };
    // Without jobs there is no list of them.
    let jobs = document.get("Jobs").and_then(Value::as_object).into_iter().flatten();
    let ids = jobs.filter(|(_, job)| goes_there(job)).map(|(id, _)| id);
    Ok(ids.max_by_key(|id| number_of(id)).cloned())
}

/// The tasks of what `qstat -F json` prints. The array itself, `7[].pbs`, is none.
fn jobs_of(json: &[u8]) -> Option<BTreeMap<u32, Queued>> {
    let document: Value = serde_json::from_slice(json).ok()?;
    let jobs = document.get("Jobs")?.as_object()?;
    let task = |(id, job): (&String, &Value)| {
        let number = match id.split_once('[') {
            Some((_, rest)) => rest.split(']').next()?.parse().ok()?,
            None => 0,
        };
        Some((number, queued(job)))
    };
    Some(jobs.iter().filter_map(task).collect())
}

fn queued(job: &Value) -> Queued {
    let text = |name: &str| job.get(name).and_then(Value::as_str).unwrap_or_default();
    let code = job.get("Exit_status").and_then(Value::as_i64);
    match text("job_state") {
        "Q" | "H" | "W" | "T" | "S" => Queued::Waits(text("comment").to_owned()),
        "R" | "B" => Queued::Runs,
        "E" => Queued::Ends,
        "F" | "X" => Queued::Ended(match code {
            // Codes of PBS's own.
            Some(-29) => Ending::TimeLimit,
            Some(-27) => Ending::MemoryLimit,
            Some(271) => Ending::Cancelled,
            _ => Ending::ByItself,
        }),
        // Stopped because its machine is in use, moved elsewhere: nobody knows that it has ended.
        other => Queued::Waits(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::plan::Tasks;
    use crate::exit::Exit;

    #[test]
    fn a_head_asks_for_what_is_planned() {
        let plan = Plan {
            ranks: 6,
            nodes: Some(2),
            threads_per_rank: 4,
            gpus_per_rank: 1,
            limit: Some(90_061),
            memory: Some(4096),
            tasks: Some(Tasks { first: 0, last: 15, step: 1 }),
            ..Plan::fake("heat")
        };
        let site = Site {
            account: Some("abc".into()),
            partition: Some("workq".into()),
            skip: vec!["-j".into()],
            ..Site::default()
        };
        let expected = [
            "#PBS -N heat",
            "#PBS -A abc",
            "#PBS -q workq",
            "#PBS -l select=2:ncpus=12:mpiprocs=3:ompthreads=4:ngpus=3:mem=4096mb",
            "#PBS -l place=scatter",
            "#PBS -l walltime=25:01:01",
            "#PBS -J 0-15",
            "#PBS -o /data/ada/7/pbs.log",
        ];
        assert_eq!(Pbs.head(&plan, &site).lines, expected);
        let alone = Plan { tasks: None, folder: "/it's a/7".into(), ..plan };
        let lines = Pbs.head(&alone, &site).lines;
        assert!(lines.contains(&String::from("#PBS -r n")), "{lines:?}");
        assert!(lines.contains(&String::from("#PBS -o '/it'\\''s a/7/pbs.log'")), "{lines:?}");
    }

    #[test]
    fn a_refusal_says_what_to_change() {
        for (said, advice) in [
            ("qsub: Unknown queue", "set `partition`"),
            ("qsub: Job exceeds queue resource limits", "ask for less by -n"),
            ("qsub: Invalid account", "set `account`"),
            ("qsub: illegal -J value; usage: qsub [-q queue]", "value; arrays have two tasks"),
            ("qsub: illegal -l value; usage: qsub [-q queue]", "value; see `directives`"),
        ] {
            assert!(refused(said).to_string().contains(advice), "{said}");
            assert_eq!(Exit::from_error(refused(said)), Exit::Usage);
        }
        let error = refused("qsub: cannot connect to server pbs (errno=15010)");
        assert_eq!(Exit::from_error(error), Exit::Nothing);
    }

    #[test]
    fn the_queue_says_what_it_knows() {
        let json = r#"{"Jobs": {
            "7[].pbs": {"job_state": "B"},
            "7[0].pbs": {"job_state": "X", "Exit_status": 0},
            "7[1].pbs": {"job_state": "R"},
            "7[4].pbs": {"job_state": "E"},
            "7[2].pbs": {"job_state": "Q", "comment": "Not Running: no nodes"},
            "7[3].pbs": {"job_state": "X", "Exit_status": -29}}}"#;
        let known = jobs_of(json.as_bytes()).unwrap();
        assert_eq!(known[&0], Queued::Ended(Ending::ByItself));
        assert_eq!(known[&1], Queued::Runs);
        assert_eq!(known[&2], Queued::Waits("Not Running: no nodes".into()));
        assert_eq!(known[&4], Queued::Ends);
        assert_eq!((known[&3].clone(), known.len()), (Queued::Ended(Ending::TimeLimit), 5));
        let alone = jobs_of(br#"{"Jobs": {"8.pbs": {"job_state": "F", "Exit_status": 271}}}"#);
        assert_eq!(alone.unwrap()[&0], Queued::Ended(Ending::Cancelled));
        assert_eq!(jobs_of(b"qstat: cannot connect"), None);
    }

    #[test]
    fn a_job_is_found_by_its_folder() {
        let json = br#"{"Jobs": {"7.pbs": {"Output_Path": "n1:/data/jobs/1/pbs.log"},
            "8[].pbs": {"Output_Path": "n1:/data/jobs/2/pbs.log"}, "9.pbs": {},
            "10.pbs": {"Output_Path": "n1:/data/jobs/1/pbs.log"}}}"#;
        let found = |folder| of_folder(json, Path::new(folder)).unwrap();
        assert_eq!(found("/data/jobs/2").as_deref(), Some("8[].pbs"));
        assert_eq!(found("/data/jobs/3"), None);
        // The newest, whose name is not the last of a list by letters.
        assert_eq!(found("/data/jobs/1").as_deref(), Some("10.pbs"));
        assert_eq!(of_folder(br#"{"timestamp": 1}"#, Path::new("/data/jobs/1")), Ok(None));
        let error = of_folder(b"qstat: cut o", Path::new("/data/jobs/1")).unwrap_err();
        assert!(error.starts_with("qstat prints no JSON"), "{error}");
    }
}
