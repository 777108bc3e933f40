//! Slurm.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::{Ending, Look, Queued, Scheduler, is_unanswered, number_of, said};
use crate::cluster::plan::Plan;
use crate::cluster::script::Head;
use crate::cluster::site::{MemoryForm, Site};
use crate::{exit, sh};

pub(super) struct Slurm;

impl Scheduler for Slurm {
    fn name(&self) -> &'static str {
        "Slurm"
    }

    fn head(&self, plan: &Plan, site: &Site) -> Head {
        let skipped = |directive: &str| {
            let name = directive.trim_start_matches('-').split('=').next().unwrap_or_default();
            site.skip.iter().any(|skip| skip.trim_start_matches('-') == name)
        };
        let own = directives(plan, site).into_iter().filter(|directive| !skipped(directive));
        let all = own.chain(site.directives.iter().cloned());
        let lines = all.map(|directive| format!("#SBATCH {directive}")).collect();
        let task = plan.tasks.map_or("0", |_| "\"$SLURM_ARRAY_TASK_ID\"");
        Head { lines, task, keeper: String::new() }
    }

    fn submission(&self, script: &Path) -> Command {
        let mut command = Command::new("sbatch");
        command.arg("--parsable").arg(script);
        command
    }

    fn submit(&self, script: &Path, plan: &Plan) -> Result<Option<String>> {
        let mut command = self.submission(script);
        let output = command.stdin(Stdio::null()).output().map_err(|error| {
            let supply = "`cargo xtask setup slurm` installs it on one machine";
            exit::nothing(format!("cannot start sbatch: {error}; {supply}"))
        })?;
        if is_unanswered(&output, &UNANSWERED) {
            return Ok(None);
        }
        if !output.status.success() {
            return Err(refused(&said(&output), plan));
        }
        // The number, and the cluster's name behind `;` where there are several.
        let stdout = String::from_utf8_lossy(&output.stdout);
        let id = stdout.trim().split(';').next().filter(|id| !id.is_empty());
        Ok(id.map(str::to_owned))
    }

    fn find(&self, script: &Path, since: u64) -> Result<Option<String>, String> {
        let mut squeue = Command::new("squeue");
        squeue.args(["--me", "--noheader", "--states=all", "--format=%F|%o"]).stdin(Stdio::null());
        let output = squeue.output().map_err(|error| format!("cannot start squeue: {error}"))?;
        if !output.status.success() {
            return Err(said(&output));
        }
        let found = of_script(&String::from_utf8_lossy(&output.stdout), script);
        Ok(found.or_else(|| {
            // Seconds; and a clock may be behind another one.
            let start = format!("--starttime=now-{}", since + 600);
            let text = accounts(&["--format=JobID,SubmitLine", &start]);
            of_script(&text.unwrap_or_default(), script)
        }))
    }

    fn look(&self, id: &str, _: &Plan) -> Look {
        let mut squeue = Command::new("squeue");
        squeue.args(["--noheader", "--array", "--states=all", "--format=%K|%T|%r", "--jobs", id]);
        match squeue.stdin(Stdio::null()).output() {
            Err(error) => Look::Silent(format!("cannot start squeue: {error}")),
            Ok(output) if output.status.success() => {
                let known = tasks_of(&String::from_utf8_lossy(&output.stdout));
                let said = || Look::Silent(String::from("neither squeue nor sacct knows it"));
                if known.is_empty() { past(id).unwrap_or_else(said) } else { Look::Tasks(known) }
            }
            // It has forgotten the job, some minutes after its end.
            Ok(output) if said(&output).contains("Invalid job id") => {
                past(id).unwrap_or_else(|| Look::Tasks(BTreeMap::new()))
            }
            Ok(output) => Look::Silent(said(&output)),
        }
    }

    fn cancel(&self, id: &str) -> Result<()> {
        let output = sh::output(Command::new("scancel").arg(id).stdin(Stdio::null()))?;
        match output.status.success() || said(&output).contains("Invalid job id") {
            true => Ok(()),
            false => Err(exit::failed(format!("Slurm cancels nothing: {}", said(&output)))),
        }
    }

    fn advice(&self, reason: &str) -> Option<&'static str> {
        Some(match reason {
            "PartitionTimeLimit" => "the partition allows less time: ask for less by --time",
            "PartitionNodeLimit" => "the partition has fewer nodes: ask for less by --nodes",
            "PartitionConfig" => {
                "no nodes of the partition are like that: ask for less, for more nodes by --nodes, or another partition"
            }
            "BadConstraints" => "no nodes have what `directives` of the site file ask for",
            "PartitionDown" | "PartitionInactive" => "the partition takes no jobs now",
            _ if reason.starts_with("Assoc") || reason.starts_with("QOS") => {
                "the account or the quality of service allows no more"
            }
            _ => return None,
        })
    }
}

