//! What `cargo xtask new` writes, tried in a copy of the workspace.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::alone::Scratch;
use super::child;
use super::libtest;
use super::outcome::Outcome;
use crate::new;
use crate::sh;
use crate::workspace::{self, Workspace, files_under};

const WORKLOAD: &str = "scaffold_probe";
const CRATE: &str = "scaffold-probe";

pub(super) fn run() -> Result<Outcome> {
    let files = match workspace::files() {
        Ok(files) => files,
        Err(error) => return Ok(Outcome::skipped("scaffold", error.to_string())),
    };
    let draft = Scratch::new("scaffold")?;
    sync(sh::root(), &draft.0, &files)?;
    let probe = format!("{WORKLOAD}/probe");
    for (kind, name) in [
        ("workload", WORKLOAD),
        ("rung", &probe),
        ("rung", "heat/scaffold_probe"),
        ("crate", CRATE),
    ] {
        new::draft(&draft.0, kind, name)?.write()?;
    }
    // Cargo builds again what has another path or a newer time, so the copy that is built stays,
    // and only files that differ are written.
    let copy = std::path::absolute(sh::target_dir())?.join("tenfold/scaffold");
    sync(&draft.0, &copy, &files_under(&draft.0)?)?;
    checks(&copy)
}

/// Without `--all-features`: the heavy crates would be built a second time for the copy.
fn checks(copy: &Path) -> Result<Outcome> {
    let package = format!("tenfold-{CRATE}");
    let packages = ["--package", &package, "--package", "tenfold-benches"];
    let mut outcome = command(copy, "rustfmt", &["fmt", "--all", "--", "--check"])?;
    let others = others(&package)?;
    let others: Vec<&str> = others.iter().flat_map(|other| ["--config", other]).collect();
    outcome.add(tests(copy, &[&["test", "--package", &package], &others[..]].concat())?);
    let ladder = ["--lib", "--", "ladder::heat", "ladder::scaffold_probe"];
    outcome.add(tests(copy, &[&["test"], &packages[2..], &others, &ladder].concat())?);
    let strict = ["--", "-D", "warnings"];
    let clippy = [&["clippy", "--all-targets"], &packages[..], &others, &strict].concat();
    outcome.add(command(copy, "clippy", &clippy)?);
    outcome.add(layering(copy)?);
    Ok(outcome)
}

/// Settings that make the copy's packages others than ours. Cargo tells packages apart by their
/// path *within* the workspace: the copy shares our target folder, to find the dependencies built,
/// and would replace our packages there by its own if they were not compiled differently.
fn others(package: &str) -> Result<Vec<String>> {
    let workspace = Workspace::read()?;
    let names = workspace.packages.iter().map(|package| package.name.as_str()).chain([package]);
    let setting = |name| format!("profile.dev.package.{name}.debug='line-tables-only'");
    Ok(names.map(setting).collect())
}

/// The layering tests, which are built already, on the copy.
fn layering(copy: &Path) -> Result<Outcome> {
    let mut cargo = sh::cargo();
    cargo.args(["test", "--all-features", "--test", "integration", "layering::"]);
    let ran = child::show(cargo.env("TENFOLD_ROOT", copy))?;
    Ok(libtest::cases(&ran))
}

/// Cargo in the copy, on the dependencies that are built already.
fn cargo(copy: &Path, args: &[&str]) -> Result<std::process::Command> {
    let mut cargo = sh::cargo();
    let target = std::path::absolute(sh::target_dir())?;
    cargo.current_dir(copy).args(args).env("CARGO_TARGET_DIR", target);
    Ok(cargo)
}

fn command(copy: &Path, what: &str, args: &[&str]) -> Result<Outcome> {
    let ran = child::show(&mut cargo(copy, args)?)?;
    Ok(Outcome::of(&format!("{what} of scaffolded code"), ran.ok, super::again("scaffold")))
}

/// Tests that must pass, and be there.
fn tests(copy: &Path, args: &[&str]) -> Result<Outcome> {
    let ran = child::show(&mut cargo(copy, args)?)?;
    let found = libtest::cases(&ran);
    if found.passed > 0 || !found.failures.is_empty() {
        return Ok(found);
    }
    Ok(Outcome::failed(format!("`cargo {}` runs no test", args.join(" ")), ran.repeat))
}

/// Makes `to` hold exactly these files of `from`, and touches no file that holds the same already.
fn sync(from: &Path, to: &Path, files: &[PathBuf]) -> Result<()> {
    fs::create_dir_all(to)?;
    let wanted: BTreeSet<&PathBuf> = files.iter().collect();
    for file in files_under(to)?.iter().filter(|file| !wanted.contains(file)) {
        fs::remove_file(to.join(file)).with_context(|| file.display().to_string())?;
        // An empty folder under `crates` would be a package without a manifest. One that is not
        // empty does not go.
        for folder in to.join(file).ancestors().skip(1).take(file.components().count() - 1) {
            let _ = fs::remove_dir(folder);
        }
    }
    files.iter().try_for_each(|file| copy(&from.join(file), &to.join(file)))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let text = fs::read(from).with_context(|| from.display().to_string())?;
    if fs::read(to).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    fs::write(to, text).with_context(|| to.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::{Scratch, files_under, fs, sync};

    #[test]
    fn a_copy_holds_the_same_files_and_keeps_what_did_not_change() {
        let scratch = Scratch::new("test-of-sync").unwrap();
        let (from, to) = (scratch.0.join("from"), scratch.0.join("to"));
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::write(from.join("a/b/c"), "1").unwrap();
        fs::write(from.join("d"), "2").unwrap();
        sync(&from, &to, &files_under(&from).unwrap()).unwrap();
        let time = |file: &str| fs::metadata(to.join(file)).unwrap().modified().unwrap();
        let before = time("a/b/c");
        fs::remove_file(from.join("d")).unwrap();
        fs::create_dir_all(to.join("f/g")).unwrap();
        fs::write(to.join("f/g/h"), "4").unwrap();
        fs::write(from.join("e"), "3").unwrap();
        sync(&from, &to, &files_under(&from).unwrap()).unwrap();
        assert_eq!(time("a/b/c"), before);
        assert!(!to.join("d").exists() && !to.join("f").exists());
        assert_eq!(fs::read_to_string(to.join("e")).unwrap(), "3");
    }
}
