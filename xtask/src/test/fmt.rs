//! rustfmt, and whether it saw every file: a file that no `mod` line names is checked by nobody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::child::{self, Ran};
use super::outcome::Outcome;
use crate::{exit, sh, workspace};

pub(super) fn run() -> Result<Outcome> {
    let mut cargo = sh::cargo();
    cargo.args(["fmt", "--all", "--", "--check", "--verbose"]);
    let ran =
        Ran { repeat: String::from("cargo fmt --all -- --check"), ..child::keep(&mut cargo)? };
    ran.lines.iter().filter(|line| !is_chatter(line)).for_each(|line| exit::say(line));
    let mut outcome = Outcome::of("rustfmt would change something", ran.ok, ran.repeat);
    outcome.add(reached(&formatted(&ran.lines)));
    Ok(outcome)
}

fn is_chatter(line: &str) -> bool {
    ["Using rustfmt config ", "Formatting ", "Spent "].iter().any(|start| line.starts_with(start))
}

/// The files that rustfmt says it has formatted.
fn formatted(lines: &[String]) -> BTreeSet<PathBuf> {
    let files = lines.iter().filter_map(|line| line.strip_prefix("Formatting "));
    files.filter_map(|file| std::fs::canonicalize(file).ok()).collect()
}

fn reached(formatted: &BTreeSet<PathBuf>) -> Outcome {
    let files = match workspace::files() {
        Ok(files) => files,
        Err(error) => return Outcome::skipped("rustfmt reaches every file", error.to_string()),
    };
    let rust = files.into_iter().filter(|file| is_module(file));
    let missed = rust.filter(|file| {
        std::fs::canonicalize(sh::root().join(file)).is_ok_and(|file| !formatted.contains(&file))
    });
    let missed: Vec<String> = missed.map(|file| file.display().to_string()).collect();
    let what = format!("no `mod` line leads to {}", missed.join(", "));
    Outcome::of(&what, missed.is_empty(), super::again("fmt"))
}

/// Compile-fail cases belong to no crate, and may be no Rust at all. Nor do programs that a test compiles.
fn is_module(file: &Path) -> bool {
    let is_case = file.components().any(|part| part.as_os_str() == "ui");
    let is_program = file.parent().is_some_and(|folder| folder.ends_with("tests/planted"));
    file.extension().is_some_and(|extension| extension == "rs") && !is_case && !is_program
}

#[cfg(test)]
mod tests {
    use super::{formatted, is_chatter, is_module, reached};

    #[test]
    fn knows_what_rustfmt_prints() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/main.rs");
        let lines = [format!("Formatting {file}"), String::from("Diff in x.rs:1:")];
        assert!(is_chatter(&lines[0]) && !is_chatter(&lines[1]));
        assert_eq!(formatted(&lines).len(), 1);
    }

    #[test]
    fn a_file_that_was_not_formatted_is_named() {
        let outcome = reached(&formatted(&[]));
        assert_eq!(outcome.failures.len(), 1);
        assert!(outcome.failures[0].what.contains("xtask/src/main.rs"), "{outcome:?}");
    }

    #[test]
    fn compile_fail_cases_are_no_modules() {
        assert!(is_module("crates/memo/src/lib.rs".as_ref()));
        assert!(!is_module("crates/memo/tests/ui/two_keys.rs".as_ref()));
        assert!(!is_module("crates/annotate/tests/planted/sums.rs".as_ref()));
        assert!(!is_module("xtask/src/new/templates/lib.rs.in".as_ref()));
    }
}
