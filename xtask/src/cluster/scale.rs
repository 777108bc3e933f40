//! What a job of a scaling study has left, as a report.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::job::Job;
use super::plan::Steps;
use super::scaling::{Kind, Point, Split, Study, Timed};
use crate::exit::{self, Exit};
use crate::{mpirun, sh};

/// Prints the report of a study, and writes it beside the job: `study.json`, `report.html`.
pub(super) fn report(job: &Job, steps: &Steps) -> Result<Exit> {
    let mut study = Study {
        title: format!("{} on {}", job.plan.name, job.kind.scheduler().name()),
        kind: if steps.is_weak { Kind::Weak } else { Kind::Strong },
        facts: vec![
            (String::from("program"), job.plan.program.join(" ")),
            (String::from("job"), format!("{}, in {}", job.number, job.plan.folder.display())),
        ],
        points: vec![],
    };
    for &ranks in &steps.ranks {
        match point(job, steps, ranks) {
            Ok(point) => study.points.push(point),
            Err(error) => exit::say(&format!("{ranks} ranks are left out: {error:#}")),
        }
    }
    if study.points.is_empty() {
        return Err(exit::nothing(format!("job {} has left no times", job.number)));
    }
    job.write("study.json", &serde_json::to_vec_pretty(&study)?)?;
    let report = study.report()?;
    job.write("report.html", report.page().as_bytes())?;
    exit::print(&report.text())?;
    exit::say(&format!("report: {}", job.plan.folder.join("report.html").display()));
    Ok(Exit::Ok)
}

/// What one run has left.
fn point(job: &Job, steps: &Steps, ranks: usize) -> Result<Point> {
    let read = |name: String| {
        let path = job.plan.folder.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))
    };
    let timed = Timed::read(&read(format!("result.{ranks}.json"))?)?;
    if timed.ranks != ranks {
        bail!("the program says that it ran on {}; was it built for another MPI?", timed.ranks);
    }
    let cores = cores(&read(format!("cores.{ranks}"))?).context("no rank told of its cores")?;
    let nodes = job.plan.on(ranks).nodes.unwrap_or(1);
    let trace = job.plan.folder.join(format!("trace.{ranks}"));
    let split = if steps.is_traced { Some(split(&trace)?) } else { None };
    Ok(timed.point(nodes, cores, split))
}

/// The cores of all machines that ranks told of, each machine once.
fn cores(text: &str) -> Option<usize> {
    let machine = |line: &str| {
        let (name, cores) = line.trim().rsplit_once(' ')?;
        Some((name.to_owned(), cores.parse::<usize>().ok()?))
    };
    let machines: BTreeMap<_, _> = text.lines().filter_map(machine).collect();
    Some(machines.values().sum()).filter(|&cores| cores > 0)
}

/// Where the time of ranks went, by their traces.
fn split(trace: &Path) -> Result<Split> {
    let summary = trace.join("summary.json");
    let mut cargo = mpirun::comm_trace(trace);
    cargo.arg("--summary").arg(&summary);
    quietly(&mut cargo)?;
    let text = std::fs::read_to_string(&summary)?;
    Split::of_summary(&text)
}

/// Runs it without what it prints.
fn quietly(command: &mut Command) -> Result<()> {
    let output = sh::output(command.stdin(Stdio::null()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed: {}", sh::display(command), said.trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::cores;

    #[test]
    fn a_machine_counts_once() {
        assert_eq!(cores("vm 2\nvm 2\nvm 2\n"), Some(2));
        assert_eq!(cores("srun: a warning\na 4\nb 8\na 4\n"), Some(12));
        assert_eq!(cores("no such file"), None);
        assert_eq!(cores(""), None);
    }
}
