//! Where the time of each rung goes: what tenfold-profile's sampler finds while it runs.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tenfold_profile::{Report, Session};

use crate::climb::Entry;
use crate::document::{self, RungStatus};
use crate::pools::Pools;
use crate::run::{Job, file_name};
use crate::settings::Settings;

/// Samples a second.
const HZ: u32 = 1000;
/// Samples beyond these make no share any clearer than a reader needs.
const LONGEST: Duration = Duration::from_secs(3);
/// Functions of a rung that are shown.
const SHOWN: usize = 5;

/// Checks every rung's answer, runs the right ones under the sampler, and shows where each spent its
/// time, with a page for it in the folder of the settings. False where an answer was wrong.
pub(crate) fn profile(jobs: Vec<Job<'_>>, settings: &Settings) -> Result<bool> {
    let deadline = Instant::now() + settings.time;
    let mut pools = Pools::default();
    let mut all_right = true;
    let mut left = jobs.len();
    for mut job in jobs {
        let until = Instant::now() + share(deadline, left);
        left -= 1;
        let climb = job.check(settings, &mut pools, deadline);
        for refused in climb.refused() {
            all_right &= refused.status != RungStatus::Wrong;
            print(&format!("{}, {}: {}\n\n", job.title(), words(refused), reason(refused)))?;
        }
        let right: Vec<(&Entry, u64)> = climb.right().collect();
        for (at, (entry, loops)) in right.iter().enumerate() {
            let time = share(until, right.len() - at).min(LONGEST);
            let report = run(entry, *loops, &job, settings, &mut pools, time)?;
            let page = settings.out.as_deref().map(|out| write(&report, out, &title(&job, entry)));
            print(&show(&title(&job, entry), &report, page.transpose()?.as_deref()))?;
        }
    }
    Ok(all_right)
}

/// What is left until then, in so many parts.
fn share(until: Instant, parts: usize) -> Duration {
    let left = until.saturating_duration_since(Instant::now());
    left / u32::try_from(parts.max(1)).unwrap_or(u32::MAX)
}

/// Runs a rung again and again for this long, once at least.
fn run(
    entry: &Entry,
    loops: u64,
    job: &Job<'_>,
    settings: &Settings,
    pools: &mut Pools,
    time: Duration,
) -> Result<Report> {
    let timeit = entry.timeit(settings.min_sample);
    let builder = Session::builder().sampler_hz(HZ).program(title(job, entry));
    let found = pools.run(entry.rung.cores, entry.threads, || {
        let problem = job.problem();
        let loops = if loops > 0 { loops } else { problem.autorange(entry.index, &timeit) };
        let session = builder.start()?;
        let end = Instant::now() + time;
        loop {
            let taken = problem.sample(entry.index, &timeit, loops);
            taken.map_err(anyhow::Error::msg)?;
            if Instant::now() >= end {
                return Ok(session.finish());
            }
        }
    });
    // The pool exists: the check ran in it.
    let found: Result<Report> = found.map_err(anyhow::Error::msg)?;
    found.with_context(|| format!("cannot profile {}", title(job, entry)))
}

/// Writes the rung's page.
fn write(report: &Report, out: &Path, title: &str) -> Result<PathBuf> {
    let file = out.join(file_name(title, "html"));
    std::fs::create_dir_all(out)
        .with_context(|| format!("cannot make the folder {}", out.display()))?;
    report.write_html(&file)?;
    Ok(file)
}

/// What a person sees of a rung.
fn show(title: &str, report: &Report, page: Option<&Path>) -> String {
    let mut text = format!("{title}\n");
    if let Some(sampled) = report.sampled() {
        let few = sampled.pareto().map(|few| format!("{few}, by samples\n"));
        text += &format!("{}\n{}", sampled.top(SHOWN), few.unwrap_or_default());
    }
    report.diagnosis().iter().for_each(|sentence| text += &format!("note: {sentence}\n"));
    page.into_iter().for_each(|page| text += &format!("page: {}\n", page.display()));
    text + "\n"
}

fn title(job: &Job<'_>, entry: &Entry) -> String {
    format!("{}, {}", job.title(), rung(entry.rung.name, entry.threads))
}

fn rung(name: &str, threads: usize) -> String {
    if threads == 1 { name.to_owned() } else { format!("{name} on {threads} threads") }
}

fn words(refused: &document::Rung) -> String {
    rung(&refused.name, refused.threads)
}

fn reason(refused: &document::Rung) -> &str {
    refused.reason.as_deref().unwrap_or("not run")
}

fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}
