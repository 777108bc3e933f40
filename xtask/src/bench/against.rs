//! `--against`: which other build to compare with.
//!
//! Two runs at different times differ by more than the changes one looks for, so a comparison
//! never takes figures from a file: it runs the program that measured them again, its samples
//! alternating with ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::document::{Document, Host};
use super::history;
use crate::{exit, sh};

/// The other build's program: of the last run on this host, of a document, or the file itself.
pub(super) fn program(what: &str, ours: &Path) -> Result<PathBuf> {
    if what == "last" {
        return last(ours);
    }
    let file = std::path::absolute(what)?;
    let bytes = std::fs::read(&file)
        .map_err(|error| exit::usage(format!("--against {what}: cannot read it: {error}")))?;
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(file);
    }
    let document = serde_json::from_slice::<Document>(&bytes)
        .map_err(|error| exit::usage(format!("--against {what}: no document of a run: {error}")))?;
    kept(&document).with_context(|| format!("--against {what}"))
}

fn last(ours: &Path) -> Result<PathBuf> {
    let host = sh::output(Command::new(ours).arg("host"))?;
    let host: Host = serde_json::from_slice(&host.stdout).context("the ladder names no host")?;
    let earlier = history::of_host(&host.fingerprint)?;
    let last = earlier.iter().rev().find(|document| !document.program.is_empty());
    let last = last.ok_or_else(|| {
        let file = history::file();
        exit::nothing(format!(
            "no earlier run on this host in {}; run without --against first",
            file.display()
        ))
    });
    kept(last?).context("--against last")
}

/// The kept program of a document.
fn kept(document: &Document) -> Result<PathBuf> {
    let is_hash = document.program.bytes().all(|byte| byte.is_ascii_hexdigit());
    let program = history::program(&document.program);
    (is_hash && program.is_file()).then_some(program).ok_or_else(|| {
        let commit = &document.host.commit;
        exit::nothing(format!(
            "the program of the run of {} is no longer kept; build commit {commit} and give its \
             target/release/ladder",
            document.time
        ))
    })
}
