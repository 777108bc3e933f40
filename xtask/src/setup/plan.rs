//! What setup would do, as plain data: nothing runs while a plan is made.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::system::System;
use super::target::Target;
use crate::doctor;
use crate::sh;

/// Tried with this one. Without its defaults, a server and a search, it needs half of the crates.
const MDBOOK: Tool = Tool {
    name: "mdbook",
    version: "0.5.4",
    options: &["--no-default-features"],
    why: "what makes pages of the book",
};

/// Of a tool that has next to nothing to compute. Built so it takes five minutes, optimized most of an hour.
const UNOPTIMIZED: &[&str] = &["--debug", "--config", "profile.dev.debug=false"];

/// Tried with this one.
const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    options: UNOPTIMIZED,
    why: "what looks at licences and known faults of dependencies",
};

/// Tried with this one; it has to know the JSON of this Rust's rustdoc.
const SEMVER: Tool = Tool {
    name: "cargo-semver-checks",
    version: "0.51.0",
    options: UNOPTIMIZED,
    why: "what compares an interface with that of a release before",
};

/// Another apt may be at work: wait for it, five minutes at most.
const LOCK: &str = "DPkg::Lock::Timeout=300";

/// The daemons of a package, which none is to leave running: with systemd, and in containers that do
/// not forbid it, Debian starts munge and sshd when they are installed (slurmctld and slurmd end at
/// once, having no slurm.conf). Containers made by Docker forbid it in /usr/sbin/policy-rc.d; there
/// stopping them does nothing, which is no error. Ubuntu's sshd is started by a socket of systemd's.
fn daemons(package: &str) -> Option<&'static str> {
    match package {
        "munge" => Some(
            "for d in slurmd slurmctld munge; do service $d stop; update-rc.d $d disable; done",
        ),
        "openssh-server" => {
            Some("systemctl disable --now ssh.socket; service ssh stop; update-rc.d ssh disable")
        }
        _ => None,
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(super) words: Vec<String>,
    pub(crate) why: String,
    /// It needs the network, so it is worth trying again.
    pub(super) network: bool,
}

impl Step {
    fn new(words: &[&str], why: &str) -> Self {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        Self { words, why: why.to_owned(), network: false }
    }

    fn over_network(self) -> Self {
        Self { network: true, ..self }
    }

    pub(crate) fn command(&self) -> Command {
        let (program, arguments) =
            self.words.split_first().map_or(("true", &[][..]), |(p, a)| (p, a));
        let mut command = Command::new(program);
        command.args(arguments);
        command
    }
}

/// Why nothing can be done, with what the user can do instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Obstacle(pub(super) String);

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
}

impl Plan {
    pub(super) fn make(targets: &[Target], system: &System) -> Result<Self, Obstacle> {
        let peers_folder = doctor::peers_folder();
        let missing: Vec<_> = targets
            .iter()
            .map(|&target| (target, missing(target, system)))
            .filter(|(_, packages)| !packages.is_empty())
            .collect();
        let mut steps = apt(&missing, system)?;
        if targets.contains(&Target::Peers) && !system.peers_work {
            steps.extend(peers(&peers_folder, system)?);
        }
        if targets.contains(&Target::Docs) && !system.mdbook_works {
            steps.push(MDBOOK.install(&doctor::tools_folder()));
        }
        if targets.contains(&Target::Release) {
            let tools = [(DENY, system.deny_works), (SEMVER, system.semver_works)];
            let missing = tools.iter().filter(|(_, works)| !works);
            steps.extend(missing.map(|(tool, _)| tool.install(&doctor::tools_folder())));
        }
        Ok(Self { steps })
    }

    pub(super) fn text(&self) -> String {
        if self.steps.is_empty() {
            return String::from("nothing to install\n");
        }
        let mut text = String::new();
        for (number, step) in (1..).zip(&self.steps) {
            // A String takes everything.
            let _ = writeln!(text, "{number:2}. {}", step.why);
            let _ = writeln!(text, "    $ {}", sh::display(&step.command()));
        }
        text
    }
}

/// The packages of a target that are not installed. A Python that did not come from apt gets
/// nothing from apt, and what was installed by hand where there is no apt is enough.
fn missing(target: Target, system: &System) -> Vec<&'static str> {
    let unpackaged = target == Target::Peers && !wants_packaged_python(system);
    if unpackaged || system.found.contains(&target) {
        return Vec::new();
    }
    let packages = target.packages().iter().copied();
    packages.filter(|&package| !system.installed.contains(package)).collect()
}

/// The distribution's Python comes in parts, and without apt only a working one will do.
fn wants_packaged_python(system: &System) -> bool {
    system.own_python && (system.apt || !system.python_works)
}

fn apt(missing: &[(Target, Vec<&str>)], system: &System) -> Result<Vec<Step>, Obstacle> {
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    if !system.apt {
        return Err(by_hand(missing.iter().map(|(target, _)| *target)));
    }
    let mut steps = vec![
        Step::new(&["apt-get", "update"], "fresh package lists: old ones name files that are gone")
            .over_network(),
    ];
    for (target, packages) in missing {
        steps.push(install(packages, target.why()).over_network());
        let why = "no daemons: tenfold starts its own, when asked to";
        let stop = packages.iter().filter_map(|package| daemons(package));
        steps.extend(stop.map(|stop| Step::new(&["sh", "-c", stop], why)));
    }
    as_root(steps, system)
}

