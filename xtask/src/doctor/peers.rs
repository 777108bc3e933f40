//! The peers' virtual environment, which `setup peers` makes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::finding::Answer;
use super::scratch::Scratch;
use crate::sh;

const IMPORT: &str = include_str!("peers.py");

/// The imports took 0.5 to 0.8 s here; from a network's disk that never read them, much longer.
const IMPORTS: Duration = Duration::from_secs(60);

/// The environment's folder.
pub(crate) fn folder() -> PathBuf {
    let folder = sh::target_dir().join("tenfold/peers");
    std::path::absolute(&folder).unwrap_or(folder)
}

/// The environment's Python.
pub(crate) fn python(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let folder = folder();
    let python = python(&folder);
    if !python.exists() {
        return Ok(Answer::missing(format!("no {}", folder.display())));
    }
    let script = scratch.write("peers.py", IMPORT)?;
    let reply = scratch.run(Command::new(python).arg(script), IMPORTS)?;
    if !reply.status.success() {
        bail!("{}: {}", folder.display(), reply.complaint());
    }
    Ok(Answer::found(format!("{}, {}", reply.stdout.trim(), folder.display())))
}
