//! The commands: one table, which `main` looks a name up in, and help and shells' completions are made of.

use std::fmt::Write as _;

use anyhow::Result;
use lexopt::Parser;

use crate::exit::Exit;
use crate::{
    annotate, bench, build, cache, cluster, completions, docs, doctor, ext, mpirun, new, peers,
    release, setup, test, trial,
};

/// A command.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What it is for, in a line.
    pub(crate) about: &'static str,
    /// What `--help` prints. Its options are those that shells complete, as far as they begin a line.
    pub(crate) help: &'static str,
    pub(crate) run: fn(Parser) -> Result<Exit>,
}

impl Command {
    /// In the order in which one comes to need them.
    pub(crate) const ALL: &'static [Self] = &[
        Self {
            name: "bench",
            about: "climb the ladder: check every rung's answer, then time it",
            help: bench::HELP,
            run: bench::run,
        },
        Self {
            name: "test",
            about: "everything that must hold before a change lands",
            help: test::HELP,
            run: test::run,
        },
        Self {
            name: "build",
            about: "build what this machine can, list the rest with reasons",
            help: build::HELP,
            run: build::run,
        },
        Self {
            name: "doctor",
            about: "what is installed, and what one would want it for",
            help: doctor::HELP,
            run: doctor::run,
        },
        Self {
            name: "setup",
            about: "install what doctor misses, through the system's package manager",
            help: setup::HELP,
            run: setup::run,
        },
        Self {
            name: "mpirun",
            about: "start a program on so many ranks, threads or processes of MPI",
            help: mpirun::HELP,
            run: mpirun::run,
        },
        Self {
            name: "docs",
            about: "the book, and the documentation of the crates",
            help: docs::HELP,
            run: docs::run,
        },
        Self {
            name: "cluster",
            about: "submit a program to a queue, wait, collect, and see how it scales",
            help: cluster::HELP,
            run: cluster::run,
        },
        Self {
            name: "peers",
            about: "our kernels beside gcc's code and Numba's, our messages beside mpi4py's",
            help: peers::HELP,
            run: peers::run,
        },
        Self {
            name: "annotate",
            about: "source lines tinted by what the compiler left in them",
            help: annotate::HELP,
            run: annotate::run,
        },
        Self {
            name: "ext",
            about: "put a crate's library, header and Python package beside a script",
            help: ext::HELP,
            run: ext::run,
        },
        Self {
            name: "cache",
            about: "look into a folder of remembered values",
            help: cache::HELP,
            run: cache::run,
        },
        Self {
            name: "new",
            about: "scaffold a workload, a rung or a crate",
            help: new::HELP,
            run: new::run,
        },
        Self {
            name: "trial",
            about: "the harness against itself: comparisons with a known answer",
            help: trial::HELP,
            run: trial::run,
        },
        Self {
            name: "release",
            about: "look at what a release takes, and print its commands",
            help: release::HELP,
            run: release::run,
        },
        Self {
            name: "completions",
            about: "words that a shell completes",
            help: completions::HELP,
            run: completions::run,
        },
    ];

    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|command| command.name == name)
    }
}

const EXITS: &str = "
Exit codes: 0 ok, 1 regression or failed check, 2 usage, 3 nothing measured,
4 wrong answer, 5 failed job, 130 interrupted; `mpirun` and `annotate` pass on the code of
their program
";

/// What `cargo xtask` alone prints.
pub(crate) fn help() -> String {
    let mut text = String::from("cargo xtask COMMAND [--help]\n\n");
    for command in Command::ALL {
        // A String takes everything.
        let _ = writeln!(text, "  {:<11}  {}", command.name, command.about);
    }
    text + EXITS
}

#[cfg(test)]
mod tests {
    use super::{Command, Exit, Parser, help};

    #[test]
    fn each_command_is_found_and_helps() {
        for command in Command::ALL {
            assert_eq!(Command::named(command.name).map(|found| found.about), Some(command.about));
            assert!(help().contains(&format!("\n  {:<11}  {}\n", command.name, command.about)));
            assert!(command.help.contains(&format!("cargo xtask {}", command.name)));
            assert_eq!((command.run)(Parser::from_args(["--help"])).unwrap(), Exit::Ok);
        }
        assert!(Command::named("help").is_none() && Command::named("").is_none());
    }
}