fn install(packages: &[&str], why: &str) -> Step {
    let head = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y"];
    let options = ["--no-install-recommends", "-o", LOCK];
    Step::new(&[&head[..], &options, packages].concat(), why)
}

/// Through sudo where we are not root.
fn as_root(mut steps: Vec<Step>, system: &System) -> Result<Vec<Step>, Obstacle> {
    if system.root {
        return Ok(steps);
    }
    if !system.sudo {
        let commands: Vec<_> = steps.iter().map(|step| sh::display(&step.command())).collect();
        let commands = commands.join("\n  ");
        return Err(Obstacle(format!(
            "apt needs root and there is no sudo; run as root:\n  {commands}"
        )));
    }
    for step in &mut steps {
        step.words.insert(0, String::from("sudo"));
    }
    Ok(steps)
}

fn by_hand(targets: impl Iterator<Item = Target>) -> Obstacle {
    let mut text =
        String::from("there is no apt-get here; install by hand, under names like these:");
    for target in targets {
        let _ = write!(text, "\n  {} ({})", target.name(), target.why());
        for (manager, packages) in target.by_hand() {
            let _ = write!(text, "\n    {manager:<7} {packages}");
        }
    }
    Obstacle(text)
}

/// The environment is made anew, since what is there is incomplete.
pub(super) fn peers(folder: &Path, system: &System) -> Result<Vec<Step>, Obstacle> {
    if !wants_packaged_python(system) && !system.python_works {
        return Err(Obstacle(String::from(
            "python3 makes no virtual environment (`cargo xtask doctor` says why), and it is not \
             the distribution's, so apt cannot mend it; repair it, or put another first on PATH",
        )));
    }
    let at = folder.to_string_lossy();
    let make = Step::new(
        &["python3", "-m", "venv", "--clear", &at],
        "a Python environment of the peers' own",
    );
    let python = doctor::peers_python(folder);
    let python = python.to_string_lossy();
    let pip = [&*python, "-m", "pip", "install", "--disable-pip-version-check"];
    let fill =
        Step::new(&[&pip[..], &doctor::PEERS].concat(), "what the peers import").over_network();
    Ok(vec![make, fill])
}

/// A program that is built from its source.
struct Tool {
    name: &'static str,
    version: &'static str,
    /// For cargo, of how it is built.
    options: &'static [&'static str],
    why: &'static str,
}

