//! `--micro`: drives the criterion benches and reads their estimates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::document::{Document, Micro, RunStatus};
use super::options::Options;
use super::peers;
use crate::workspace::{BENCHES, Workspace};
use crate::{exit, sh};

/// A bench target, and the features that it is built with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bench {
    pub(super) name: String,
    features: Vec<String>,
}

/// The one bench that is named after a crate, with or without its prefix; or all but those that need a feature
/// which was not asked for, as they are heavy to build.
pub(super) fn benches(one: Option<&str>, asked: &[String]) -> Result<Vec<Bench>> {
    let names = files(&sh::root().join("benches/micro"))?;
    let workspace = Workspace::read()?;
    let bench = |name: &str| Bench {
        name: name.to_owned(),
        features: workspace.bench_features(name).to_vec(),
    };
    let Some(name) = one else {
        let all = names.iter().map(|name| bench(name));
        return Ok(all.filter(|bench| bench.features.iter().all(|f| asked.contains(f))).collect());
    };
    let short = name.trim_start_matches("tenfold-");
    if names.iter().any(|name| name == short) {
        return Ok(vec![bench(short)]);
    }
    Err(exit::usage(format!("--micro {name}: no such bench; known: {}", names.join(", "))))
}

/// The names of the Rust files in a folder.
fn files(folder: &Path) -> Result<Vec<String>> {
    let context = || format!("cannot read {}", folder.display());
    let paths = fs::read_dir(folder).with_context(context)?.flatten().map(|entry| entry.path());
    let rust = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let mut names: Vec<String> =
        rust.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    Ok(names)
}

/// The cargo command that runs a bench.
pub(super) fn command(bench: &Bench) -> Command {
    let mut cargo = sh::cargo();
    cargo.args(["bench", "--package", BENCHES, "--bench", &bench.name]);
    if !bench.features.is_empty() {
        cargo.args(["--features", &bench.features.join(",")]);
    }
    cargo.args(["--", "--noplot", "--warm-up-time", "0.5", "--measurement-time", "2"]);
    cargo
}

/// Runs the benches and adds what they estimated to the document.
pub(super) fn measure(one: Option<&str>, options: &Options, document: &mut Document) -> Result<()> {
    let python = match options.peers.as_slice() {
        [] => None,
        _ => peers::python().map_err(|error| exit::say(&format!("no peer runs: {error:#}"))).ok(),
    };
    for bench in benches(one, &options.features)? {
        // Criterion's folder keeps old estimates; only those written from now on are this run's.
        let start = SystemTime::now();
        let name = &bench.name;
        exit::say(&format!("micro {name}"));
        let mut command = command(&bench);
        // Criterion's own text would mix with the document on stdout; cargo's goes by.
        let done = sh::output(command.stderr(Stdio::inherit()))?;
        collect(&sh::target_dir().join("criterion"), start, name, &mut document.micro)?;
        if sh::interrupted(done.status) {
            document.status = RunStatus::Interrupted;
            break;
        }
        if !done.status.success() {
            exit::print(&String::from_utf8_lossy(&done.stdout))?;
            anyhow::bail!("{} failed: {}", sh::display(&command), done.status);
        }
        let said = String::from_utf8_lossy(&done.stdout);
        if let Some(skip) = said.lines().find(|line| line.starts_with("skipped: ")) {
            exit::say(skip);
        } else if document.micro.iter().all(|estimate| estimate.bench != *name) {
            anyhow::bail!("{name} ran, and left no estimates in {}", sh::target_dir().display());
        }
        if let Some(python) = &python {
            document.micro.extend(peers::costs(python, &options.peers, name)?);
        }
    }
    document.micro.sort_by(|a, b| (&a.bench, &a.id).cmp(&(&b.bench, &b.id)));
    Ok(())
}

/// Reads every `new/estimates.json` below a folder that was written since `start`.
fn collect(folder: &Path, start: SystemTime, bench: &str, into: &mut Vec<Micro>) -> Result<()> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !path.is_dir() {
            continue;
        }
        let estimates = path.join("new/estimates.json");
        let written = fs::metadata(&estimates).and_then(|metadata| metadata.modified());
        if written.is_ok_and(|written| written >= start) {
            into.push(estimate(bench, &estimates, &path.join("new/benchmark.json"))?);
        }
        collect(&path, start, bench, into)?;
    }
    Ok(())
}

fn estimate(bench: &str, estimates: &PathBuf, benchmark: &PathBuf) -> Result<Micro> {
    let read = |path: &PathBuf| -> Result<Value> {
        serde_json::from_slice(&fs::read(path)?).with_context(|| format!("{}", path.display()))
    };
    let median = &read(estimates)?["median"];
    let number = |value: &Value| value.as_f64().context("criterion's median is no number");
    let interval = &median["confidence_interval"];
    Ok(Micro {
        bench: bench.to_owned(),
        id: read(benchmark)?["full_id"].as_str().unwrap_or("unnamed").to_owned(),
        median_ns: number(&median["point_estimate"])?,
        interval_ns: (number(&interval["lower_bound"])?, number(&interval["upper_bound"])?),
    })
}
