//! Building the program as cargo builds it, but for line tables.

use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::arguments::{Arguments, TargetKind};
use crate::package::{Plan, cargo};
use crate::remark::Remark;
use crate::{Failure, say, wrapper};

/// How the program is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linked {
    /// As its profile has it.
    AsItIs,
    /// With its lines in itself, whatever its profile says. All packages are built anew for it.
    WithLines,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) executable: PathBuf,
    pub(crate) remarks: Vec<Remark>,
}

/// Builds the program. Cargo shows its progress, and what it says of errors and warnings.
pub(crate) fn build(plan: &Plan, arguments: &Arguments, linked: Linked) -> Result<Built, Failure> {
    let mut command = command(plan, arguments, linked);
    let failed = |error: std::io::Error| Failure::Failed(format!("cannot run cargo: {error}"));
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let (mut executable, mut remarks) = (None, vec![]);
    // What build scripts print need not be UTF-8.
    let lines = child.stdout.take().map(|pipe| BufReader::new(pipe).split(b'\n'));
    for line in lines.into_iter().flatten() {
        // Nor is all of it a message.
        let Ok(message) = serde_json::from_slice::<Value>(&line.map_err(failed)?) else { continue };
        match message["reason"].as_str() {
            Some("compiler-message") => remarks.extend(heard(&message["message"])),
            Some("compiler-artifact") if is_target(&message["target"], plan.kind, &plan.target) => {
                executable = message["executable"].as_str().map(PathBuf::from).or(executable);
            }
            _ => {}
        }
    }
    if !child.wait().map_err(failed)?.success() {
        return Err(Failure::Said);
    }
    let none = || Failure::Failed(format!("cargo built no program for `{}`", plan.target));
    Ok(Built { executable: executable.ok_or_else(none)?, remarks })
}

/// The remark in a message of the compiler; any other is shown.
fn heard(message: &Value) -> Option<Remark> {
    let remark = message["message"].as_str().and_then(Remark::parse);
    if remark.is_none()
        && let Some(text) = message["rendered"].as_str()
    {
        say(text.trim_end_matches('\n'));
    }
    remark
}

fn is_target(target: &Value, kind: TargetKind, name: &str) -> bool {
    let kinds = target["kind"].as_array().into_iter().flatten();
    target["name"] == name && kinds.into_iter().any(|k| *k == kind.name())
}

/// The command. Line tables change no code, and cargo keeps what is built with them beside what
/// is built without, so that neither throws the other away; only the packages of the workspace
/// have them, so that all others are those of the plain build.
fn command(plan: &Plan, arguments: &Arguments, linked: Linked) -> Command {
    let profile = arguments.profile.as_deref().unwrap_or("release");
    let mut cargo = cargo();
    cargo.args(["build", "--package", &plan.package, "--profile", profile]);
    cargo.args([&format!("--{}", plan.kind.name()), &plan.target]);
    cargo.args(&arguments.build).args(&arguments.network);
    if let Some(path) = &arguments.manifest_path {
        cargo.arg("--manifest-path").arg(path);
    }
    if let Some(path) = &arguments.target_dir {
        cargo.arg("--target-dir").arg(path);
    }
    let ansi = std::io::stderr().is_terminal();
    let format = if ansi { "json-diagnostic-rendered-ansi" } else { "json" };
    cargo.args(["--message-format", format]);
    let set = |key: &str, value: &str| format!("profile.{profile:?}.{key}={value:?}");
    if linked == Linked::WithLines {
        cargo.args(["--config", &set("strip", "none")]);
        cargo.args(["--config", &set("split-debuginfo", "off")]);
    }
    let debug = if arguments.no_remarks { wrapper::ASKED } else { wrapper::SILENT };
    cargo.args(["--config", &set("debug", debug)]);
    cargo.args(["--config", &set("package.\"*\".debug", "none")]);
    if !arguments.no_remarks {
        cargo.args(["--config", &set(&format!("package.{:?}.debug", plan.of), wrapper::ASKED)]);
        wrapper::install(&mut cargo);
    }
    cargo
}