impl Tool {
    fn install(&self, folder: &Path) -> Step {
        let install = ["cargo", "install", self.name, "--locked", "--version", self.version];
        let at = folder.to_string_lossy();
        let words = [&install[..], self.options, &["--root", &at]].concat();
        Step::new(&words, self.why).over_network()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bare Debian on which we are root.
    fn debian() -> System {
        System { root: true, apt: true, own_python: true, ..System::default() }
    }

    fn plan(targets: &[Target], system: &System) -> Vec<String> {
        let plan = Plan::make(targets, system).unwrap();
        plan.steps.iter().map(|step| step.words.join(" ")).collect()
    }

    fn obstacle(targets: &[Target], system: &System) -> String {
        Plan::make(targets, system).unwrap_err().0
    }

    const INSTALL: &str = "env DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends -o DPkg::Lock::Timeout=300";

    #[test]
    fn each_target_installs_its_packages() {
        for (target, packages) in [
            (Target::Tools, "gcc g++ libc6-dev zlib1g-dev valgrind fish zsh"),
            (Target::Mpi, "openmpi-bin libopenmpi-dev mpich libmpich-dev libclang-dev"),
            (Target::Gpu, "mesa-vulkan-drivers libvulkan1 vulkan-tools"),
        ] {
            let expected = [String::from("apt-get update"), format!("{INSTALL} {packages}")];
            assert_eq!(plan(&[target], &debian()), expected);
        }
    }

    #[test]
    fn slurm_leaves_no_daemon() {
        let steps = plan(&[Target::Slurm], &debian());
        assert_eq!(steps[1], format!("{INSTALL} slurm-wlm munge openssh-client openssh-server"));
        assert!(steps[2].starts_with("sh -c for d in slurmd slurmctld munge; do service $d stop"));
        assert!(steps[3].contains("service ssh stop"), "{}", steps[3]);
        // Daemons that were there before may be in use: they are left alone.
        let installed = ["munge", "openssh-server"].map(str::to_owned).into();
        assert_eq!(plan(&[Target::Slurm], &System { installed, ..debian() }).len(), 2);
    }

    #[test]
    fn peers_get_an_environment() {
        let steps = plan(&[Target::Peers], &debian());
        assert_eq!(steps.len(), 4);
        assert_eq!(steps[1], format!("{INSTALL} python3 python3-venv python3-dev"));
        assert!(steps[2].starts_with("python3 -m venv --clear "), "{}", steps[2]);
        assert!(steps[3].ends_with(&doctor::PEERS.join(" ")), "{}", steps[3]);
        assert!(steps[3].contains(" numpy=="), "{}", steps[3]);
    }

    #[test]
    fn docs_get_an_mdbook_without_root() {
        let user = System { root: false, ..System::default() };
        let steps = plan(&[Target::Docs], &user);
        assert_eq!(steps.len(), 1);
        let start = "cargo install mdbook --locked --version 0.5.4 --no-default-features --root /";
        assert!(steps[0].starts_with(start), "{}", steps[0]);
        assert!(plan(&[Target::Docs], &System { mdbook_works: true, ..user }).is_empty());
    }

    #[test]
    fn a_release_gets_those_of_its_tools_that_are_missing() {
        let user = System { root: false, ..System::default() };
        let steps = plan(&[Target::Release], &user);
        assert_eq!(steps.len(), 2);
        let start = "cargo install cargo-deny --locked --version 0.20.2 --debug ";
        assert!(steps[0].starts_with(start), "{}", steps[0]);
        let steps = plan(&[Target::Release], &System { deny_works: true, ..user });
        assert!(steps.len() == 1 && steps[0].contains("cargo-semver-checks"), "{steps:?}");
        assert!(!Target::ALL.contains(&Target::Release), "they take too long for `all`");
    }

    #[test]
    fn a_python_of_ones_own_gets_nothing_from_apt() {
        let own = System { own_python: false, python_works: true, ..debian() };
        assert_eq!(plan(&[Target::Peers], &own).len(), 2);
        let bad = System { python_works: false, ..own };
        assert!(obstacle(&[Target::Peers], &bad).contains("makes no virtual environment"));
    }

    #[test]
    fn all_updates_once_and_keeps_the_order() {
        let steps = plan(&Target::ALL, &debian());
        assert_eq!(steps.len(), 11);
        assert_eq!(steps.iter().filter(|step| step.contains("apt-get update")).count(), 1);
        assert!(steps[0].contains("update") && steps[9].contains("pip install"));
        assert!(steps[10].contains("mdbook"));
    }

    #[test]
    fn what_is_installed_is_skipped() {
        let some = ["openmpi-bin", "libopenmpi-dev", "mpich", "libmpich-dev"].map(str::to_owned);
        let system = System { installed: some.into(), ..debian() };
        assert_eq!(plan(&[Target::Mpi], &system)[1], format!("{INSTALL} libclang-dev"));
    }

    #[test]
    fn a_second_run_has_nothing_to_do() {
        let packages = Target::ALL.iter().flat_map(|target| target.packages());
        let installed = packages.map(|&package| package.to_owned()).collect();
        let system = System { installed, peers_work: true, mdbook_works: true, ..debian() };
        let plan = Plan::make(&Target::ALL, &system).unwrap();
        assert!(plan.steps.is_empty());
        assert_eq!(plan.text(), "nothing to install\n");
        // Nor does it take root.
        assert!(Plan::make(&Target::ALL, &System { root: false, ..system }).is_ok());
    }

    #[test]
    fn others_than_root_use_sudo() {
        let user = System { root: false, sudo: true, ..debian() };
        let steps = plan(&[Target::Gpu, Target::Peers], &user);
        assert!(steps[..3].iter().all(|step| step.starts_with("sudo ")));
        assert!(steps[3].starts_with("python3 "), "the environment is the user's: {}", steps[3]);
    }

    #[test]
    fn without_sudo_the_commands_are_shown() {
        let user = System { root: false, ..debian() };
        let text = obstacle(&[Target::Gpu], &user);
        assert!(text.contains("run as root:\n  apt-get update\n  env DEBIAN_FRONTEND"), "{text}");
    }

    #[test]
    fn without_apt_each_target_is_listed_for_others() {
        let system =
            System { root: true, python_works: true, own_python: true, ..System::default() };
        let text = obstacle(&Target::ALL, &system);
        for hint in ["dnf     openmpi-devel", "pacman  vulkan-swrast", "brew    open-mpi llvm"] {
            assert!(text.contains(hint), "{text}");
        }
        assert!(!text.contains("peers"), "a Python that works is enough: {text}");
        assert_eq!(plan(&[Target::Peers], &system).len(), 2);
        let found = vec![Target::Tools, Target::Mpi];
        let text = obstacle(&Target::ALL, &System { found, ..system });
        assert!(!text.contains("openmpi") && text.contains("vulkan-swrast"), "{text}");
    }

    #[test]
    fn only_downloads_are_tried_again() {
        let plan = Plan::make(&[Target::Slurm, Target::Peers], &debian()).unwrap();
        let network: Vec<_> = plan.steps.iter().map(|step| step.network).collect();
        assert_eq!(network, [true, true, false, false, true, false, true]);
    }

    #[test]
    fn the_text_can_be_pasted() {
        let step = Step::new(&["sh", "-c", "a b"], "a reason");
        let text = Plan { steps: vec![step] }.text();
        assert_eq!(text, " 1. a reason\n    $ sh -c 'a b'\n");
    }
}
