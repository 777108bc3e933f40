//! What the compiler says of a crate that is made of many small cases, in one run: for the tests of
//! every macro crate, which include this file.

use std::fmt::{Display, Formatter, Result};
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::marks::unmark;

/// Cases side by side, each in a module of its own.
#[derive(Debug)]
pub(crate) struct Cases {
    text: String,
    cases: Vec<Case>,
}

#[derive(Debug)]
struct Case {
    lies: Range<usize>,
    marks: Vec<Range<usize>>,
}

/// What the compiler has against a case.
#[derive(Debug)]
pub(crate) struct Found {
    /// What the caret stands on, in bytes.
    pub(crate) at: Range<usize>,
    /// `E0308`; empty for what the macro says.
    pub(crate) code: String,
    pub(crate) message: String,
}

/// A case and its errors, in the order of the text.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    pub(crate) source: &'a str,
    pub(crate) marks: &'a [Range<usize>],
    pub(crate) found: Vec<Found>,
}

impl Cases {
    /// From sources with the marks of the table, and what all of them see.
    pub(crate) fn new(common: &str, sources: impl IntoIterator<Item: AsRef<str>>) -> Self {
        let host = host().replace('-', "_");
        let text = format!("#![allow(warnings)]\nuse {host}::*;\n{common}\n");
        let mut all = Self { text, cases: vec![] };
        for marked in sources {
            let (source, marks) = unmark(marked.as_ref());
            let number = all.cases.len();
            all.text.push_str(&format!("mod case{number} {{ use super::*;\n"));
            let start = all.text.len();
            all.text.push_str(&source);
            all.cases.push(Case { lies: start..all.text.len(), marks });
            all.text.push_str("\n}\n");
        }
        all
    }

    /// Compiles them as a package of this name.
    pub(crate) fn check(&self, package: &str) -> Vec<Judged<'_>> {
        let mut found = errors(package, &self.text);
        found.sort_by_key(|error| (error.at.start, error.at.end));
        let mut judged = vec![];
        for Case { lies, marks } in &self.cases {
            let mut ours = Vec::from_iter(found.extract_if(.., |error| {
                lies.contains(&error.at.start) && error.at.end <= lies.end
            }));
            ours.iter_mut()
                .for_each(|Found { at, .. }| *at = at.start - lies.start..at.end - lies.start);
            judged.push(Judged { source: &self.text[lies.clone()], marks, found: ours });
        }
        assert!(found.is_empty(), "errors outside of all cases: {found:#?}");
        judged
    }
}

impl Judged<'_> {
    /// Whether the errors stand on the marks, and on nothing else.
    pub(crate) fn stands_on_its_marks(&self) -> bool {
        self.found.iter().map(|error| &error.at).eq(self.marks)
    }
}

/// The errors as a person wants to read them.
impl Display for Judged<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.source.lines().next().unwrap_or_default())?;
        for Found { at, code, message } in &self.found {
            write!(f, "\n  on `{}`: {code} {message}", &self.source[at.clone()])?;
        }
        Ok(())
    }
}

/// The place of an error that is not in the text.
const NOWHERE: Range<usize> = 0..0;

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Whether there is a clippy to ask.
pub(crate) fn has_clippy() -> bool {
    cargo().args(["clippy", "--version"]).output().is_ok_and(|output| output.status.success())
}

/// The crate whose macros these are.
fn host() -> &'static str {
    let own = env!("CARGO_PKG_NAME");
    own.strip_suffix("-macros").unwrap_or(own)
}

/// What is said of a package with this text, by clippy if it is there; the host crate has this name in it.
pub(crate) fn said_of(text: &str, package: &str, name: &str) -> String {
    let command = if has_clippy() { "clippy" } else { "check" };
    let found = messages(command, package, name, text);
    found.iter().filter_map(|line| line["message"]["rendered"].as_str()).collect()
}

/// What `cargo check` or `cargo clippy` has against a package with this text, which depends on the host
/// crate alone, by this name.
pub(crate) fn messages(command: &str, package: &str, name: &str, text: &str) -> Vec<Value> {
    let here = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = here.join(package);
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), text).unwrap();
    let manifest = format!(
        "[package]\nname = {package:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{name} = {{ package = {:?}, path = {:?} }}\n\n[workspace]\n",
        host(),
        crates.join(host().trim_start_matches("tenfold-"))
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions that are here already, and no question to a registry.
    fs::copy(crates.parent().unwrap().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut cargo = cargo();
    cargo.args([command, "--offline", "--quiet", "--message-format", "json"]);
    cargo.current_dir(&folder).env("CARGO_TARGET_DIR", here.join("target"));
    let output = cargo.output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let messages = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let all: Vec<Value> = messages.collect();
    let is_done = all.iter().any(|line| line["reason"] == "build-finished");
    assert!(is_done, "{}", String::from_utf8_lossy(&output.stderr));
    let ours = |line: &Value| line["target"]["name"] == package.replace('-', "_");
    all.into_iter().filter(|line| ours(line) && line["reason"] == "compiler-message").collect()
}

/// The errors of a package with this text.
fn errors(package: &str, text: &str) -> Vec<Found> {
    let messages = messages("check", package, host(), text);
    let found: Vec<Found> = messages.iter().flat_map(|line| read(&line["message"])).collect();
    assert!(!found.is_empty(), "no error in {package}");
    found
}

/// The places of an error; none of a warning, or of the count of errors at the end.
fn read(message: &Value) -> Vec<Found> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let byte = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    if message["level"] != "error" || text(&message["message"]).starts_with("aborting due to") {
        return vec![];
    }
    let places = message["spans"].as_array().unwrap().iter();
    let places = places.filter(|span| span["is_primary"] == true);
    let mut places: Vec<Range<usize>> = places
        .map(|span| match span["file_name"] == "src/lib.rs" {
            true => byte(&span["byte_start"])..byte(&span["byte_end"]),
            false => NOWHERE,
        })
        .collect();
    if places.is_empty() {
        places.push(NOWHERE);
    }
    let found =
        |at| Found { at, code: text(&message["code"]["code"]), message: text(&message["message"]) };
    places.into_iter().map(found).collect()
}
