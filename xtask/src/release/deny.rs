//! Dependencies: their licences, where they come from, and what is known to be wrong with them. What
//! is allowed stands in deny.toml.

use std::process::{Command, Stdio};

use anyhow::Result;

use super::package::not_here;
use super::{Answer, Release};
use crate::doctor::{self, Dependency};
use crate::sh;

/// What needs no network: licences, bans, sources.
pub(super) fn look(_: &Release<'_>) -> Result<Answer> {
    check(&["licenses", "bans", "sources"])
}

/// Against a database of known faults, which is fetched.
pub(super) fn advisories(_: &Release<'_>) -> Result<Answer> {
    check(&["advisories"])
}

fn check(what: &[&str]) -> Result<Answer> {
    let Some(mut cargo) = tool("deny") else { return Ok(Answer::missing(Dependency::Deny)) };
    cargo.args([
        "--workspace",
        "--all-features",
        "--color",
        "never",
        "check",
        "--hide-inclusion-graph",
    ]);
    let output = sh::output(cargo.args(what).stdin(Stdio::null()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(answer(what, output.status.success(), &said))
}

/// A command of cargo's, by the program that doctor finds: cargo would take another one from `PATH`.
pub(super) fn tool(word: &str) -> Option<Command> {
    let mut cargo = Command::new(doctor::tool(&format!("cargo-{word}"))?);
    cargo.arg(word).current_dir(sh::root());
    Some(cargo)
}

/// A database that cannot be fetched says nothing about dependencies.
fn answer(what: &[&str], ok: bool, said: &str) -> Answer {
    let errors = said.lines().filter(|line| line.starts_with("error"));
    let errors: Vec<String> = errors.map(str::to_owned).collect();
    if ok {
        return Answer::Right(what.join(", "));
    }
    if let Some(answer) = not_here(said) {
        return answer;
    }
    // Other lines name the database, too: that it is fetched, that it is old.
    let mut failures = said.lines().filter_map(|line| Some(line.split_once("[ERROR] ")?.1));
    match failures.find(|error| error.contains("advisory database")) {
        Some(error) => {
            let what = error.split(" with ").next().unwrap_or(error);
            Answer::Unknown(format!(
                "{}: without the network nothing is known of faults",
                what.trim()
            ))
        }
        None if errors.is_empty() => Answer::Wrong(said.trim().to_owned()),
        None => Answer::Wrong(errors.join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, answer};

    #[test]
    fn a_database_that_is_not_there_is_not_known() {
        let said = "2026-12-01 [ERROR] failed to fetch advisory database https://a.b with cli: [..]\nfatal: x\n";
        let why = "failed to fetch advisory database https://a.b: without the network nothing is known of faults";
        assert_eq!(answer(&["advisories"], false, said), Answer::Unknown(String::from(why)));
    }

    #[test]
    fn what_is_said_of_a_database_beside_an_error_is_no_reason() {
        let said = "2026-12-01 [WARN] advisory database https://a.b was last fetched in 2025\n\
                    error[vulnerability]: x is unsound\nadvisories FAILED\n";
        let wrong = "error[vulnerability]: x is unsound";
        assert_eq!(answer(&["advisories"], false, said), Answer::Wrong(String::from(wrong)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let said =
            "error[rejected]: failed to satisfy license requirements\n  --> x\nlicenses FAILED\n";
        let wrong = "error[rejected]: failed to satisfy license requirements";
        assert_eq!(answer(&["licenses"], false, said), Answer::Wrong(String::from(wrong)));
        assert_eq!(answer(&["a", "b"], true, ""), Answer::Right(String::from("a, b")));
        assert_eq!(answer(&["a"], false, "?\n"), Answer::Wrong(String::from("?")));
    }
}
