//! The steps that are one call of cargo. All use the same profile and features, so that nothing is
//! built twice, and the default members, so that no system library is needed.

use anyhow::Result;

use super::child::{self, Ran};
use super::libtest;
use super::outcome::Outcome;
use super::seed;
use crate::doctor::{self, Dependency};
use crate::workspace::Workspace;
use crate::{docs, sh};

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
    let seed = seed::seed();
    let ran = child::show(cargo.env(seed::NAME, &seed))?;
    let repeat = format!("{}={seed} cargo test --all-features", seed::NAME);
    Ok(libtest::cases(&Ran { repeat, ..ran }))
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

/// The book, where there is an mdbook. What it has is looked at by a test, everywhere.
fn book() -> Result<Outcome> {
    let Some(mdbook) = doctor::tool("mdbook") else {
        let reason = format!("no mdbook; {}", Dependency::Mdbook.supply());
        return Ok(Outcome::skipped("the pages of the book", reason));
    };
    let ran = child::show(&mut docs::book(&mdbook))?;
    Ok(Outcome::of("the book does not build", ran.ok, ran.repeat))
}

/// The documentation with warnings denied, and the book.
pub(super) fn docs() -> Result<Outcome> {
    let mut cargo = sh::cargo();
    cargo.args(["doc", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings");
    let ran = child::show(&mut cargo)?;
    let mut outcome = Outcome::of("rustdoc warns", ran.ok, ran.repeat);
    outcome.add(book()?);
    Ok(outcome)
}
