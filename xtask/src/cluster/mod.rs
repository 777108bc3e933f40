//! `cargo xtask cluster`: submits programs to where they run, waits, and collects.

mod init;
mod job;
mod launcher;
mod machine;
mod modules;
mod options;
mod place;
mod plan;
mod profiled;
mod scale;
mod scaling;
mod scheduler;
mod script;
mod site;
mod state;
mod submit;
mod wait;
mod word;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::job::Job;
pub(crate) use self::options::HELP;
use self::options::{Options, Which};
use self::plan::Steps;
use self::site::Site;
use self::state::State;
use self::wait::Waited;
use crate::exit::{self, Exit};
use crate::sh;

/// `cargo xtask cluster`
pub(crate) fn run(parser: lexopt::Parser) -> Result<Exit> {
    match Options::parse(parser)? {
        Options::Help => exit::print(HELP),
        Options::Init { force } => init::run(force),
        Options::Submit(submission) => submit::run(&submission),
        Options::Status(which) => status(&which),
        Options::Logs(which) => logs(&which),
        Options::Collect(which) => collect(&which),
        Options::Cancel(which) => cancel(&which),
    }
}

/// The site file of this folder, or of the workspace.
fn site_of(named: Option<&PathBuf>) -> Result<Site> {
    let here = std::env::current_dir().context("there is no folder that we are in")?;
    Site::find(named.map(PathBuf::as_path), &[here, sh::root().to_owned()])
}

/// Where jobs are on record.
fn root(site: &Site) -> Result<PathBuf> {
    let folder = site.folder.clone();
    let folder = folder.unwrap_or_else(|| sh::build_dir().join("tenfold/cluster"));
    let wrong = |why: String| exit::usage(format!("folder = {folder:?} in the site file: {why}"));
    let path = std::path::absolute(&folder).map_err(|error| wrong(error.to_string()))?;
    // A directive is a line, in which a backslash keeps Slurm from putting numbers of tasks into names.
    if sh::text(&path)?.contains(|c: char| c.is_control() || c == '\\') {
        return Err(wrong(String::from("queues take no names with line breaks or backslashes")));
    }
    Ok(path)
}

fn find(which: &Which) -> Result<Job> {
    let job = Job::find(&root(&site_of(which.site.as_ref())?)?, which.job)?;
    match which.task.filter(|task| !job.plan.numbers().contains(task)) {
        Some(task) => Err(exit::usage(format!("--task {task}: job {} has no such", job.number))),
        None => Ok(job),
    }
}

/// What has become of a job, or of all.
fn status(which: &Which) -> Result<Exit> {
    let root = root(&site_of(which.site.as_ref())?)?;
    if which.job.is_some() || which.task.is_some() {
        let job = find(which)?;
        let mut states = asked(&job);
        states.retain(|(task, _)| which.task.is_none_or(|one| one == *task));
        let lines = states.iter().map(|(task, state)| line(&job, *task, state));
        exit::print(&lines.collect::<String>())?;
        return Ok(exit_of(&states));
    }
    let jobs = Job::all(&root)?;
    if jobs.is_empty() {
        exit::say(&format!("no job in {}", root.display()));
    }
    for job in jobs {
        exit::print(&format!(
            "job {} ({}) {}\n",
            job.number,
            job.plan.name,
            summary(&asked(&job))
        ))?;
    }
    Ok(Exit::Ok)
}

/// The states of a job now.
fn asked(job: &Job) -> Vec<(u32, State)> {
    job.ask().1
}

fn line(job: &Job, task: u32, state: &State) -> String {
    format!("{} {}\n", job.task_name(task), state.sentence(&job.plan))
}

