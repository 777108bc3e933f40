//! cargo and rustc. Both are asked: an installation can have one without the other.

use std::process::Command;

use anyhow::Result;

use super::finding::Answer;
use super::scratch::{PATIENCE, Scratch};
use crate::sh;

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let cargo = scratch.text(sh::cargo().arg("--version"), PATIENCE)?;
    let rustc =
        scratch.text(Command::new(rustc).current_dir(sh::root()).arg("--version"), PATIENCE)?;
    Ok(Answer::found(format!("{}, {}", without_commit(&cargo), without_commit(&rustc))))
}

/// `cargo 1.95.0 (abcdef 2026-01-01)` without its parenthesis.
fn without_commit(version: &str) -> &str {
    version.split(" (").next().unwrap_or(version).trim()
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_lose_their_commit() {
        assert_eq!(super::without_commit("cargo 1.95.0 (f2d3ce0bd 2026-03-21)\n"), "cargo 1.95.0");
        assert_eq!(super::without_commit("rustc 1.95.0\n"), "rustc 1.95.0");
    }
}
