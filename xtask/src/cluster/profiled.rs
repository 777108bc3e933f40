//! Where the time of a job's ranks goes, by the sampler of tenfold-profile.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::job::Job;
use crate::{exit, sh};

/// The library that is loaded before the program, built first.
pub(super) fn sampler(is_dry: bool) -> Result<PathBuf> {
    let name = format!("{}preload{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = sh::build_dir().join("release/examples").join(name);
    let name = sh::text(&library)?;
    if name.contains([' ', ':']) {
        return Err(exit::usage(format!(
            "--profile: {name:?} has a blank or a colon, at which the loader splits what is loaded before programs; build \
             elsewhere, by CARGO_TARGET_DIR"
        )));
    }
    let mut cargo = sh::cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "tenfold-profile", "--all-features"]);
    cargo.args(["--example", "preload", "--bin", "tenfold-profile"]).stdin(Stdio::null());
    if is_dry {
        exit::print(&format!("# {}", sh::typed(&cargo)))?;
    } else {
        sh::run(&mut cargo)?;
    }
    Ok(library)
}

/// What compares the ranks: it was built with the sampler, in the folder above that of the library.
fn tool(sampler: &Path) -> PathBuf {
    let folder = sampler.ancestors().nth(2).unwrap_or(Path::new("."));
    folder.join(format!("tenfold-profile{}", std::env::consts::EXE_SUFFIX))
}

/// The ranks of a task, compared.
struct Merged {
    /// For the terminal.
    text: String,
    page: PathBuf,
    document: PathBuf,
    /// How many ranks have left something.
    ranks: usize,
}

/// Compares what the ranks of a task have left, as text and in two files beside it.
fn merge(job: &Job, sampler: &Path, task: u32) -> Result<Merged> {
    let folder = job.plan.folder.join(format!("profile.{task}"));
    if !folder.is_dir() {
        bail!("no rank has left one: is the program linked statically?");
    }
    let file = |form: &str| job.plan.folder.join(format!("profile.{task}.{form}"));
    let (page, document) = (file("html"), file("json"));
    let mut tool = Command::new(tool(sampler));
    tool.arg("merge").arg(&folder).arg("--out").arg(&page).arg("--out").arg(&document);
    let output = sh::output(tool.stdin(Stdio::null()))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("{}", why.trim().trim_start_matches("error: "));
    }
    let bytes = std::fs::read(&document).with_context(|| format!("no {}", document.display()))?;
    let value: Value = serde_json::from_slice(&bytes)?;
    let ranks = value["ranks"].as_array().map_or(0, Vec::len);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Merged { text, page, document, ranks })
}

/// The same for a job that samples; what keeps it from that is said.
fn merge_or_say(job: &Job, task: u32) -> Option<Merged> {
    let name = job.task_name(task);
    match merge(job, job.plan.sampler.as_ref()?, task) {
        Ok(merged) => {
            let (left, all) = (merged.ranks, job.plan.ranks);
            if left < all {
                exit::say(&format!("{name}: {left} of {all} ranks have left a profile"));
            }
            Some(merged)
        }
        Err(error) => {
            exit::say(&format!("{name} has no profile: {error:#}"));
            None
        }
    }
}

/// Shows where the time of each task's ranks went: of an array only how even they are.
pub(super) fn report(job: &Job) -> Result<()> {
    for task in job.plan.numbers() {
        let Some(Merged { text, page, .. }) = merge_or_say(job, task) else { continue };
        if job.plan.tasks.is_some() {
            let headline = text.lines().next().unwrap_or_default();
            exit::print(&format!("task {task}: {headline}\n"))?;
        } else {
            exit::print(&text)?;
        }
        exit::say(&format!("profile: {}", page.display()));
    }
    Ok(())
}

/// Where the profile of a task that is over lies, for what is collected.
pub(super) fn collected(job: &Job, task: u32) -> Value {
    merge_or_say(job, task)
        .map_or(Value::Null, |merged| json!({"page": merged.page, "document": merged.document}))
}
