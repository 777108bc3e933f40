//! The packages that need a system library: outside the default members, so that the other steps
//! do without it. Tested where doctor finds what they need; what needs an MPI, with every MPI that
//! is there.

use anyhow::Result;

use super::child;
use super::libtest;
use super::outcome::Outcome;
use super::seed;
use crate::doctor::{Dependency, Mpi};
use crate::lacks::Lacks;
use crate::workspace::{Package, Workspace};
use crate::{exit, sh};

pub(super) fn run() -> Result<Outcome> {
    let workspace = Workspace::read()?;
    let lacks = Lacks::of_machine(&workspace)?;
    let mut outcome = Outcome::default();
    for package in workspace.packages.iter().filter(|package| !workspace.is_default(package)) {
        outcome.add(match lacks.of(package) {
            Some(reason) => Outcome::skipped(&package.name, reason),
            None => test(package)?,
        });
    }
    Ok(outcome)
}

fn test(package: &Package) -> Result<Outcome> {
    let mpis = if needs_mpi(package) { Mpi::all()? } else { vec![] };
    let first = mpis.first();
    let mut outcome = clippy(package, first)?;
    outcome.add(docs(package, first)?);
    if mpis.is_empty() {
        outcome.add(tests(package, None)?);
    }
    for mpi in &mpis {
        exit::say(&format!("\n{} with {}", package.name, mpi.name()));
        outcome.add(tests(package, Some(mpi))?.of_one(mpi.name()));
    }
    Ok(outcome)
}

fn needs_mpi(package: &Package) -> bool {
    package.needs().iter().any(|need| need == Dependency::Mpi.name())
}

/// Once: warnings are of the source, whichever MPI it is built for.
fn clippy(package: &Package, mpi: Option<&Mpi>) -> Result<Outcome> {
    let mut cargo = cargo("clippy", package, mpi);
    let ran = child::show(cargo.args(["--all-targets", "--", "-D", "warnings"]))?;
    Ok(Outcome::of(&format!("clippy warns of {}", package.name), ran.ok, ran.repeat))
}

fn docs(package: &Package, mpi: Option<&Mpi>) -> Result<Outcome> {
    let mut cargo = cargo("doc", package, mpi);
    let ran = child::show(cargo.arg("--no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::of(&format!("rustdoc warns of {}", package.name), ran.ok, ran.repeat))
}

fn tests(package: &Package, mpi: Option<&Mpi>) -> Result<Outcome> {
    let mut cargo = cargo("test", package, mpi);
    cargo.arg("--no-fail-fast").env(seed::NAME, seed::seed());
    Ok(libtest::cases(&child::show(&mut cargo)?))
}

/// A command of cargo's for one package, built for that MPI.
fn cargo(command: &str, package: &Package, mpi: Option<&Mpi>) -> std::process::Command {
    let mut cargo = sh::cargo();
    cargo.args([command, "--all-features", "--package", &package.name]);
    if let Some(mpi) = mpi {
        mpi.build(&mut cargo, &sh::build_dir());
    }
    cargo
}

#[cfg(test)]
mod tests {
    use super::{Package, needs_mpi};

    #[test]
    fn an_mpi_is_for_those_that_need_one() {
        assert!(needs_mpi(&Package::fake("x", &["libclang", "mpi"])));
        assert!(!needs_mpi(&Package::fake("x", &["libclang"])));
        assert!(!needs_mpi(&Package::fake("x", &[])));
    }
}
