//! A whole run: every wanted problem of every wanted workload, one event a line.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::any::{AnyProblem, AnyWorkload};
use crate::climb::Climb;
use crate::compare::{Subject, compare};
use crate::document::{self, Event, RungStatus, SCHEMA};
use crate::pools::Pools;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::worker::{Request, Worker};
use crate::{host, picture};

/// Checks and times the jobs, compares them with another build if asked, and prints the events to
/// stdout.
pub(crate) fn run(jobs: Vec<Job<'_>>, settings: &Settings) -> Result<()> {
    let deadline = Instant::now() + settings.time;
    emit(&Event::Start { schema: SCHEMA, seed: settings.seed, host: host::host() })?;
    emit(&Event::Peaks(host::peaks(host::cores())))?;
    let mut run = Run::new(settings, jobs.len(), deadline);
    for (job, climb) in run.check(jobs)? {
        run.time(job, climb)?;
    }
    emit(&Event::End)
}

/// What a run needs at every step.
struct Run<'a> {
    settings: &'a Settings,
    pools: Pools,
    progress: Progress,
    deadline: Instant,
    /// Parts of the time still to be given out.
    parts: u32,
    steps: usize,
}

impl<'a> Run<'a> {
    /// With `--against` a problem's comparison gets this many times as long as its own timing,
    /// which then only has to show that it is right.
    const COMPARING: u32 = 3;

    fn new(settings: &'a Settings, jobs: usize, deadline: Instant) -> Self {
        let parts = if settings.against.is_some() { 1 + Self::COMPARING } else { 1 };
        Self {
            settings,
            pools: Pools::default(),
            progress: Progress::new(settings.progress, 2 * jobs),
            deadline,
            parts: parts * u32::try_from(jobs).unwrap_or(u32::MAX),
            steps: 0,
        }
    }

    /// Checks all answers before anything is timed. The quick problems are then timed first: what
    /// they leave of their share goes to those that need more.
    fn check<'j>(&mut self, jobs: Vec<Job<'j>>) -> Result<Vec<(Job<'j>, Climb)>> {
        let mut checked = Vec::new();
        for mut job in jobs {
            self.begin(&job)?;
            let climb = job.check(self.settings, &mut self.pools, self.deadline);
            checked.push((job, climb));
        }
        checked.sort_by(|(_, a), (_, b)| a.cost().total_cmp(&b.cost()));
        Ok(checked)
    }

    /// Times one problem, and compares it.
    fn time(&mut self, job: Job<'_>, climb: Climb) -> Result<()> {
        self.begin(&job)?;
        let until = Instant::now() + self.share(1);
        let problem = job.problem.as_ref();
        let (noise_floor, rungs) = climb.time(problem, self.settings, &mut self.pools, until);
        let climbed = job.result(noise_floor, rungs, self.settings);
        emit(&Event::Workload(Box::new(climbed.clone())))?;
        if let Some(other) = &self.settings.against {
            let share = self.share(Self::COMPARING);
            for comparison in job.compare(&climbed, other, self.settings, share)? {
                emit(&Event::Comparison(comparison))?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, job: &Job<'_>) -> Result<()> {
        self.progress.show(self.steps, &job.title());
        self.steps += 1;
        emit(&Event::Begin { title: job.title() })
    }

    /// So many parts of the time that is left.
    fn share(&mut self, parts: u32) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let share = left * parts / self.parts.max(1);
        self.parts -= parts.min(self.parts);
        share
    }
}

/// Makes sure that the other build can be talked to at all.
fn answers(settings: &Settings, jobs: &[Job<'_>]) -> Result<()> {
    let (Some(other), Some(job)) = (&settings.against, jobs.first()) else { return Ok(()) };
    let mut worker = Worker::start(other)?;
    let asked = worker.reply(&job.open());
    asked.with_context(|| format!("{} is no ladder to compare with", other.display()))?;
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
    position: usize,
    workload: &'a dyn AnyWorkload,
    problem: Box<dyn AnyProblem>,
    size: String,
    nth: usize,
    input: Option<PathBuf>,
}

/// What the settings ask for; each problem once, even where two sizes have it. Whatever is wrong
/// with names, files or the other build is found here, before anything is measured.
pub(crate) fn jobs<'a>(
    workloads: &'a [Box<dyn AnyWorkload + 'a>],
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
    answers(settings, &jobs)?;
    (0..jobs.len()).for_each(|position| jobs[position].position = position);
    Ok(jobs)
}

fn of_workload<'a>(workload: &'a dyn AnyWorkload, settings: &Settings) -> Result<Vec<Job<'a>>> {
    let job = |problem, size: &str, nth, input| Job {
        position: 0,
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

/// A title as the name of a file.
pub(crate) fn file_name(title: &str, extension: &str) -> String {
    let words = title.replace(|c: char| !c.is_ascii_alphanumeric(), " ");
    format!("{}.{extension}", words.split_whitespace().collect::<Vec<_>>().join("-"))
}

impl Job<'_> {
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.workload.name(), self.problem.label())
    }

    pub(crate) fn workload(&self) -> &dyn AnyWorkload {
        self.workload
    }

    pub(crate) fn problem(&self) -> &dyn AnyProblem {
        self.problem.as_ref()
    }

    /// Checks the answers of its rungs.
    pub(crate) fn check(
        &mut self,
        settings: &Settings,
        pools: &mut Pools,
        deadline: Instant,
    ) -> Climb {
        Climb::check(self.workload, self.problem.as_mut(), settings, pools, deadline)
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

    fn result(
        &self,
        noise_floor: Option<f64>,
        rungs: Vec<document::Rung>,
        settings: &Settings,
    ) -> document::Workload {
        document::Workload {
            position: self.position,
            name: self.workload.name().to_owned(),
            about: self.workload.about().to_owned(),
            size: self.size.clone(),
            label: self.problem.label(),
            unit: self.workload.unit().to_owned(),
            ops: self.problem.ops(),
            flops_per_op: self.workload.flops(),
            bytes_per_op: self.workload.bytes(),
            noise_floor,
            rungs,
            course: self.course(),
            picture: settings.out.as_deref().and_then(|folder| self.draw(folder)),
        }
    }

    fn course(&self) -> Vec<(String, f64)> {
        let per_op = |seconds: f64| seconds * 1e9 / self.problem.ops();
        self.problem.course().iter().map(|&(whose, s)| (whose.to_owned(), per_op(s))).collect()
    }

    /// Draws the answer into a folder, if it has a picture. One that cannot be written is said,
    /// and is no reason to lose what was measured.
    fn draw(&self, folder: &Path) -> Option<String> {
        let name = file_name(&self.title(), "png");
        let picture = self.problem.picture()?;
        let drawn = std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))
            .and_then(|()| picture::write(&picture, &folder.join(&name)));
        drawn.map_err(|error| crate::cli::warn(&error)).ok().map(|()| name)
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
        // Naive is there to be compared with, not to be fast; it is judged when it is asked for.
        let asked = |rung: &str| rung != "naive" || settings.rungs.iter().any(|name| name == rung);
        let ours = climbed.rungs.iter().filter(|r| r.peer.is_none());
        let right = ours.filter(|r| timed.contains(&r.status) && asked(&r.name));
        let tolerance = self.workload.digest_tolerance();
        let subject =
            |r: &document::Rung| Subject { rung: r.name.clone(), threads: r.threads, tolerance };
        let subjects: Vec<Subject> = right.map(subject).collect();
        compare(&self.open(), (&climbed.name, &climbed.label), &subjects, other, settings, budget)
    }
}
