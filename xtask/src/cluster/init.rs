//! `cluster init`: a site file, from what the machine shows.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::modules;
use super::site::{self, Known};
use crate::exit::{self, Exit};

pub(super) fn run(force: bool) -> Result<Exit> {
    let path = std::env::current_dir().context("there is no folder that we are in")?;
    let path = path.join(site::NAME);
    if path.exists() && !force {
        let path = path.display();
        return Err(exit::usage(format!("{path} is there already; --force writes it anew")));
    }
    let text = site::template(&known());
    std::fs::write(&path, text)
        .map_err(|error| exit::usage(format!("cannot write {}: {error}", path.display())))?;
    exit::say(&format!("wrote {}: look through it", path.display()));
    Ok(Exit::Ok)
}

fn known() -> Known {
    let mut known = Known::default();
    // A function of login shells.
    if let Some(text) = said("bash", &["-lc", "module -t avail"]) {
        (known.has_modules, known.mpi_modules) = (true, modules::mpis(&text));
    }
    if let Some(text) = said("sinfo", &["--noheader", "--format=%P|%G"]) {
        known.scheduler = Some(String::from("slurm"));
        known.partitions_of(&text);
        known.mpis_of(&said("srun", &["--mpi=list"]).unwrap_or_default());
    } else if said("qstat", &["-Q"]).is_some() {
        known.scheduler = Some(String::from("pbs"));
    }
    known
}

/// All that a command prints, if it is there and ends well before we lose patience.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new("timeout");
    let output = command.args(["20", program]).args(args).stdin(Stdio::null()).output().ok()?;
    let all = [output.stdout, output.stderr].concat();
    output.status.success().then(|| String::from_utf8_lossy(&all).into_owned())
}
