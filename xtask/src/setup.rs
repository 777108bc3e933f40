//! `setup`: installs what doctor misses through the system's package manager, then asks again.
//!
//! Nothing happens behind the user's back: the plan is printed first, and carried out on `--yes` or
//! a typed `y` only.

mod plan;
mod system;
mod target;

use std::io::{self, BufRead, IsTerminal as _};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use lexopt::{Arg, Parser, ValueExt as _};

use self::plan::Plan;
pub(crate) use self::plan::Step;
use self::system::System;
use self::target::Target;
use crate::doctor::{self, Finding, Status};
use crate::exit::{self, Exit, say};
use crate::sh;

pub(crate) const HELP: &str = "\
cargo xtask setup TARGET... [--yes] [--dry-run]

  tools    C and C++ compilers, zlib, valgrind; fish and zsh, whose completions are tested
  mpi      Open MPI, MPICH, libclang
  gpu      Vulkan's loader and Mesa's drivers, the software device lavapipe among them
  slurm    Slurm, munge and sshd; no daemon is left running
  peers    a Python environment with NumPy, Numba, Cython, cffi, Dask and mpi4py, in target/tenfold/peers;
           made anew where one of them has another version
  docs     mdbook, in target/tenfold/tools, built from its source in a minute or two
  all      all of these
  release  cargo-deny and cargo-semver-checks, in target/tenfold/tools, which take minutes to build

Prints what it would run and asks before it does. What is installed already is skipped.

  --yes       do not ask
  --dry-run   print the commands, run none

Exit codes: 0 everything is found now, 1 something is still not, 2 usage, 3 nothing was done
";

/// Pauses before the second and the third try of a download.
const PAUSES: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(15)];

#[derive(Debug, Default)]
struct Options {
    targets: Vec<Target>,
    yes: bool,
    dry_run: bool,
    help: bool,
}

impl Options {
    fn parse(mut parser: Parser) -> Result<Self> {
        let mut options = Self::default();
        while let Some(arg) = parser.next().map_err(wrong)? {
            match arg {
                Arg::Short('h') | Arg::Long("help") => options.help = true,
                Arg::Short('y') | Arg::Long("yes") => options.yes = true,
                Arg::Short('n') | Arg::Long("dry-run") => options.dry_run = true,
                Arg::Value(word) => options.add(&word.string().map_err(wrong)?)?,
                other => return Err(wrong(other.unexpected())),
            }
        }
        if options.targets.is_empty() && !options.help {
            return Err(exit::usage(format!("setup wants a target\n\n{HELP}")));
        }
        Ok(options)
    }

    fn add(&mut self, word: &str) -> Result<()> {
        for target in Target::parse(word)? {
            if !self.targets.contains(&target) {
                self.targets.push(target);
            }
        }
        Ok(())
    }
}

fn wrong(error: lexopt::Error) -> anyhow::Error {
    exit::usage(format!("{error}\n\n{HELP}"))
}

pub(crate) fn run(parser: Parser) -> Result<Exit> {
    let options = Options::parse(parser)?;
    if options.help {
        return exit::print(HELP);
    }
    let plan = match Plan::make(&options.targets, &System::look(&options.targets)) {
        Ok(plan) => plan,
        Err(obstacle) => {
            say(&format!("setup: {}", obstacle.0));
            return Ok(Exit::Nothing);
        }
    };
    exit::print(&plan.text())?;
    if options.dry_run {
        return Ok(Exit::Ok);
    }
    if !plan.steps.is_empty()
        && !consents(options.yes, io::stdin().is_terminal(), io::stdin().lock())?
    {
        say("setup: nothing was done");
        return Ok(Exit::Nothing);
    }
    let failed = carry_out(&plan.steps);
    conclude(&options.targets, failed)
}

/// Whether to go on. Without a terminal there is nobody to ask.
fn consents(yes: bool, terminal: bool, mut answer: impl BufRead) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !terminal {
        return Err(exit::usage(
            "stdin is no terminal, so setup cannot ask; pass --yes to run this",
        ));
    }
    say("run this? [y/N]");
    let mut line = String::new();
    answer.read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// What makes the peers' environment with the Python that is there; nothing, where it is made.
