//! Every example of every crate, run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::child::{self, Ran};
use super::libtest;
use super::outcome::Outcome;
use crate::{exit, sh};

/// What cargo says of something it has built.
#[derive(Deserialize)]
struct Built {
    target: Target,
    executable: Option<PathBuf>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

pub(super) fn run() -> Result<Outcome> {
    // Not `cargo run --example`: with one package chosen, cargo unifies features differently, and
    // builds the dependencies again.
    let mut cargo = sh::cargo();
    cargo.args(["build", "--examples", "--all-features"]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    let built = child::keep(&mut cargo)?;
    if !built.ok {
        return Ok(Outcome::failed("the examples do not build", built.repeat));
    }
    let examples: Vec<Built> = built.lines.iter().filter_map(|line| example(line)).collect();
    if let Some(name) = shared(&examples) {
        let what = format!("two examples are called `{name}`, and cargo keeps the program of one");
        return Ok(Outcome::failed(what, built.repeat));
    }
    let mut outcome = Outcome::default();
    for example in &examples {
        outcome.add(run_one(example)?);
    }
    Ok(outcome)
}

/// A name that two examples have: cargo puts both programs in the same place.
fn shared(examples: &[Built]) -> Option<&str> {
    let mut names = BTreeSet::new();
    examples.iter().map(|example| example.target.name.as_str()).find(|name| !names.insert(*name))
}

/// The example that a line of cargo's is about.
fn example(line: &str) -> Option<Built> {
    let built: Built = serde_json::from_str(line).ok()?;
    (built.target.kind == ["example"] && built.executable.is_some()).then_some(built)
}

fn run_one(example: &Built) -> Result<Outcome> {
    let program = example.executable.as_deref().context("an example without a program")?;
    let folder = example.manifest_path.parent().unwrap_or(Path::new("."));
    let ran = child::keep(Command::new(program).current_dir(folder))?;
    exit::say(&format!("{} {}", if ran.ok { "ok    " } else { "FAILED" }, example.target.name));
    Ok(judge(&example.target.name, &package(folder), &ran))
}

/// Our packages are named after their folder.
fn package(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if folder.starts_with(sh::root().join("crates")) {
        format!("tenfold-{name}")
    } else if folder.starts_with(sh::root().join("examples")) {
        format!("tenfold-{name}-examples")
    } else {
        name.into()
    }
}

fn judge(name: &str, package: &str, ran: &Ran) -> Outcome {
    if !ran.ok {
        ran.lines.iter().for_each(|line| exit::say(line));
    }
    let repeat = format!("cargo run --all-features --package {package} --example {name}");
    let mut outcome = Outcome::of(&format!("example {name} of {package}"), ran.ok, repeat);
    outcome.skips.extend(ran.lines.iter().filter_map(|line| libtest::skip(line)));
    outcome
}

#[cfg(test)]
mod tests {
    use super::{Ran, example, judge, package, sh, shared};

    #[test]
    fn finds_examples_among_what_cargo_says() {
        let line = |kind: &str, executable: &str| {
            format!(
                r#"{{"reason": "compiler-artifact", "manifest_path": "/x/Cargo.toml",
                    "target": {{"kind": ["{kind}"], "name": "timeit"}}, "executable": {executable}}}"#
            )
        };
        assert_eq!(example(&line("example", r#""/x/timeit""#)).unwrap().target.name, "timeit");
        assert!(example(&line("lib", "null")).is_none());
        assert!(example(&line("bin", r#""/x/timeit""#)).is_none());
        assert!(example(r#"{"reason": "build-finished", "success": true}"#).is_none());
    }

    #[test]
    fn two_of_one_name_are_found() {
        let built = |name: &str| {
            let line = format!(
                r#"{{"manifest_path": "/x/Cargo.toml", "executable": "/x/{name}",
                    "target": {{"kind": ["example"], "name": "{name}"}}}}"#
            );
            example(&line).unwrap()
        };
        assert_eq!(shared(&[built("heat"), built("pi"), built("heat")]), Some("heat"));
        assert_eq!(shared(&[built("heat"), built("pi")]), None);
    }

    #[test]
    fn an_example_may_skip_and_may_fail() {
        let ran = |ok, line: &str| Ran { ok, lines: vec![line.to_owned()], repeat: String::new() };
        let skipped = judge("pi", "tenfold-gpu", &ran(true, "skipped: pi: no adapter"));
        assert_eq!(skipped.tally(), "1 passed, 0 failed, 1 skipped");
        let failed = judge("pi", "tenfold-gpu", &ran(false, "panicked"));
        assert!(failed.failures[0].repeat.ends_with("--package tenfold-gpu --example pi"));
    }

    #[test]
    fn a_crate_has_its_folders_name() {
        assert_eq!(package(&sh::root().join("crates/profile")), "tenfold-profile");
        assert_eq!(package(&sh::root().join("examples/ffi")), "tenfold-ffi-examples");
        assert_eq!(package(&sh::root().join("xtask")), "xtask");
    }
}
