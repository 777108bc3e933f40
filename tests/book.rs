//! The book: its code is that of files that are tested, and what it names is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::workspace::{files, read, root, skip};

const CHAPTERS: &str = "docs/src";

/// The chapters by their files, `docs/src/measure.md`, ..
pub(crate) fn chapters() -> Vec<String> {
    let entries = fs::read_dir(root().join(CHAPTERS)).unwrap().map(Result::unwrap);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut chapters: Vec<String> = names
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("{CHAPTERS}/{name}"))
        .collect();
    chapters.sort();
    chapters
}

/// The lines in blocks of code of a language.
fn code<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let (mut inside, mut found) = (None, vec![]);
    for line in text.lines() {
        match (line.strip_prefix("```"), inside) {
            (Some(_), Some(_)) => inside = None,
            (Some(language), None) => inside = Some(language),
            (None, Some(of)) if of == language => found.push(line),
            (None, _) => {}
        }
    }
    found
}

/// The file and the anchor that a line includes.
fn include(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("{{#include ")?.strip_suffix("}}")?.split_once(':')
}

/// The lines between an anchor's marks, without those of anchors.
fn anchored<'a>(text: &'a str, anchor: &str) -> Option<Vec<&'a str>> {
    let is = |line: &str, mark: &str| {
        line.trim_start_matches([' ', '/', '#']).strip_prefix(mark) == Some(anchor)
    };
    let (_, rest) = text.split_at(text.find(&format!("ANCHOR: {anchor}\n"))?);
    let mut lines = rest.lines().skip(1);
    let inside: Vec<&str> = lines.by_ref().take_while(|line| !is(line, "ANCHOR_END: ")).collect();
    rest.contains(&format!("ANCHOR_END: {anchor}\n"))
        .then(|| inside.into_iter().filter(|line| !line.contains("ANCHOR")).collect())
}

/// All that the chapters include, as files of the repository and anchors.
fn included() -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for chapter in chapters() {
        let text = read(&chapter);
        for line in ["rust", "python"].iter().flat_map(|language| code(&text, language)) {
            let (file, anchor) =
                include(line).unwrap_or_else(|| panic!("{chapter}: `{line}` is of no tested file"));
            let file = fs::canonicalize(root().join(CHAPTERS).join(file));
            let file = file.unwrap_or_else(|error| panic!("{chapter}: {line}: {error}"));
            let file = file.strip_prefix(fs::canonicalize(root()).unwrap()).unwrap().to_owned();
            all.insert((file.to_string_lossy().into_owned(), anchor.to_owned()));
        }
    }
    all
}

#[test]
fn all_code_is_that_of_tested_files() {
    let included = included();
    assert!(included.len() > 30, "{}", included.len());
    for (file, anchor) in included {
        let is_tested = file.starts_with("docs/python/") || file.contains("examples/");
        assert!(is_tested, "{file} is run by no test");
        let lines = anchored(&read(&file), &anchor).map(|lines| lines.len());
        assert!(lines.is_some_and(|lines| lines > 0), "{file} has no anchor `{anchor}`");
    }
}

#[test]
fn every_anchor_is_included() {
    let included = included();
    let files = files().unwrap_or_default().into_iter();
    for file in files.filter(|file| file.contains("examples/") || file.starts_with("docs/python/"))
    {
        let text = fs::read_to_string(root().join(&file)).unwrap_or_default();
        for anchor in text.lines().filter_map(|line| line.split_once("ANCHOR: ")) {
            let key = (file.clone(), anchor.1.to_owned());
            assert!(included.contains(&key), "no chapter includes {file}:{}", anchor.1);
        }
    }
}

#[test]
fn the_summary_has_every_chapter() {
    let summary = read("docs/src/SUMMARY.md");
    for chapter in chapters().iter().filter(|chapter| !chapter.ends_with("SUMMARY.md")) {
        let name = Path::new(chapter).file_name().unwrap().to_string_lossy();
        assert!(summary.contains(&format!("({name})")), "SUMMARY.md lacks {name}");
    }
}

/// The targets of links and pictures within the book.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    links.filter(|target| !target.contains("://"))
}

