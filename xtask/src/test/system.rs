//! The packages that need a system library: outside the default members, so that the other steps
//! do without it. Tested where doctor finds what they need.

use anyhow::Result;

use super::child;
use super::libtest;
use super::outcome::Outcome;
use crate::lacks::Lacks;
use crate::sh;
use crate::workspace::{Package, Workspace};

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
    let mut clippy = sh::cargo();
    clippy.args(["clippy", "--all-targets", "--all-features", "--package", &package.name]);
    let ran = child::show(clippy.args(["--", "-D", "warnings"]))?;
    let mut outcome = Outcome::of("clippy warns", ran.ok, ran.repeat);
    let mut tests = sh::cargo();
    tests.args(["test", "--all-features", "--no-fail-fast", "--package", &package.name]);
    outcome.add(libtest::cases(&child::show(&mut tests)?));
    Ok(outcome)
}
