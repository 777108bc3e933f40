//! Where the time of a job's ranks goes, by the sampler of tenfold-profile.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use super::job::Job;
use crate::{exit, sh};

/// The library that is loaded before the program, built first.
pub(super) fn sampler(is_dry: bool) -> Result<PathBuf> {
    let mut cargo = sh::cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "tenfold-profile", "--all-features"]);
    cargo.args(["--example", "preload", "--bin", "tenfold-profile"]).stdin(Stdio::null());
    if is_dry {
        exit::print(&format!("# {}", sh::typed(&cargo)))?;
    } else {
        sh::run(&mut cargo)?;
    }
    let name = format!("{}preload{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Ok(built().join("examples").join(name))
}

fn built() -> PathBuf {
    sh::root().join(sh::target_dir()).join("release")
}

fn tool() -> PathBuf {
    built().join("tenfold-profile")
}

/// What ranks have left, in a folder for each machine.
fn files(folder: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let mut files: Vec<PathBuf> = inside(folder).iter().flat_map(|one| inside(one)).collect();
    files.sort();
    files
}

/// How many ranks of a task are shown one by one.
const SHOWN: usize = 4;

fn show(command: &mut Command) -> Result<()> {
    sh::run(command.stdin(Stdio::null()))
}

/// Shows where the time of a task's first ranks went, and compares the scopes of all.
pub(super) fn report(job: &Job) -> Result<()> {
    for task in job.plan.numbers() {
        let folder = job.plan.folder.join(format!("profile.{task}"));
        let files = files(&folder);
        if files.is_empty() {
            let name = job.task_name(task);
            exit::say(&format!("{name} has left no profile: is its program linked statically?"));
            continue;
        }
        for file in files.iter().take(SHOWN) {
            show(Command::new(tool()).args(["stats", "--top", "8"]).arg(file))?;
        }
        if files.len() > 1 {
            show(Command::new(tool()).arg("merge").args(&files))?;
        }
        exit::say(&format!("profiles: {}", folder.display()));
    }
    Ok(())
}