/// What it is asked for.
fn directives(plan: &Plan, site: &Site) -> Vec<String> {
    let mut all = vec![format!("--job-name={}", plan.name)];
    for (name, value) in [
        ("account", site.account.as_deref()),
        ("partition", site.queue(plan.gpus_per_rank)),
        ("qos", site.qos.as_deref()),
        ("reservation", site.reservation.as_deref()),
    ] {
        all.extend(value.map(|value| format!("--{name}={value}")));
    }
    all.extend(plan.nodes.map(|nodes| format!("--nodes={nodes}")));
    all.push(format!("--ntasks={}", plan.ranks));
    all.extend(plan.ranks_per_node().map(|each| format!("--ntasks-per-node={each}")));
    all.push(format!("--cpus-per-task={}", plan.threads_per_rank));
    if plan.gpus_per_rank > 0 {
        let each = plan.gpus_per_rank * plan.ranks_per_node().unwrap_or(plan.ranks);
        let kind = site.gpu_type.as_ref().map(|kind| format!("{kind}:")).unwrap_or_default();
        all.push(format!("--gres=gpu:{kind}{each}"));
    }
    all.extend(plan.limit.map(|limit| format!("--time={}", clock(limit))));
    all.extend(memory(plan, site));
    all.extend(plan.tasks.map(|tasks| format!("--array={tasks}")));
    // The script writes to its log itself; what Slurm says of a job goes there too.
    let task = if plan.tasks.is_some() { "%a" } else { "0" };
    all.push(format!("--output=\"{}/log.{task}\"", escaped(&plan.folder.to_string_lossy())));
    // It would begin again over what it has left.
    all.push(String::from("--no-requeue"));
    all.push(String::from("--open-mode=append"));
    all
}

/// A path as sbatch reads it between double quotes: it has a use of its own for per cent.
fn escaped(path: &str) -> String {
    path.replace('"', "\\\"").replace('%', "%%")
}

fn memory(plan: &Plan, site: &Site) -> Option<String> {
    let each = plan.memory?;
    match site.memory {
        MemoryForm::PerNode => Some(format!("--mem={each}M")),
        MemoryForm::PerCpu => {
            let cpus = plan.ranks_per_node().unwrap_or(plan.ranks) * plan.threads_per_rank;
            Some(format!("--mem-per-cpu={}M", each.div_ceil(cpus as u64)))
        }
        MemoryForm::None => None,
    }
}

/// `1-02:03:04`, or without days.
fn clock(seconds: u64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let rest = format!("{:02}:{:02}:{:02}", hours % 24, minutes % 60, seconds % 60);
    if hours < 24 { rest } else { format!("{}-{rest}", hours / 24) }
}

/// The lines `task|state|reason`; a job that is no array has no number.
fn tasks_of(squeue: &str) -> BTreeMap<u32, Queued> {
    let task = |line: &str| {
        let mut fields = line.trim().split('|');
        let number = fields.next()?.parse().unwrap_or(0);
        let (state, reason) = (fields.next()?, fields.next().unwrap_or_default());
        Some((number, queued(state, reason)))
    };
    squeue.lines().filter_map(task).collect()
}

fn queued(state: &str, reason: &str) -> Queued {
    // sacct says who has cancelled: `CANCELLED by 0`.
    match state.split_whitespace().next().unwrap_or_default() {
        "PENDING" | "REQUEUED" | "REQUEUE_HOLD" | "SUSPENDED" | "CONFIGURING" => {
            // None yet.
            Queued::Waits(if reason == "None" { String::new() } else { reason.to_owned() })
        }
        "RUNNING" | "STAGE_OUT" | "SIGNALING" | "STOPPED" | "RESIZING" => Queued::Runs,
        "COMPLETING" => Queued::Ends,
        "CANCELLED" | "REVOKED" => Queued::Ended(Ending::Cancelled),
        "TIMEOUT" | "DEADLINE" => Queued::Ended(Ending::TimeLimit),
        "OUT_OF_MEMORY" => Queued::Ended(Ending::MemoryLimit),
        "NODE_FAIL" | "BOOT_FAIL" => Queued::Ended(Ending::NodeLost),
        "PREEMPTED" => Queued::Ended(Ending::Preempted),
        "COMPLETED" | "FAILED" => Queued::Ended(Ending::ByItself),
        // A hold, or what a newer Slurm has come to say: nobody knows that it has ended.
        other => Queued::Waits(other.to_owned()),
    }
}

/// What the accounts know of a job that the queue has forgotten. Not every site keeps some.
fn past(id: &str) -> Option<Look> {
    let text = accounts(&["--format=JobID,State", "--jobs", id]);
    let known = accounts_of(&text.unwrap_or_default());
    (!known.is_empty()).then_some(Look::Tasks(known))
}

