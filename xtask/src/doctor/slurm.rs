//! Slurm: its programs, and whether a controller answers. No controller is no fault: on one machine
//! tenfold starts its own.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::finding::Answer;
use super::path::find;
use super::scratch::{PATIENCE, Scratch};

/// Each program with the flag that makes it say its version: clients, then daemons.
const CLIENTS: [(&str, &str); 2] = [("sinfo", "--version"), ("sbatch", "--version")];
const DAEMONS: [(&str, &str); 3] = [("slurmctld", "-V"), ("slurmd", "-V"), ("munged", "--version")];

/// Without any configuration even `sinfo --version` fails: it looks for one in the network first.
const CONFIG: &str = "ClusterName=doctor\nSlurmctldHost=localhost\n";

/// A controller that is there answers at once; where there is none, sinfo takes 9 s to say so.
const ANSWER: Duration = Duration::from_secs(5);

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let config = scratch.write("slurm.conf", CONFIG)?;
    let clients = Part::look(scratch, &config, &CLIENTS);
    let daemons = Part::look(scratch, &config, &DAEMONS);
    let controller = clients.absent.is_empty() && controller(scratch);
    Ok(judge(&clients, &daemons, controller))
}

fn controller(scratch: &Scratch) -> bool {
    let Some(sinfo) = find("sinfo") else { return false };
    scratch.text(Command::new(sinfo).arg("--noheader"), ANSWER).is_ok()
}

/// The programs of one side: those that are here, with their versions, and those that are not.
#[derive(Debug, Default)]
struct Part {
    versions: Vec<String>,
    broken: Vec<String>,
    absent: Vec<&'static str>,
}

impl Part {
    fn look(scratch: &Scratch, config: &Path, programs: &[(&'static str, &str)]) -> Self {
        let mut part = Self::default();
        for &(name, flag) in programs {
            let Some(path) = find(name) else {
                part.absent.push(name);
                continue;
            };
            let mut ask = Command::new(path);
            match scratch.text(ask.arg(flag).env("SLURM_CONF", config), PATIENCE) {
                Ok(text) => part.versions.push(format!("{name} {}", parse_version(&text))),
                Err(error) => part.broken.push(format!("{error:#}")),
            }
        }
        part
    }
}

/// `slurm-wlm 22.05.8` and `munge-0.5.15 (2022-06-22)` as numbers.
fn parse_version(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    let digits = line.find(|c: char| c.is_ascii_digit()).map_or("", |start| &line[start..]);
    digits.split_whitespace().next().unwrap_or_default()
}

fn judge(clients: &Part, daemons: &Part, controller: bool) -> Answer {
    let versions = [clients.versions.as_slice(), &daemons.versions].concat().join(", ");
    let broken = [clients.broken.as_slice(), &daemons.broken].concat().join("; ");
    let absent = [clients.absent.as_slice(), &daemons.absent].concat().join(", ");
    if !broken.is_empty() {
        return Answer::broken(broken);
    }
    match (versions.is_empty(), absent.is_empty(), controller) {
        (true, ..) => Answer::missing(format!("not on PATH: {absent}")),
        // A login node has clients only, and that is enough to submit jobs.
        (_, _, true) => Answer::found(format!("{versions}; a controller answers")),
        (_, true, false) => Answer::found(format!("{versions}; installed, no controller answers")),
        (_, false, false) => {
            Answer::broken(format!("{versions}, but not {absent}, and no controller answers"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    fn here(versions: &[&str]) -> Part {
        let versions = versions.iter().map(|&name| name.to_owned()).collect();
        Part { versions, ..Part::default() }
    }

    fn absent(names: &[&'static str]) -> Part {
        Part { absent: names.to_vec(), ..Part::default() }
    }

    #[test]
    fn programs_without_a_controller_are_enough() {
        let answer = judge(&here(&["sinfo 22.05.8"]), &here(&["slurmd 22.05.8"]), false);
        assert_eq!(answer.status, Status::Found);
        assert!(answer.detail.ends_with("installed, no controller answers"));
    }

    #[test]
    fn clients_alone_need_a_controller() {
        let (clients, daemons) = (here(&["sinfo 22.05.8"]), absent(&["slurmctld"]));
        assert_eq!(judge(&clients, &daemons, true).status, Status::Found);
        let answer = judge(&clients, &daemons, false);
        assert_eq!(answer.status, Status::Broken);
        assert!(answer.detail.contains("not slurmctld"), "{}", answer.detail);
    }

    #[test]
    fn nothing_is_missing_and_a_failing_program_is_broken() {
        let nothing = absent(&["sinfo"]);
        assert_eq!(judge(&nothing, &absent(&["slurmd"]), false).status, Status::Missing);
        let failing = Part { broken: vec![String::from("sinfo failed")], ..Part::default() };
        assert_eq!(judge(&failing, &here(&["slurmd 1"]), false).status, Status::Broken);
    }

    #[test]
    fn versions_are_the_first_number() {
        assert_eq!(parse_version("slurm-wlm 22.05.8\n"), "22.05.8");
        assert_eq!(parse_version("munge-0.5.15 (2022-06-22)\n"), "0.5.15");
        assert_eq!(parse_version(""), "");
    }
}
