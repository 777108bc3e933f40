//! What the rungs `mpi` and `array+mpi` start, on a machine that has an MPI.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::ladder::build_profile;
use super::options::Options;
use crate::doctor::{self, Dependency, Mpi};
use crate::{exit, sh};

/// Tells the ladder where the program is.
const VARIABLE: &str = "TENFOLD_LADDER_MPI";

/// Builds it and has the ladder start it, if some rung would and all that it needs is here. Where it is
/// not, the rung says what is missing and which command supplies it; no other rung has to wait for it.
pub(super) fn supply(options: &Options, ladder: &mut Command) {
    let needs = [Dependency::Mpi, Dependency::Libclang];
    if !starts(options) || !doctor::probe_each(&needs).iter().all(doctor::Finding::is_found) {
        return;
    }
    match build(options) {
        Ok(program) => drop(ladder.env(VARIABLE, program)),
        Err(error) => exit::say(&format!("the rungs on MPI are left out: {error:#}")),
    }
}

/// Whether a rung that starts it may run.
pub(super) fn starts(options: &Options) -> bool {
    let is_on_mpi = |rung: &String| rung.split('+').any(|part| part == "mpi");
    options.ladder.is_none() && (options.rungs.is_empty() || options.rungs.iter().any(is_on_mpi))
}

fn build(options: &Options) -> anyhow::Result<PathBuf> {
    let mut cargo = build_command(options);
    Mpi::find(None)?.build(&mut cargo, &sh::build_dir());
    super::ladder::built(cargo.stdin(Stdio::null()))
}

/// The cargo command, whichever MPI it is for.
pub(super) fn build_command(options: &Options) -> Command {
    let mut cargo = sh::cargo();
    cargo.args(["build", "--package", "tenfold-benches-mpi"]).args(build_profile(options));
    cargo
}

#[cfg(test)]
mod tests {
    use lexopt::Parser;

    use super::{Options, starts};

    #[test]
    fn ranks_are_built_for_rungs_that_start_them() {
        let starts = |line: &str| {
            starts(&Options::parse(Parser::from_args(line.split_whitespace())).unwrap())
        };
        for line in ["heat", "heat --rung mpi", "heat --rung array+mpi", "--rung array --rung mpi"]
        {
            assert!(starts(line), "{line}");
        }
        for line in ["heat --rung array+ranks", "heat --ladder ladder", "--rung simd"] {
            assert!(!starts(line), "{line}");
        }
    }
}