/// What sacct says, where there are accounts.
fn accounts(args: &[&str]) -> Option<String> {
    let mut sacct = Command::new("sacct");
    sacct.args(["--noheader", "--parsable2", "--allocations"]).args(args).stdin(Stdio::null());
    let output = sacct.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The newest job of the lines `job|script`, or `job_task|sbatch .. script`, that has this script: an older one had it before
/// its folder was removed.
fn of_script(lines: &str, script: &Path) -> Option<String> {
    let script = script.to_str()?;
    let job = |line: &str| {
        let (job, command) = line.split_once('|')?;
        let is_it = command == script || command.ends_with(&format!(" {script}"));
        let number = job.split('_').next().unwrap_or(job);
        is_it.then(|| number.to_owned())
    };
    lines.lines().filter_map(job).max_by_key(|id| number_of(id))
}

/// The lines `job|state`, or `job_task|state`.
fn accounts_of(sacct: &str) -> BTreeMap<u32, Queued> {
    let task = |line: &str| {
        let (job, state) = line.trim().split_once('|')?;
        let number = job.split_once('_').map_or(Some(0), |(_, task)| task.parse().ok())?;
        Some((number, queued(state, "")))
    };
    sacct.lines().filter_map(task).collect()
}

/// What sbatch says when the controller may have heard of a job and has not answered.
const UNANSWERED: [&str; 6] = [
    "timed out",
    "zero bytes were transmitted",
    "unexpected message received",
    "message receive failure",
    "connection reset",
    "transport endpoint",
];

/// Why Slurm does not take a job, and what to change.
fn refused(said: &str, plan: &Plan) -> anyhow::Error {
    let lower = said.to_lowercase();
    let has = |words: &str| lower.contains(words);
    if has("unable to contact slurm controller") || has("unable to establish") {
        return exit::nothing(format!("no controller of Slurm answers: {said}"));
    }
    let is_one = plan.nodes.is_none() && plan.ranks > 1;
    let nodes = if is_one { ", or say by --nodes that all ranks are not on one node" } else { "" };
    let advice = if has("invalid partition") {
        format!("set `partition` in the site file to one of {}", partitions())
    } else if has("memory specification") {
        let asked = plan.memory.map(|mib| format!(" {mib}M")).unwrap_or_default();
        format!(
            "ask for less than --mem{asked}{nodes}, or set `memory` in the site file to per-cpu or none"
        )
    } else if has("violates") {
        String::from("the account or the quality of service allows no more: ask for less, or later")
    } else if has("account") {
        String::from("set `account` in the site file")
    } else if has("qos") {
        String::from("set `qos` in the site file")
    } else if has("reservation") {
        String::from("set `reservation` in the site file")
    } else if has("time limit") {
        String::from("ask for less by --time")
    } else if has("generic resource") {
        format!("set `gpu-partition` and `gpu-type` in the site file, if there are devices{nodes}")
    } else if has("node") {
        format!("ask for less by -n, --nodes, --threads-per-rank or --gpus-per-rank{nodes}")
    } else if has("array") {
        String::from("ask for fewer tasks, or lower numbers, by --array")
    } else {
        String::from("see `directives` and `skip` in the site file")
    };
    exit::usage(format!("Slurm refuses the job: {said}; {advice}"))
}

/// Those there are, as far as Slurm says.
fn partitions() -> String {
    let mut sinfo = Command::new("sinfo");
    let output = sinfo.args(["--noheader", "--format=%R"]).stdin(Stdio::null()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    let names: Vec<&str> = text.split_whitespace().collect();
    if names.is_empty() { String::from("those that `sinfo` lists") } else { names.join(", ") }
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
            limit: Some(90_061),
            memory: Some(4096),
            tasks: Some(Tasks { first: 0, last: 15, step: 1 }),
            ..Plan::fake("heat")
        };
        let site = Site {
            account: Some("abc".into()),
            partition: Some("main".into()),
            directives: vec!["--constraint=ib".into()],
            ..Site::default()
        };
        let lines = Slurm.head(&plan, &site).lines;
        let expected = [
            "--job-name=heat",
            "--account=abc",
            "--partition=main",
            "--nodes=2",
            "--ntasks=6",
            "--ntasks-per-node=3",
            "--cpus-per-task=4",
            "--time=1-01:01:01",
            "--mem=4096M",
            "--array=0-15",
            "--output=\"/data/ada/7/log.%a\"",
            "--no-requeue",
            "--open-mode=append",
            "--constraint=ib",
        ];
        assert_eq!(lines, expected.map(|line| format!("#SBATCH {line}")));
    }

    #[test]
    fn sites_differ_in_memory_devices_and_what_they_refuse() {
        let mut plan = Plan { memory: Some(1000), gpus_per_rank: 1, ..Plan::fake("heat") };
        let mut site = Site {
            memory: MemoryForm::PerCpu,
            partition: Some("main".into()),
            gpu_partition: Some("gpu".into()),
            gpu_type: Some("a100".into()),
            skip: vec!["cpus-per-task".into(), "--ntasks".into()],
            ..Site::default()
        };
        let text = Slurm.head(&plan, &site).lines.join(" ");
        for part in ["--partition=gpu ", "--gres=gpu:a100:2 ", "--mem-per-cpu=500M "] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("--cpus-per-task") && !text.contains("--ntasks="), "{text}");
        (site.memory, plan.gpus_per_rank) = (MemoryForm::None, 0);
        let text = Slurm.head(&plan, &site).lines.join(" ");
        assert!(!text.contains("--mem") && text.contains("--partition=main"), "{text}");
    }

    #[test]
    fn the_queue_says_what_it_knows() {
        let known = tasks_of("0|RUNNING|None\n1|PENDING|Priority\n2|TIMEOUT|TimeLimit\n");
        assert_eq!(known[&0], Queued::Runs);
        assert_eq!(known[&1], Queued::Waits("Priority".into()));
        assert_eq!(known[&2], Queued::Ended(Ending::TimeLimit));
        assert_eq!(
            tasks_of("N/A|OUT_OF_MEMORY|OutOfMemory\n")[&0],
            Queued::Ended(Ending::MemoryLimit)
        );
        assert!(tasks_of("").is_empty());
        assert_eq!(tasks_of("N/A|COMPLETING|None\n")[&0], Queued::Ends);
        let past = accounts_of("12_3|CANCELLED by 0\n12_4|COMPLETED\n12_[5-7]|PENDING\n");
        assert_eq!(past[&3], Queued::Ended(Ending::Cancelled));
        assert_eq!((past[&4].clone(), past.len()), (Queued::Ended(Ending::ByItself), 2));
    }

    #[test]
    fn a_refusal_says_what_to_change() {
        let plan = Plan { memory: Some(9), nodes: Some(2), ..Plan::fake("heat") };
        for (said, advice) in [
            (
                "sbatch: error: invalid partition specified: nope",
                "set `partition` in the site file",
            ),
            ("Memory specification can not be satisfied", "ask for less than --mem 9M"),
            ("Invalid account or account/partition combination specified", "set `account`"),
            ("Job violates accounting/QOS policy (job submit limit)", "allows no more"),
            ("Invalid qos specification", "set `qos`"),
            ("Requested node configuration is not available", "ask for less by -n"),
            ("Requested time limit is invalid (missing or exceeds some limit)", "--time"),
            ("Invalid job array specification", "--array"),
            ("Invalid generic resource (gres) specification", "set `gpu-partition`"),
        ] {
            let error = refused(said, &plan);
            assert!(error.to_string().contains(advice), "{error}");
            assert_eq!(Exit::from_error(error), Exit::Usage);
        }
        let anywhere = Plan { nodes: None, ..plan.clone() };
        let error = refused("Requested node configuration is not available", &anywhere).to_string();
        assert!(
            error
                .ends_with("--gpus-per-rank, or say by --nodes that all ranks are not on one node")
        );
        let error = refused("Unable to contact slurm controller (connect failure)", &plan);
        assert_eq!(Exit::from_error(error), Exit::Nothing);
    }

    #[test]
    fn a_job_is_found_by_its_script() {
        let script = Path::new("/a b|c/7/job.sh");
        let squeue = "11|/a b|c/17/job.sh\n12|/a b|c/7/job.sh\n12|/a b|c/7/job.sh\n13|bash\n";
        assert_eq!(of_script(squeue, script).as_deref(), Some("12"));
        let sacct = "14_3|sbatch --parsable /a b|c/7/job.sh\n15|sbatch x\n";
        assert_eq!(of_script(sacct, script).as_deref(), Some("14"));
        // The newest, in any order.
        let squeue = "112|/a b|c/7/job.sh\n99|/a b|c/7/job.sh\n";
        assert_eq!(of_script(squeue, script).as_deref(), Some("112"));
        assert_eq!(of_script("", script), None);
    }

    #[test]
    fn folders_may_have_any_name() {
        assert_eq!(escaped("/my data/50%/\"a\""), "/my data/50%%/\\\"a\\\"");
    }

    #[test]
    fn clocks_have_days() {
        assert_eq!([clock(59), clock(3600), clock(86_400)], ["00:00:59", "01:00:00", "1-00:00:00"]);
    }
}