/// `is done`, or how many tasks are in which state.
fn summary(states: &[(u32, State)]) -> String {
    let mut counts: Vec<(&str, usize)> = vec![];
    for (_, state) in states {
        match counts.iter_mut().find(|(name, _)| *name == state.name()) {
            Some((_, count)) => *count += 1,
            None => counts.push((state.name(), 1)),
        }
    }
    match counts[..] {
        [(name, 1)] => name.to_owned(),
        _ => counts
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// 5 if something has failed; whatever runs or is not known is no failure.
fn exit_of(states: &[(u32, State)]) -> Exit {
    if states.iter().any(|(_, state)| state.has_failed()) { Exit::Job } else { Exit::Ok }
}

fn logs(which: &Which) -> Result<Exit> {
    let job = find(which)?;
    let tasks = which.task.map_or_else(|| job.plan.numbers(), |task| vec![task]);
    for task in tasks {
        if which.task.is_none() && job.plan.tasks.is_some() {
            exit::print(&format!("== task {task}\n"))?;
        }
        match std::fs::read(job.log(task)) {
            Ok(bytes) if !bytes.is_empty() => drop(exit::print(&String::from_utf8_lossy(&bytes))?),
            _ => exit::say(&format!("{} has printed nothing yet", job.task_name(task))),
        }
    }
    Ok(Exit::Ok)
}

fn cancel(which: &Which) -> Result<Exit> {
    let job = find(which)?;
    if asked(&job).iter().all(|(_, state)| state.is_over()) {
        exit::say(&format!("job {} is over already", job.number));
        return Ok(Exit::Ok);
    }
    job.cancel()?;
    exit::say(&format!("job {} was told to end", job.number));
    Ok(Exit::Ok)
}

/// All that is known of a job, as a document.
fn collect(which: &Which) -> Result<Exit> {
    let job = find(which)?;
    let states = asked(&job);
    if let Some((task, state)) = states.iter().find(|(_, state)| !state.is_over()) {
        exit::say(&format!("{} {}", job.task_name(*task), state.sentence(&job.plan)));
    }
    if let Some(steps) = &job.plan.steps {
        return report_study(&job, steps, &states);
    }
    let document = json!({
        "job": job.number,
        "name": job.plan.name,
        "ranks": job.plan.ranks,
        "nodes": job.plan.nodes,
        "threads_per_rank": job.plan.threads_per_rank,
        "tasks": states.iter().map(|(task, state)| of_task(&job, *task, state)).collect::<Vec<_>>(),
    });
    exit::print(&format!("{document:#}\n"))?;
    job.write("collected.json", &serde_json::to_vec_pretty(&document)?)?;
    Ok(exit_of(&states))
}

/// All that is known of a task. What it leaves is read when it is over: before, it may be half of it.
fn of_task(job: &Job, task: u32, state: &State) -> Value {
    let seconds = match state {
        State::Done { seconds } => Some(*seconds),
        _ => None,
    };
    let mut known = json!({
        "task": task,
        "state": state.name(),
        "says": state.sentence(&job.plan),
        "seconds": seconds,
        "result": null,
        "profile": null,
    });
    if !state.is_over() {
        return known;
    }
    match job.result(task) {
        None => {}
        Some(Ok(result)) => known["result"] = result,
        Some(Err((text, why))) => {
            exit::say(&format!("{}: {why}; its text is in `text`", job.task_name(task)));
            known["text"] = Value::String(text);
        }
    }
    if job.plan.sampler.is_some() {
        known["profile"] = profiled::collected(job, task);
    }
    known
}

/// What a job was run for beside its results.
fn report(job: &Job) -> Result<Exit> {
    if job.plan.sampler.is_some() {
        profiled::report(job)?;
    }
    job.plan.steps.as_ref().map_or(Ok(Exit::Ok), |steps| scale::report(job, steps))
}

/// Waits for a job, and says how it ended.
fn finish(job: &Job) -> Result<Exit> {
    let states = match wait::wait(job)? {
        Waited::Over(states) => states,
        Waited::Interrupted => {
            let (number, again) = (job.number, "cargo xtask cluster");
            exit::say(&format!(
                "job {number} goes on: `{again} status {number}` finds it again, `{again} cancel {number}` ends it"
            ));
            return Ok(Exit::Interrupted);
        }
    };
    if exit_of(&states) == Exit::Ok {
        let since = state::time(submit::now().saturating_sub(job.submitted));
        exit::say(&format!("job {} {}, {since} since it was submitted", job.number, done(&states)));
        return report(job);
    }
    if let Some(steps) = &job.plan.steps {
        return report_study(job, steps, &states);
    }
    say_failed(job, &states);
    Ok(Exit::Job)
}

/// Reports a study: of one that has failed, the runs that have not.
fn report_study(job: &Job, steps: &Steps, states: &[(u32, State)]) -> Result<Exit> {
    let reported = scale::report(job, steps);
    if exit_of(states) == Exit::Ok {
        return reported;
    }
    if let Err(error) = reported {
        exit::say(&format!("{error:#}"));
    }
    say_failed(job, states);
    Ok(Exit::Job)
}

/// Says how tasks have failed, and shows the ends of logs that nobody has seen.
fn say_failed(job: &Job, states: &[(u32, State)]) {
    for (task, state) in states.iter().filter(|(_, state)| state.has_failed()) {
        exit::say(&format!("error: {} {}", job.task_name(*task), state.sentence(&job.plan)));
        let tail = job.tail(*task);
        if job.plan.tasks.is_some() && !tail.is_empty() {
            exit::say(&format!("the end of its log, {}:\n{tail}", job.log(*task).display()));
        }
    }
}

fn done(states: &[(u32, State)]) -> String {
    let seconds = |(_, state): &(u32, State)| match state {
        State::Done { seconds } => *seconds,
        _ => 0,
    };
    let longest = state::time(states.iter().map(seconds).max().unwrap_or_default());
    match states.len() {
        1 => format!("is done, after {longest}"),
        count => format!("is done: {count} tasks, the longest took {longest}"),
    }
}
