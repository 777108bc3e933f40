//! Building the ladder and listening to it.

use std::io::{BufRead, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};

use super::against;
use super::document::{Document, Event, Host, RunStatus, SCHEMA};
use super::history;
use super::options::{Format, Options};
use super::peers;
use super::ranks;
use super::seed;
use crate::exit::Exit;
use crate::workspace::Workspace;
use crate::{exit, sh};

/// The cargo command that builds the ladder.
pub(super) fn build_command(options: &Options) -> Command {
    let mut features = options.features.clone();
    let mut cargo = sh::cargo();
    cargo.args(["build", "--package", "tenfold-benches", "--bin", "ladder"]);
    cargo.args(build_profile(options));
    if options.profile {
        features.push("profile".to_owned());
    }
    if !features.is_empty() {
        cargo.args(["--features", &features.join(",")]);
    }
    cargo
}

/// How cargo builds what is measured.
pub(super) fn build_profile(options: &Options) -> &'static [&'static str] {
    if options.profile { &["--profile", "profiled"] } else { &["--release"] }
}

/// The ladder to use, and the seconds it took to build it here.
pub(super) fn program(options: &Options) -> Result<(PathBuf, Option<f64>)> {
    match &options.ladder {
        Some(program) if program.is_file() => Ok((program.clone(), None)),
        Some(program) => Err(exit::usage(format!("--ladder {}: no such file", program.display()))),
        None => {
            known_features(&options.features)?;
            let start = Instant::now();
            let program = built(&mut build_command(options))?;
            Ok((program, Some(start.elapsed().as_secs_f64())))
        }
    }
}

/// The program that cargo builds.
pub(super) fn built(cargo: &mut Command) -> Result<PathBuf> {
    cargo.args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let built = sh::output(cargo)?;
    if !built.status.success() {
        bail!("{} failed: {}", sh::display(cargo), built.status);
    }
    // Cargo says where it put the program; with a target folder of one's own that is not guessed.
    let artifact = |line: &str| -> Option<PathBuf> {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(message.get("executable")?.as_str()?.into())
    };
    let lines = String::from_utf8_lossy(&built.stdout);
    lines.lines().filter_map(artifact).next_back().context("cargo named no program")
}

/// Refuses a feature that no rung knows, and names those there are.
fn known_features(features: &[String]) -> Result<()> {
    if features.is_empty() {
        return Ok(());
    }
    let workspace = Workspace::read()?;
    let known = workspace.rung_features();
    match features.iter().find(|feature| !known.contains(&feature.as_str())) {
        Some(feature) => {
            let known = known.join(", ");
            Err(exit::usage(format!("--with {feature}: no rung needs it; known: {known}")))
        }
        None => Ok(()),
    }
}

/// Builds the ladder, runs it, and fills the document with what it says.
pub(super) fn climb(options: &Options, document: &mut Document) -> Result<()> {
    let (program, build_s) = program(options)?;
    let mut command = Command::new(&program);
    command.arg("run").args(options.ladder_args()).args(options.run_args(document.seed));
    command.arg("--out").arg(super::folder());
    ranks::supply(options, &mut command);
    peers::supply(options, &mut command);
    if let Some(what) = &options.against {
        command.arg("--against").arg(against::program(what, &program)?);
        document.against = Some(what.clone());
    }
    if std::io::stderr().is_terminal() && std::env::var_os("CI").is_none() {
        command.arg("--progress");
    }
    listen(&mut command, options, document)?;
    identify(&mut document.host);
    document.workloads.sort_by_key(|workload| workload.position);
    for rung in document.workloads.iter_mut().flat_map(|workload| &mut workload.rungs) {
        rung.build_s = build_s;
    }
    if options.recorded() {
        document.program = history::keep_program(&program)?;
    }
    let mut floors: Vec<f64> =
        document.workloads.iter().filter_map(|workload| workload.noise_floor).collect();
    floors.sort_by(f64::total_cmp);
    document.noise_floor = floors.get(floors.len() / 2).copied();
    Ok(())
}

/// Runs each rung under the sampler; the ladder shows what it found, and writes a page a rung.
pub(super) fn profile(options: &Options) -> Result<Exit> {
    let (program, _) = program(options)?;
    let mut command = profile_command(&program, options);
    ranks::supply(options, &mut command);
    let status = command.status().with_context(|| format!("cannot start {}", program.display()))?;
    match status.code() {
        Some(0) => Ok(Exit::Ok),
        Some(2) => Err(exit::Said(Exit::Usage).into()),
        Some(4) => Ok(Exit::Wrong),
        _ if sh::interrupted(status) => Ok(Exit::Interrupted),
        _ => Err(exit::Said(Exit::Failed).into()),
    }
}

