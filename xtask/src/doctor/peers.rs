//! The peers' virtual environment, which `setup peers` makes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::finding::Answer;
use super::scratch::Scratch;
use crate::sh;

const IMPORT: &str = include_str!("peers.py");

/// Exact versions, so that figures of two machines are of the same programs. They fit each other, and Python 3.11 and
/// later. setuptools is CFFI's compiler driver where Python has none of its own (3.12 and later).
pub(crate) const PINNED: [&str; 9] = [
    "numpy==2.4.6",
    "scipy==1.17.1",
    "numba==0.68.1",
    "cython==3.3.1",
    "cffi==2.1.1",
    "setuptools>=68",
    "mpi4py==4.1.2",
    "dask==2026.8.0",
    "zarr==3.1.6",
];

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
    let versions = reply.stdout.trim();
    let found = Answer::found(format!("{versions}, {}", folder.display()));
    Ok(match differences(versions) {
        others if others.is_empty() => found,
        others => found.outdated(&others.join(", ")),
    })
}

/// Those of the versions that the script prints that are not the pinned ones.
fn differences(versions: &str) -> Vec<String> {
    let found = versions.split(", ").filter_map(|pair| pair.split_once(' '));
    let pinned = |name: &str| {
        let mut exact = PINNED.iter().filter_map(|pin| pin.split_once("=="));
        exact.find(|(pin, _)| *pin == name).map(|(_, version)| version)
    };
    let pairs = found.filter_map(|(name, version)| Some((name, version, pinned(name)?)));
    let others = pairs.filter(|(_, version, pinned)| version != pinned);
    others.map(|(name, version, pinned)| format!("{name} {version}, not {pinned}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{IMPORT, PINNED, differences};

    #[test]
    fn versions_that_are_not_the_pinned_ones_are_named() {
        let pairs = PINNED.iter().filter_map(|pin| pin.split_once("=="));
        let all: Vec<String> = pairs.map(|(name, version)| format!("{name} {version}")).collect();
        assert!(all.len() > 7, "{all:?}");
        assert!(differences(&all.join(", ")).is_empty());
        let other = all.join(", ").replace("numba 0.68.1", "numba 0.61.0");
        assert_eq!(differences(&other), ["numba 0.61.0, not 0.68.1"]);
        assert!(differences("setuptools 80.1, other 1.0").is_empty());
    }

    #[test]
    fn each_pinned_module_is_asked_for_its_version() {
        for (name, _) in PINNED.iter().filter_map(|pin| pin.split_once("==")) {
            let imported =
                IMPORT.lines().any(|line| line.to_lowercase() == format!("import {name}"));
            assert!(imported, "{name}");
        }
    }
}
