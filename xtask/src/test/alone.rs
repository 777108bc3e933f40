//! Each crate alone: a new package outside the workspace depends on it and on nothing else, and
//! runs the first example of its README. What that costs a user goes into a record.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::child;
use super::outcome::Outcome;
use crate::lacks::Lacks;
use crate::workspace::{Package, Workspace};
use crate::{exit, sh};

/// A line of `target/tenfold/alone.jsonl`.
#[derive(Debug, Serialize)]
struct Record<'a> {
    #[serde(rename = "crate")]
    name: &'a str,
    default_features: bool,
    /// Normal dependencies, direct and indirect, on this platform.
    dependencies: usize,
    /// From an empty target folder, dev profile.
    cold_build_s: f64,
    unix_s: u64,
}

pub(super) fn run() -> Result<Outcome> {
    let workspace = Workspace::read()?;
    let lacks = Lacks::of_machine(&workspace)?;
    let folder = Scratch::new("alone")?;
    let mut outcome = Outcome::default();
    for package in workspace.published() {
        outcome.add(match lacks.of(package) {
            Some(reason) => Outcome::skipped(format!("{} alone", package.name), reason),
            None => crate_alone(package, &folder.0)?,
        });
    }
    Ok(outcome)
}

/// With its default features, and without them where there are any.
fn crate_alone(package: &Package, folder: &Path) -> Result<Outcome> {
    let has_default = package.features.get("default").is_some_and(|list| !list.is_empty());
    let variants: &[bool] = if has_default { &[true, false] } else { &[true] };
    let mut outcome = Outcome::default();
    for &default_features in variants {
        outcome.add(match variant(package, default_features, folder) {
            Ok(record) => note(&record)?,
            Err(error) => {
                let which = if default_features { "" } else { ", without default features" };
                let what = format!("{} alone{which}: {error:#}", package.name);
                Outcome::failed(what, super::again("alone"))
            }
        });
    }
    Ok(outcome)
}

/// Builds and runs one package in an empty folder.
fn variant<'a>(package: &'a Package, default_features: bool, folder: &Path) -> Result<Record<'a>> {
    let readme = package.dir().join("README.md");
    let text = fs::read_to_string(&readme).with_context(|| readme.display().to_string())?;
    let example = Example::first(&text).context("the README has no ```rust example")?;
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), manifest(package, default_features))?;
    fs::write(folder.join("src/main.rs"), example.program(default_features))?;
    // The versions that the workspace has been tested with, and no question to a registry.
    fs::copy(sh::root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let cold_build_s = build(folder)?;
    if !example.no_run {
        succeed(folder, &["run", "--quiet"])?;
    }
    let dependencies = dependencies(folder, &package.name)?;
    let unix_s = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    Ok(Record { name: &package.name, default_features, dependencies, cold_build_s, unix_s })
}

fn manifest(package: &Package, default_features: bool) -> String {
    format!(
        "[package]\nname = \"alone\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{} = {{ path = {:?}, default-features = {default_features} }}\n\n\
         [workspace]\n",
        package.name,
        package.dir()
    )
}

fn build(folder: &Path) -> Result<f64> {
    let start = Instant::now();
    succeed(folder, &["build", "--quiet"])?;
    Ok(start.elapsed().as_secs_f64())
}

/// Runs cargo in the package; gives what it prints.
fn succeed(folder: &Path, args: &[&str]) -> Result<Vec<String>> {
    let mut cargo = sh::cargo();
    cargo.current_dir(folder).args(args).env("CARGO_TARGET_DIR", folder.join("target"));
    let ran = child::keep(&mut cargo)?;
    if !ran.ok {
        bail!("`cargo {}` fails in a package of its own", args.join(" "));
    }
    Ok(ran.lines)
}

fn dependencies(folder: &Path, name: &str) -> Result<usize> {
    let tree = ["tree", "--quiet", "--edges", "normal", "--prefix", "none", "--package", name];
    Ok(count(&succeed(folder, &tree)?))
}

/// How many packages `cargo tree --prefix none` lists, without the first.
fn count(tree: &[String]) -> usize {
    let packages = tree.iter().map(|line| line.trim_end_matches(" (*)"));
    let packages = packages.filter(|line| !line.trim().is_empty());
    packages.collect::<std::collections::BTreeSet<_>>().len().saturating_sub(1)
}

/// Says and records what was found.
fn note(record: &Record<'_>) -> Result<Outcome> {
    exit::say(&format!(
        "{}{}: {} dependencies, built cold in {:.1} s",
        record.name,
        if record.default_features { "" } else { " without default features" },
        record.dependencies,
        record.cold_build_s
    ));
    let folder = sh::target_dir().join("tenfold");
    fs::create_dir_all(&folder)?;
    let mut file =
        fs::File::options().create(true).append(true).open(folder.join("alone.jsonl"))?;
    writeln!(file, "{}", serde_json::to_string(record)?)?;
    Ok(Outcome::passed(1))
}