/// How the ladder is run for it.
pub(super) fn profile_command(program: &Path, options: &Options) -> Command {
    let mut command = Command::new(program);
    command.arg("profile").args(options.ladder_args()).args(options.run_args(seed(options)));
    command.arg("--out").arg(super::folder().join("profile"));
    command
}

/// The machine, for a run that does not climb.
pub(super) fn host(options: &Options) -> Result<Host> {
    let (program, _) = program(options)?;
    let output = sh::output(Command::new(&program).arg("host"))?;
    let mut host = serde_json::from_slice(&output.stdout).context("the ladder names no host")?;
    identify(&mut host);
    Ok(host)
}

/// What the ladder cannot know of how it was built.
fn identify(host: &mut Host) {
    host.rustc = first_line(Command::new("rustc").arg("--version"));
    host.commit = commit();
}

/// Reads the ladder's events until it ends. Ctrl-C reaches the ladder by itself; what it had
/// finished by then is kept, and so is what a ladder had finished that crashed.
fn listen(command: &mut Command, options: &Options, document: &mut Document) -> Result<()> {
    let context = format!("cannot start {}", sh::display(command));
    let mut child = command.stdout(Stdio::piped()).spawn().context(context)?;
    let stdout = child.stdout.take().context("the ladder has no stdout")?;
    let mut last = String::new();
    let heard = hear(BufReader::new(stdout), options, document, &mut last);
    let status = child.wait()?;
    if status.success() {
        anyhow::ensure!(heard?, "the ladder ended early, at {last}");
        return Ok(());
    }
    if document.host.cpu.is_empty() && !sh::interrupted(status) {
        // It has not begun: a usage error, which it has explained, or no ladder at all.
        heard?;
        return Err(match status.code() {
            Some(2) => exit::Said(Exit::Usage).into(),
            _ => anyhow!("the ladder ended before it began: {status}"),
        });
    }
    // The last line may be half a line: no error.
    document.status =
        if sh::interrupted(status) { RunStatus::Interrupted } else { RunStatus::Crashed };
    exit::say(&format!("the ladder was cut short at {last}: {status}"));
    Ok(())
}

/// Takes event after event; true if the final one came. `last` is what was begun last.
fn hear(
    lines: impl BufRead,
    options: &Options,
    document: &mut Document,
    last: &mut String,
) -> Result<bool> {
    let mut ended = false;
    for line in lines.lines() {
        let line = line?;
        if options.format == Format::Jsonl {
            exit::print(&format!("{line}\n"))?;
        }
        ended |= take(&line, document, last)?;
    }
    Ok(ended)
}

/// Puts one event into the document; true for the final one.
fn take(line: &str, document: &mut Document, last: &mut String) -> Result<bool> {
    let not_an_event = || {
        let start: String = line.chars().take(80).collect();
        format!("the ladder printed what is no event: {start}")
    };
    match serde_json::from_str(line).with_context(not_an_event)? {
        Event::Start { schema, .. } if schema != SCHEMA => {
            bail!("the ladder speaks schema {schema}, this xtask {SCHEMA}; build both afresh")
        }
        Event::Start { host, .. } => document.host = host,
        Event::Begin { title } => *last = title,
        Event::Peaks(peaks) => document.peaks = Some(peaks),
        Event::Workload(workload) => document.workloads.push(*workload),
        Event::Comparison(comparison) => document.comparisons.push(comparison),
        Event::End => return Ok(true),
    }
    Ok(false)
}

/// What a program said of its failure, without its own `error: `.
pub(super) fn complaint(stderr: &[u8]) -> String {
    String::from_utf8_lossy(stderr).trim().trim_start_matches("error: ").to_owned()
}

/// The commit, with `+` when there are changes; empty outside a repository.
fn commit() -> String {
    let git = |args: &[&str]| first_line(Command::new("git").current_dir(sh::root()).args(args));
    let commit = git(&["rev-parse", "--short", "HEAD"]);
    let changes = git(&["status", "--porcelain"]);
    if changes.is_empty() { commit } else { format!("{commit}+") }
}

/// The first line that a program prints; empty if it cannot be had.
fn first_line(command: &mut Command) -> String {
    let output = sh::output(command).ok().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.and_then(|text| Some(text.lines().next()?.to_owned())).unwrap_or_default()
}
