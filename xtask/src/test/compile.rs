//! The steps that are one call of cargo. All use the same profile and features, so that nothing is
//! built twice, and the default members, so that no system library is needed.

use anyhow::Result;

use super::child::{self, Ran};
use super::libtest;
use super::outcome::Outcome;
use crate::sh;
use crate::workspace::Workspace;

/// Clippy with warnings denied.
pub(super) fn clippy() -> Result<Outcome> {
    let mut cargo = sh::cargo();
    cargo.args(["clippy", "--all-targets", "--all-features", "--", "-D", "warnings"]);
    let ran = child::show(&mut cargo)?;
    Ok(Outcome::of("clippy warns", ran.ok, ran.repeat))
}

/// Unit, property, integration and doc tests.
pub(super) fn tests() -> Result<Outcome> {
    let mut cargo = sh::cargo();
    cargo.args(["test", "--all-features", "--no-fail-fast"]);
    // Tests that call xtask shall call this one, not wait for cargo to build another.
    cargo.env("TENFOLD_XTASK", std::env::current_exe()?);
    let ran = child::show(&mut cargo)?;
    Ok(libtest::cases(&Ran { repeat: String::from("cargo test --all-features"), ..ran }))
}

/// The criterion benches, in their test mode: each closure runs once.
pub(super) fn micro() -> Result<Outcome> {
    if !Workspace::read()?.has_default("bench") {
        return Ok(Outcome::default());
    }
    let mut cargo = sh::cargo();
    cargo.args(["test", "--all-features", "--no-fail-fast", "--bench", "*"]);
    let ran = child::show(&mut cargo)?;
    let mut outcome = Outcome::of("a micro-benchmark fails", ran.ok, ran.repeat);
    outcome.skips.extend(ran.lines.iter().filter_map(|line| libtest::skip(line)));
    Ok(outcome)
}

/// The documentation with warnings denied.
pub(super) fn docs() -> Result<Outcome> {
    let mut cargo = sh::cargo();
    cargo.args(["doc", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings");
    let ran = child::show(&mut cargo)?;
    Ok(Outcome::of("rustdoc warns", ran.ok, ran.repeat))
}
