//! The facts about this machine that a plan depends on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::target::Target;
use crate::doctor::{self, Dependency, Finding};
use crate::sh;

#[derive(Debug, Clone, Default)]
pub(super) struct System {
    pub(super) root: bool,
    pub(super) sudo: bool,
    pub(super) apt: bool,
    /// Those of our packages that are installed.
    pub(super) installed: BTreeSet<String>,
    /// Those of the targets that doctor finds. Asked only where there is no apt to ask.
    pub(super) found: Vec<Target>,
    /// `python3` is the distribution's, or would be, for want of another.
    pub(super) own_python: bool,
    /// `python3` makes virtual environments.
    pub(super) python_works: bool,
    /// The peers' environment is there and imports the versions that are pinned.
    pub(super) peers_work: bool,
    /// There is an mdbook, and it makes pages.
    pub(super) mdbook_works: bool,
    pub(super) deny_works: bool,
    pub(super) semver_works: bool,
}

impl System {
    /// Looks at what the targets need to know; the peers alone are slow to ask.
    pub(super) fn look(targets: &[Target]) -> Self {
        let apt = doctor::find("apt-get").is_some();
        let peers = targets.contains(&Target::Peers);
        let works = |asked: bool, dependency| {
            asked && {
                let finding = doctor::probe(dependency);
                finding.is_found() && !finding.outdated
            }
        };
        let releases = targets.contains(&Target::Release);
        Self {
            root: says(Command::new("id").arg("-u")).trim() == "0",
            sudo: doctor::find("sudo").is_some(),
            apt,
            installed: if apt { installed(targets) } else { BTreeSet::new() },
            found: if apt { Vec::new() } else { found(targets) },
            own_python: own_python(),
            python_works: works(peers, Dependency::Python),
            peers_work: works(peers, Dependency::Peers),
            mdbook_works: works(targets.contains(&Target::Docs), Dependency::Mdbook),
            deny_works: works(releases, Dependency::Deny),
            semver_works: works(releases, Dependency::Semver),
        }
    }
}

fn own_python() -> bool {
    let system = |path: PathBuf| path.parent() == Some(Path::new("/usr/bin"));
    doctor::find("python3").is_none_or(system)
}

fn found(targets: &[Target]) -> Vec<Target> {
    let all = |target: &Target| doctor::probe_each(target.dependencies());
    let found = |target: &Target| all(target).iter().all(Finding::is_found);
    targets.iter().copied().filter(found).collect()
}

/// What a command prints, or nothing: dpkg-query fails when it does not know one of the packages.
fn says(command: &mut Command) -> String {
    let output = sh::output(command).map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).into_owned()
}

fn installed(targets: &[Target]) -> BTreeSet<String> {
    let packages = targets.iter().flat_map(|target| target.packages());
    let format = "--showformat=${db:Status-Abbrev} ${Package}\\n";
    parse_dpkg(&says(Command::new("dpkg-query").args(["--show", format]).args(packages)))
}

/// The packages whose state is installed, the second letter, whatever is wanted: what is held is there too.
fn parse_dpkg(text: &str) -> BTreeSet<String> {
    let states = text.lines().filter_map(|line| line.split_once(' '));
    let installed = states.filter(|(state, _)| state.chars().nth(1) == Some('i'));
    installed.map(|(_, name)| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wholly_installed_counts() {
        // As dpkg-query prints it, the blank at the end of the state included.
        let text = "ii  gcc\nrc  mpich\nun  munge\nhi  openssh-server\niF  slurmd\n";
        assert_eq!(parse_dpkg(text), BTreeSet::from(["gcc", "openssh-server"].map(str::to_owned)));
        assert!(parse_dpkg("").is_empty());
    }
}
