//! Programs that `cargo xtask setup` builds into a folder of their own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::finding::Answer;
use super::path::find;
use super::scratch::{PATIENCE, Scratch};
use crate::sh;

/// The folder that they are installed into.
pub(crate) fn folder() -> PathBuf {
    let folder = sh::target_dir().join("tenfold/tools");
    std::path::absolute(&folder).unwrap_or(folder)
}

/// Ours, or else the program on `PATH`, which may be broken.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let ours = folder().join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    Some(ours).filter(|path| path.is_file()).or_else(|| find(name))
}

/// That there is none, and where it was looked for.
pub(super) fn missing(name: &str) -> Answer {
    let folder = folder().join("bin");
    Answer::missing(format!("no {name} on PATH or in {}", folder.display()))
}

pub(super) fn deny(scratch: &Scratch) -> Result<Answer> {
    subcommand(scratch, "deny")
}

pub(super) fn semver(scratch: &Scratch) -> Result<Answer> {
    subcommand(scratch, "semver-checks")
}

/// A command of cargo's: says its version when it is started as cargo starts it.
fn subcommand(scratch: &Scratch, word: &str) -> Result<Answer> {
    let name = format!("cargo-{word}");
    let Some(program) = program(&name) else { return Ok(missing(&name)) };
    let version = scratch.text(Command::new(&program).args([word, "--version"]), PATIENCE)?;
    Ok(Answer::found(format!("{}, {}", version.trim(), program.display())))
}