/// A heading as mdbook makes a name for links of it.
fn id(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[test]
fn links_and_pictures_are_there() {
    for chapter in chapters() {
        for target in targets(&read(&chapter)) {
            let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { chapter.clone() } else { format!("{CHAPTERS}/{file}") };
            // mdbook takes nothing along from outside.
            assert!(
                !file.contains(".."),
                "{chapter} links to {target}, which is outside of the book"
            );
            assert!(root().join(&path).is_file(), "{chapter} links to {target}");
            if !fragment.is_empty() {
                let text = read(&path);
                let mut headings = text.lines().filter_map(|line| line.split_once("# "));
                assert!(headings.any(|(_, name)| id(name) == fragment), "{chapter}: {target}");
            }
        }
    }
}

/// The records that a chapter names.
pub(crate) fn records(text: &str) -> impl Iterator<Item = String> {
    let names = text.split("`benches/record/").skip(1).filter_map(|rest| rest.split('`').next());
    names.map(|name| format!("benches/record/{name}"))
}

/// Each picture is smaller than this, and below it stands the command that made it.
const LARGEST_PICTURE_BYTES: u64 = 200_000;

#[test]
fn pictures_are_small_and_say_what_made_them() {
    let mut count = 0;
    for chapter in chapters() {
        let text = read(&chapter);
        let mut lines = text.lines();
        while let Some(line) = lines.by_ref().find(|line| line.starts_with("![")) {
            let target = targets(line).next().unwrap();
            let bytes = fs::metadata(root().join(CHAPTERS).join(target)).unwrap().len();
            assert!(bytes <= LARGEST_PICTURE_BYTES, "{chapter}: {target} has {bytes} bytes");
            let below = lines.by_ref().find(|line| !line.is_empty()).unwrap_or_default();
            assert!(below.contains("`cargo "), "{chapter}: below {target} stands no command");
            count += 1;
        }
    }
    assert!(count >= 6, "{count}");
}

#[test]
fn each_exercise_has_its_program() {
    let table = read("docs/src/exercises.md");
    let rows = table.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (program, command) = (cells[4].trim_matches('`'), cells[5].trim_matches('`'));
        assert!(root().join(program).is_file(), "{program} is not there");
        let after = |option: &str| {
            let mut words = command.split_whitespace().skip_while(|&word| word != option);
            words.nth(1).unwrap_or_else(|| panic!("`{command}` has no {option}"))
        };
        let package = after(if command.contains("--package ") { "--package" } else { "-p" });
        assert_eq!(package_of(program), package, "{row}");
        let stem = program.trim_end_matches(".rs").trim_end_matches("/main");
        assert!(stem.ends_with(&format!("/{}", after("--example"))), "{row}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

/// `crates/x/..` is of tenfold-x, `examples/x/..` of tenfold-x-examples.
fn package_of(program: &str) -> String {
    let parts: Vec<&str> = program.split('/').collect();
    let end = if parts[0] == "examples" { "-examples" } else { "" };
    format!("tenfold-{}{end}", parts[1])
}

/// What a Python file imports that Python does not have.
fn needs(text: &str) -> Vec<&str> {
    let first = text.lines().next().and_then(|line| line.strip_prefix("# needs: "));
    first.map(|needs| needs.split(", ").collect()).unwrap_or_default()
}

fn runs(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(text) }
}

/// A Python that imports these modules: that of the peers, or the first on `PATH`.
fn python(modules: &[&str]) -> Option<PathBuf> {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let known = [target.join("tenfold/peers/bin/python"), PathBuf::from("python3")];
    let imports = modules.iter().map(|name| format!("import {name}\n")).collect::<String>();
    known.into_iter().find(|python| runs(Command::new(python).args(["-c", &imports])).is_ok())
}

/// Those for which modules or a device are missing are only compiled.
#[test]
fn python_s_side_runs() {
    let Some(plain) = python(&[]) else { return skip("python of the book", "no python3") };
    for file in files().unwrap_or_default().iter().filter(|file| file.starts_with("docs/python/")) {
        let text = read(file);
        let compiles = "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')";
        let is_python = runs(Command::new(&plain).args(["-c", compiles, file]).current_dir(root()));
        assert_eq!(is_python, Ok(()), "{file}");
        let needs = needs(&text);
        if needs == ["a GPU"] {
            continue;
        }
        let Some(python) = python(&needs) else {
            skip(file, &format!("no Python has {}; cargo xtask setup peers", needs.join(", ")));
            continue;
        };
        let mut run = Command::new(python);
        run.arg(root().join(file)).current_dir(env::temp_dir());
        // One rank, which as root Open MPI does not start unasked.
        run.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        assert_eq!(runs(&mut run), Ok(()), "{file}");
    }
}

#[test]
fn includes_and_anchors_are_found() {
    let text = "```rust\n{{#include a.rs:b}}\n```\n```sh\nls\n```\nx\n```python\ny\n```\n";
    assert_eq!(code(text, "rust"), ["{{#include a.rs:b}}"]);
    assert_eq!(code(text, "python"), ["y"]);
    assert_eq!(include("{{#include a.rs:b}}"), Some(("a.rs", "b")));
    assert_eq!(include("{{#include a.rs}}"), None);
    assert_eq!(include("fn main() {}"), None);
    let file = "// ANCHOR: a\n1\n    // ANCHOR: b\n2\n    // ANCHOR_END: b\n// ANCHOR_END: a\n";
    assert_eq!(anchored(file, "a"), Some(vec!["1", "2"]));
    assert_eq!(anchored(file, "b"), Some(vec!["2"]));
    assert_eq!(anchored(file, "c"), None);
    assert_eq!(anchored("# ANCHOR: a\n1\n", "a"), None);
    assert_eq!(id("What it `gained`, here"), "what-it-gained-here");
    assert_eq!(
        targets("[a](b.md#c) ![d](e.png) [f](https://g.h)").collect::<Vec<_>>(),
        ["b.md#c", "e.png"]
    );
    assert_eq!(records("of `benches/record/a.txt`.").collect::<Vec<_>>(), ["benches/record/a.txt"]);
    assert_eq!(needs("# needs: numpy, numba\nx"), ["numpy", "numba"]);
    assert!(needs("x").is_empty());
}
