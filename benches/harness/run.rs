//! A whole run: every wanted problem of every wanted workload, one event a line.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::any::{AnyProblem, AnyWorkload};
use crate::climb::climb;
use crate::compare::{Subject, compare};
use crate::document::{self, Event, RungStatus, SCHEMA};
use crate::pools::Pools;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::worker::{Request, Worker};
use crate::{host, picture};

/// Measures what the settings ask for and prints the events to stdout.
pub(crate) fn run(workloads: &[Box<dyn AnyWorkload>], settings: &Settings) -> Result<()> {
    // Before anything is measured: a bad file or name must not cost a minute first.
    let jobs = jobs(workloads, settings)?;
    answers(settings, &jobs)?;
    let start = Instant::now();
    let deadline = start + settings.time;
    emit(&Event::Start { schema: SCHEMA, seed: settings.seed, host: host::host() })?;
    emit(&Event::Peaks(host::peaks(host::cores())))?;
    let steps = jobs.len() * if settings.against.is_some() { 2 } else { 1 };
    let progress = Progress::new(settings.progress, steps);
    let mut pools = Pools::default();
    let mut done = 0;
    for mut job in jobs {
        let title = job.title();
        let mut budget = || {
            progress.show(done, &title);
            let left = deadline.saturating_duration_since(Instant::now());
            let share = share(left, steps - done);
            done += 1;
            share
        };
        let climbed = job.climb(settings, &mut pools, (budget(), deadline))?;
        emit(&Event::Workload(Box::new(climbed.clone())))?;
        if let Some(other) = &settings.against {
            for comparison in job.compare(&climbed, other, settings, budget())? {
                emit(&Event::Comparison(comparison))?;
            }
        }
    }
    emit(&Event::End)
}

/// The time for the first of `steps`: up to half as much again as its even share, because most
/// problems need less than theirs.
fn share(left: Duration, steps: usize) -> Duration {
    left * 3 / u32::try_from(2 * steps + 1).unwrap_or(u32::MAX)
}

/// Makes sure that the other build answers at all.
fn answers(settings: &Settings, jobs: &[Job<'_>]) -> Result<()> {
    if let (Some(other), Some(job)) = (&settings.against, jobs.first()) {
        let asked = Worker::start(other)?.ask(&job.open());
        asked.with_context(|| format!("{} is no ladder to compare with", other.display()))?;
    }
    Ok(())
}

/// Prints one event. Whoever reads has it at once.
fn emit(event: &Event) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", serde_json::to_string(event)?)?;
    Ok(stdout.flush()?)
}

/// One problem to climb, and how another process would open it.
pub(crate) struct Job<'a> {
    workload: &'a dyn AnyWorkload,
    problem: Box<dyn AnyProblem>,
    size: String,
    nth: usize,
    input: Option<PathBuf>,
}

/// What the settings ask for; each problem once, even where two sizes have it.
pub(crate) fn jobs<'a>(
    workloads: &'a [Box<dyn AnyWorkload>],
    settings: &Settings,
) -> Result<Vec<Job<'a>>> {
    let all = || workloads.iter().map(|workload| workload.name().to_owned()).collect();
    let names: Vec<String> =
        if settings.workloads.is_empty() { all() } else { settings.workloads.clone() };
    let mut jobs: Vec<Job<'a>> = Vec::new();
    for name in &names {
        let workload = crate::cli::workload(workloads, name)?;
        for job in of_workload(workload, settings)? {
            if jobs.iter().all(|other| other.title() != job.title()) {
                jobs.push(job);
            }
        }
    }
    if let Some(empty) = jobs.iter().find(|job| job.problem.ops() <= 0.0) {
        bail!("{}: there is nothing to compute", empty.title());
    }
    known_rungs(&jobs, settings)?;
    known_inputs(&names, settings)?;
    Ok(jobs)
}

fn of_workload<'a>(workload: &'a dyn AnyWorkload, settings: &Settings) -> Result<Vec<Job<'a>>> {
    let job = |problem, size: &str, nth, input| Job {
        workload,
        problem,
        size: size.to_owned(),
        nth,
        input,
    };
    if let Some((_, file)) = settings.inputs.iter().find(|(name, _)| name == workload.name()) {
        let problem = workload.read(file).map_err(|error| anyhow!(error))?;
        return Ok(vec![job(problem, "input", 0, Some(file.clone()))]);
    }
    let of_size = |size: &crate::Size| {
        let problems = workload.problems(*size).into_iter().enumerate();
        problems.map(|(nth, problem)| job(problem, size.name(), nth, None)).collect::<Vec<_>>()
    };
    Ok(settings.sizes.iter().flat_map(of_size).collect())
}

fn known_rungs(jobs: &[Job<'_>], settings: &Settings) -> Result<()> {
    let mut known: Vec<&str> =
        jobs.iter().flat_map(|job| job.workload.rungs()).map(|rung| rung.name).collect();
    known.sort_unstable();
    known.dedup();
    match settings.rungs.iter().find(|rung| !known.contains(&rung.as_str())) {
        Some(rung) => bail!("--rung {rung}: no such rung here; known: {}", known.join(", ")),
        None => Ok(()),
    }
}

fn known_inputs(names: &[String], settings: &Settings) -> Result<()> {
    match settings.inputs.iter().find(|(name, _)| !names.contains(name)) {
        Some((name, _)) => {
            bail!("--input {name}=..: {name} is not among the workloads: {}", names.join(", "))
        }
        None => Ok(()),
    }
}

impl Job<'_> {
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.workload.name(), self.problem.label())
    }

    pub(crate) fn workload(&self) -> &dyn AnyWorkload {
        self.workload
    }

    pub(crate) fn size(&self) -> &str {
        &self.size
    }

    /// How another process opens the same problem.
    fn open(&self) -> Request {
        Request::Open {
            workload: self.workload.name().to_owned(),
            size: self.size.clone(),
            nth: self.nth,
            input: self.input.clone(),
        }
    }

    fn climb(
        &mut self,
        settings: &Settings,
        pools: &mut Pools,
        time: (Duration, Instant),
    ) -> Result<document::Workload> {
        let problem = self.problem.as_mut();
        let mut climbed = climb(self.workload, problem, &self.size, settings, pools, time);
        if let (Some(folder), Some(picture)) = (&settings.out, self.problem.picture()) {
            let words: String = self.title().replace(|c: char| !c.is_ascii_alphanumeric(), " ");
            let name = format!("{}.png", words.split_whitespace().collect::<Vec<_>>().join("-"));
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            picture::write(&picture, &folder.join(&name))?;
            climbed.picture = Some(name);
        }
        Ok(climbed)
    }

    /// Compares the rungs that gave the right answer.
    fn compare(
        &self,
        climbed: &document::Workload,
        other: &Path,
        settings: &Settings,
        budget: Duration,
    ) -> Result<Vec<document::Comparison>> {
        let timed = [RungStatus::Measured, RungStatus::Degraded];
        let right = climbed.rungs.iter().filter(|rung| timed.contains(&rung.status));
        let subjects: Vec<Subject> =
            right.map(|r| Subject { rung: r.name.clone(), threads: r.threads }).collect();
        compare(&self.open(), (&climbed.name, &climbed.label), &subjects, other, settings, budget)
    }
}