pub(crate) fn peers() -> Result<Vec<Step>> {
    // One that works in other versions is left as it is: only `setup` renews it, which asks.
    if doctor::probe(doctor::Dependency::Peers).is_found() {
        return Ok(Vec::new());
    }
    let system = System::look(&[Target::Peers]);
    if !system.python_works {
        bail!(
            "python3 makes no virtual environment; `cargo xtask setup peers` supplies one that does"
        );
    }
    plan::peers(&doctor::peers_folder(), &system).map_err(|obstacle| anyhow!(obstacle.0))
}

/// Runs every step and counts those that failed: what one target lacks does not hold up the others.
pub(crate) fn carry_out(steps: &[Step]) -> usize {
    let failures = (1..).zip(steps).filter(|(number, step)| {
        say(&format!("[{number}/{}] $ {}", steps.len(), sh::display(&step.command())));
        let pauses = if step.network { &PAUSES[..] } else { &[] };
        let done = with_retries(pauses, || sh::run(&mut step.command()));
        if let Err(error) = &done {
            say(&format!("setup: {error:#}"));
        }
        done.is_err()
    });
    failures.count()
}

fn with_retries(pauses: &[Duration], mut attempt: impl FnMut() -> Result<()>) -> Result<()> {
    for pause in pauses {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(error) => say(&format!("setup: {error:#}; again in {} s", pause.as_secs())),
        }
        std::thread::sleep(*pause);
    }
    attempt()
}

/// Asks doctor about the targets; its answer counts more than a package manager's.
fn conclude(targets: &[Target], failed: usize) -> Result<Exit> {
    let dependencies = targets.iter().flat_map(|target| target.dependencies()).copied();
    let dependencies: Vec<_> = dependencies.collect();
    let findings = doctor::probe_each(&dependencies);
    let (line, exit) = verdict(&findings, failed);
    exit::print(&format!("\n{}\n{line}\n", doctor::list(&findings, doctor::colour())))?;
    Ok(exit)
}

fn verdict(findings: &[Finding], failed: usize) -> (String, Exit) {
    let lacking = findings.iter().filter(|finding| finding.status != Status::Found);
    let names = lacking.map(|finding| finding.name).collect::<Vec<_>>().join(", ");
    match (names.is_empty(), failed) {
        (true, 0) => (String::from("setup: done (all of it is found)"), Exit::Ok),
        (true, _) => (format!("setup: incomplete (steps that failed: {failed})"), Exit::Failed),
        (false, _) => (format!("setup: incomplete (still not there: {names})"), Exit::Failed),
    }
}

/// Whether setup has such a target.
#[cfg(test)]
pub(crate) fn knows(target: &str) -> bool {
    Target::parse(target).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str]) -> Result<Options> {
        Options::parse(Parser::from_args(words))
    }

    #[test]
    fn targets_and_flags_come_in_any_order() {
        let options = options(&["--yes", "mpi", "--dry-run", "gpu", "mpi"]).unwrap();
        assert_eq!(options.targets, [Target::Mpi, Target::Gpu]);
        assert!(options.yes && options.dry_run);
    }

    #[test]
    fn a_wrong_command_line_is_a_usage_error() {
        for words in [&["cuda"][..], &[], &["--force"]] {
            let error = options(words).unwrap_err();
            assert_eq!(Exit::from_error(error), Exit::Usage, "{words:?}");
        }
    }

    #[test]
    fn nobody_to_ask_is_a_usage_error() {
        let error = consents(false, false, io::empty()).unwrap_err();
        assert!(error.to_string().contains("--yes"), "{error}");
        assert_eq!(Exit::from_error(error), Exit::Usage);
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        assert!(consents(true, false, io::empty()).unwrap());
        assert!(consents(false, true, &b"y\n"[..]).unwrap());
        for answer in ["", "\n", "n\n", "yellow\n"] {
            assert!(!consents(false, true, answer.as_bytes()).unwrap(), "{answer:?}");
        }
    }

    #[test]
    fn a_download_is_tried_three_times() {
        let mut tries = 0;
        let mut attempt = |good: u32| {
            tries += 1;
            if tries == good { Ok(()) } else { anyhow::bail!("no network") }
        };
        assert!(with_retries(&[Duration::ZERO; 2], || attempt(3)).is_ok());
        assert!(with_retries(&[Duration::ZERO; 2], || attempt(9)).is_err());
        assert_eq!(tries, 6);
    }
}
