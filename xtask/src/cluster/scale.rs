//! What a job of a scaling study has left, as a report.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::job::Job;
use super::plan::Steps;
use super::scaling::{Kind, Point, Split, Study, Timed};
use crate::exit::{self, Exit};
use crate::{mpirun, sh};

/// Prints the report of a study, and writes it beside the job: `study.json`, `report.html`, `speedup.svg`.
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
    let report = study.report()?;
    exit::print(&report.text())?;
    job.write("study.json", &serde_json::to_vec_pretty(&study)?)?;
    job.write("report.html", report.page().as_bytes())?;
    job.write("speedup.svg", report.picture().as_bytes())?;
    exit::say(&format!("report: {}", job.plan.folder.join("report.html").display()));
    Ok(Exit::Ok)
}

/// What one run has left.
fn point(job: &Job, steps: &Steps, ranks: usize) -> Result<Point> {
    let read = |name: String| {
        let path = job.plan.folder.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))
    };
    let name = format!("result.{ranks}.json");
    let timed = Timed::read(&read(name.clone())?).with_context(|| name)?;
    if timed.ranks != ranks {
        bail!("the program says that it ran on {}; was it built for another MPI?", timed.ranks);
    }
    let (nodes, cores) =
        machines(&read(format!("cores.{ranks}"))?).context("no rank told of its cores")?;
    let trace = job.plan.folder.join(format!("trace.{ranks}"));
    let split = if steps.is_traced { Some(split(&trace)?) } else { None };
    Ok(timed.point(nodes, cores, split))
}

/// How many nodes ranks told of, and how many cores of their machines they may use together.
fn machines(text: &str) -> Option<(usize, usize)> {
    let mut nodes = BTreeSet::new();
    let mut cores = BTreeSet::new();
    for line in text.lines() {
        let [node, machine, list] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            // A launcher's warning.
            continue;
        };
        let Some(numbers) = processors(list) else { continue };
        nodes.insert((node, machine));
        cores.extend(numbers.into_iter().map(|number| (machine, number)));
    }
    (!cores.is_empty()).then_some((nodes.len(), cores.len()))
}

/// The numbers of a list such as `0-3,8`, as Linux writes it.
fn processors(list: &str) -> Option<Vec<u32>> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse::<u32>().ok()?)
    };
    let ranges: Option<Vec<_>> = list.split(',').map(range).collect();
    Some(ranges?.into_iter().flatten().collect())
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
    use super::machines;

    #[test]
    fn a_processor_counts_once() {
        assert_eq!(machines("n1 vm \t0-1\nn2 vm \t0-1\n"), Some((2, 2)), "nodes of one machine");
        assert_eq!(machines("a a 0\na a 4\n"), Some((1, 2)), "ranks that are bound");
        assert_eq!(machines("srun: a warning\na a 0-3,8\nb b 0\n"), Some((2, 6)));
        for text in ["", "no such file", "a a", "a a x-1"] {
            assert_eq!(machines(text), None, "{text}");
        }
    }
}
