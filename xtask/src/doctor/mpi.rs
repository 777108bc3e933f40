//! MPI: two processes that know of each other. The compiler wrapper, the launcher and the library
//! can come from three installations; only a run shows that they fit.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::finding::Answer;
use super::path::{find, variable};
use super::scratch::{PATIENCE, Scratch};

const HELLO: &str = include_str!("mpi.c");

/// Starting two ranks took 0.4 s on two cores; a launcher that looks for a network can need
/// longer before it gives up on it.
const LAUNCH: Duration = Duration::from_secs(30);

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let wrapper = variable("MPICC").unwrap_or_else(|| String::from("mpicc"));
    let launcher = launcher_of(&wrapper);
    let Some(mpicc) = find(&wrapper) else {
        return Ok(Answer::missing(format!("no {wrapper} on PATH")));
    };
    let Some(mpirun) = find(&launcher) else {
        return Ok(Answer::broken(format!("{} is there, but no {launcher}", mpicc.display())));
    };
    let version = scratch.text(Command::new(&mpirun).arg("--version"), PATIENCE)?;
    let version = Version::parse(&version);
    let program = scratch.compile(Command::new(&mpicc), "hello", HELLO)?;
    let said = scratch
        .text(version.two_ranks(&mpirun).arg(program), LAUNCH)
        .with_context(|| misfit(&version.name, &mpicc, &mpirun))?;
    Ok(judge(&said, &version.name, &mpicc, &mpirun))
}

/// `mpicc.mpich` goes with `mpirun.mpich`, `/opt/x/bin/mpicc` with `/opt/x/bin/mpirun`.
fn launcher_of(wrapper: &str) -> String {
    let (folder, file) = wrapper.rsplit_once('/').map_or((None, wrapper), |(a, b)| (Some(a), b));
    let file = match file.strip_prefix("mpicc") {
        Some(suffix) => format!("mpirun{suffix}"),
        None => String::from("mpirun"),
    };
    folder.map_or(file.clone(), |folder| PathBuf::from(folder).join(&file).display().to_string())
}

/// Which MPI the launcher belongs to.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    name: String,
    open: bool,
}

impl Version {
    /// Open MPI says `mpirun (Open MPI) 4.1.4`; MPICH prints a page with a line `Version: 4.0.2`.
    fn parse(text: &str) -> Self {
        let first = text.lines().next().unwrap_or_default().trim();
        if let Some((_, number)) = first.split_once("(Open MPI)") {
            return Self { name: format!("Open MPI {}", number.trim()), open: true };
        }
        let number = text.lines().find_map(|line| line.trim().strip_prefix("Version:"));
        let name = match number {
            Some(number) if first.starts_with("HYDRA") => format!("MPICH {}", number.trim()),
            _ => first.to_owned(),
        };
        Self { name, open: false }
    }

    /// Open MPI refuses to run as root, and more ranks than cores, unless told otherwise; MPICH
    /// refuses neither and knows no such flags.
    fn two_ranks(&self, mpirun: &Path) -> Command {
        let mut command = Command::new(mpirun);
        if self.open {
            command.args(["--allow-run-as-root", "--oversubscribe"]);
        }
        command.args(["-n", "2"]);
        command
    }
}

/// What a failed start points to, when the launcher's MPI is not the library's.
fn misfit(version: &str, mpicc: &Path, mpirun: &Path) -> String {
    let (mpicc, mpirun) = (mpicc.display(), mpirun.display());
    format!("{mpirun} ({version}) does not run two ranks of what {mpicc} compiles")
}

fn judge(said: &str, version: &str, mpicc: &Path, mpirun: &Path) -> Answer {
    let (mpicc, mpirun) = (mpicc.display(), mpirun.display());
    let mut ranks = parse_hello(said);
    ranks.sort_unstable();
    match ranks.as_slice() {
        [(0, 2), (1, 2)] => Answer::found(format!("{version}, 2 ranks greet, {mpicc}")),
        [(0, 1), (0, 1)] => Answer::broken(format!(
            "both processes are rank 0 of 1: {mpirun} ({version}) and the library that {mpicc} \
             links come from different installations of MPI"
        )),
        _ => {
            Answer::broken(format!("{mpirun} -n 2 should start ranks 0 and 1 of 2, got: {said:?}"))
        }
    }
}

/// Each `rank R of S` as (R, S), in the order of arrival.
fn parse_hello(said: &str) -> Vec<(u32, u32)> {
    said.lines()
        .filter_map(|line| {
            let (rank, size) = line.trim().strip_prefix("rank ")?.split_once(" of ")?;
            Some((rank.parse().ok()?, size.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    fn judged(said: &str) -> Answer {
        judge(said, "Open MPI 4.1.4", Path::new("/usr/bin/mpicc"), Path::new("/usr/bin/mpirun"))
    }

    #[test]
    fn two_ranks_in_any_order_are_one_world() {
        assert_eq!(judged("rank 1 of 2\nrank 0 of 2\n").status, Status::Found);
        // MPI's own warnings share stdout with the ranks.
        assert_eq!(judged("note: no network\nrank 0 of 2\nrank 1 of 2\n").status, Status::Found);
    }

    #[test]
    fn two_worlds_of_one_name_the_mismatch() {
        let answer = judged("rank 0 of 1\nrank 0 of 1\n");
        assert_eq!(answer.status, Status::Broken);
        assert!(answer.detail.contains("different installations"), "{}", answer.detail);
    }

    #[test]
    fn anything_else_is_shown() {
        let answer = judged("rank 0 of 2\n");
        assert_eq!(answer.status, Status::Broken);
        assert!(answer.detail.contains("got: \"rank 0 of 2\\n\""), "{}", answer.detail);
        assert_eq!(judged("").status, Status::Broken);
    }

    #[test]
    fn launchers_tell_what_they_are() {
        let open = Version::parse("mpirun (Open MPI) 4.1.4\n\nReport bugs to ...\n");
        assert_eq!(open, Version { name: String::from("Open MPI 4.1.4"), open: true });
        let mpich = "HYDRA build details:\n    Version:                                 4.0.2\n";
        let mpich = Version::parse(mpich);
        assert_eq!(mpich, Version { name: String::from("MPICH 4.0.2"), open: false });
        let intel = Version::parse("Intel(R) MPI Library for Linux* OS, Version 2021.11\n");
        assert_eq!(intel.name, "Intel(R) MPI Library for Linux* OS, Version 2021.11");
        assert!(!intel.open);
    }

    #[test]
    fn the_launcher_belongs_to_the_wrapper() {
        assert_eq!(launcher_of("mpicc"), "mpirun");
        assert_eq!(launcher_of("mpicc.mpich"), "mpirun.mpich");
        assert_eq!(launcher_of("/opt/mpi/bin/mpicc"), "/opt/mpi/bin/mpirun");
        assert_eq!(launcher_of("mpiicx"), "mpirun");
    }
}