/// A code block of a README.
#[derive(Debug, PartialEq, Eq)]
struct Example {
    code: String,
    no_run: bool,
    /// The line before the block is `<!-- needs default features -->`.
    needs_default: bool,
}

impl Example {
    /// The first block that is Rust.
    fn first(readme: &str) -> Option<Self> {
        let lines: Vec<&str> = readme.lines().collect();
        let is_rust = |line: &&str| {
            line.strip_prefix("```rust")
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
        };
        let start = lines.iter().position(is_rust)?;
        let code = lines[start + 1..].iter().take_while(|line| !line.starts_with("```"));
        Some(Self {
            code: code.map(|line| format!("{}\n", unhidden(line))).collect(),
            no_run: lines[start].contains("no_run"),
            needs_default: lines[..start].last() == Some(&"<!-- needs default features -->"),
        })
    }

    /// The example as a program, as rustdoc would make one.
    fn program(&self, default_features: bool) -> String {
        if self.needs_default && !default_features {
            return String::from("fn main() {}\n");
        }
        if self.code.contains("fn main(") {
            return self.code.clone();
        }
        let (attributes, body): (Vec<&str>, Vec<&str>) =
            self.code.lines().partition(|line| line.starts_with("#!["));
        let (attributes, body) = (attributes.join("\n"), body.join("\n"));
        if body.trim_end().ends_with("(())") {
            let result = "Result<(), impl std::fmt::Debug>";
            return format!(
                "{attributes}\nfn main() {{\nfn example() -> {result} {{\n{body}\n}}\n\
                 example().unwrap();\n}}\n"
            );
        }
        format!("{attributes}\nfn main() {{\n{body}\n}}\n")
    }
}

/// rustdoc hides lines that start with `# `, and runs them.
fn unhidden(line: &str) -> &str {
    if line == "#" { "" } else { line.strip_prefix("# ").unwrap_or(line) }
}

/// A folder outside the workspace that goes away with its owner.
#[derive(Debug)]
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn new(name: &str) -> Result<Self> {
        let name = format!("tenfold-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self(fs::canonicalize(folder)?))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{Example, Package, Scratch, count, manifest};

    const README: &str = "# x\n\n```sh\ncargo add x\n```\n\n```rust\n#![allow(unused)]\n\
                          # use x::f;\n#\nassert_eq!(f(), 1);\n```\n\n```rust\nlater()\n```\n";

    #[test]
    fn takes_the_first_rust_block() {
        let example = Example::first(README).unwrap();
        assert_eq!(example.code, "#![allow(unused)]\nuse x::f;\n\nassert_eq!(f(), 1);\n");
        assert!(!example.no_run && !example.needs_default);
        let program = "#![allow(unused)]\nfn main() {\nuse x::f;\n\nassert_eq!(f(), 1);\n}\n";
        assert_eq!(example.program(false), program);
        assert_eq!(Example::first("# x\n```rustic\n```\n"), None);
        assert!(Example::first("```rust,no_run\nloop {}\n```").unwrap().no_run);
    }

    #[test]
    fn an_example_may_bring_its_main_or_return_a_result() {
        let program =
            |code: &str| Example::first(&format!("```rust\n{code}\n```\n")).unwrap().program(true);
        assert_eq!(program("fn main() { f() }"), "fn main() { f() }\n");
        assert!(program("f()?;\nOk::<(), Error>(())").contains("example().unwrap();"));
    }

    #[test]
    fn an_example_may_need_the_default_features() {
        let text = "<!-- needs default features -->\n```rust\nf();\n```\n";
        let example = Example::first(text).unwrap();
        assert!(example.program(true).contains("f();"));
        assert_eq!(example.program(false), "fn main() {}\n");
    }

    #[test]
    fn counts_each_dependency_once() {
        let tree = ["x v0.1.0 (/x)", "a v1.0.0", "b v2.0.0", "a v1.0.0 (*)", ""];
        assert_eq!(count(&tree.map(str::to_owned)), 2);
        assert_eq!(count(&[String::from("x v0.1.0 (/x)")]), 0);
    }

    #[test]
    fn the_package_depends_on_one_crate() {
        let text = manifest(&Package::fake("tenfold-x", &[]), false);
        assert!(text.contains("tenfold-x = { path = \"\", default-features = false }"), "{text}");
        assert!(text.ends_with("[workspace]\n"));
    }

    #[test]
    fn scratch_folders_go_away() {
        let scratch = Scratch::new("test-of-scratch").unwrap();
        let folder = scratch.0.clone();
        std::fs::write(folder.join("x"), "x").unwrap();
        drop(scratch);
        assert!(!folder.exists());
    }
}
