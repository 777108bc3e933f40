//! Python, able to make virtual environments. Distributions often take that part out.

use std::process::Command;

use anyhow::{Result, bail};

use super::finding::Answer;
use super::path::find;
use super::scratch::{PATIENCE, Scratch};

/// Prints the version; fails where pip could not be put into an environment.
const ASK: &str = "import ensurepip, platform; print(platform.python_version())";

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let Some(python) = find("python3") else {
        return Ok(Answer::missing("no python3 on PATH"));
    };
    let folder = scratch.path("venv");
    // Without pip: unpacking it takes seconds, and `ASK` shows that it could be.
    let mut make = Command::new(&python);
    let made = scratch.run(make.args(["-m", "venv", "--without-pip"]).arg(&folder), PATIENCE)?;
    if !made.status.success() {
        bail!("{} makes no virtual environment: {}", python.display(), made.complaint());
    }
    let asked = scratch.run(Command::new(folder.join("bin/python")).args(["-c", ASK]), PATIENCE)?;
    if !asked.status.success() {
        bail!("{} makes no virtual environment with pip: {}", python.display(), asked.complaint());
    }
    Ok(Answer::found(format!("{}, venv works, {}", asked.stdout.trim(), python.display())))
}
