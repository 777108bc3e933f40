//! The shells that completions are tested in.

use std::process::Command;

use anyhow::Result;

use super::finding::Answer;
use super::path::find;
use super::scratch::{PATIENCE, Scratch};

const SHELLS: [&str; 3] = ["bash", "fish", "zsh"];

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let (found, absent): (Vec<_>, Vec<_>) =
        SHELLS.into_iter().partition(|shell| find(shell).is_some());
    for shell in &found {
        scratch.text(Command::new(shell).args(["-c", "exit 0"]), PATIENCE)?;
    }
    Ok(if absent.is_empty() {
        Answer::found(found.join(", "))
    } else {
        Answer::missing(format!("no {} on PATH", absent.join(", no ")))
    })
}
