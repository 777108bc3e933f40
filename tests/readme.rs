//! What the documents say, held against what is there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::book;
use crate::workspace::{folders, read, root, xtask};

/// Those at the root, and the chapters of the book.
fn documents() -> Vec<String> {
    let at_root = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(str::to_owned);
    at_root.into_iter().chain(book::chapters()).collect()
}

/// The lines in code blocks, or those outside.
fn lines(text: &str, in_code: bool) -> Vec<&str> {
    let (mut inside, mut found) = (false, vec![]);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside == in_code {
            found.push(line);
        }
    }
    found
}

/// The `cargo xtask` commands of a document, without the comments behind them. Those with a
/// placeholder (`[..]`, `NAME`, ..) are a synopsis.
fn commands(text: &str) -> BTreeSet<Vec<String>> {
    let typed = lines(text, true).into_iter().filter_map(|line| {
        let line = line.trim_start().trim_start_matches("$ ");
        let line = line.split(" #").next()?.trim_end_matches('\\');
        line.strip_prefix("cargo xtask ").map(str::to_owned)
    });
    let words = typed.map(|line| line.split_whitespace().map(str::to_owned).collect());
    words.filter(|words: &Vec<String>| !words.iter().any(|word| is_placeholder(word))).collect()
}

fn is_placeholder(word: &str) -> bool {
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    word.contains(['[', ']', '|', '<', '>']) || word.contains("..") || capitals >= 2
}

/// What makes a command say what it would do, and do nothing.
fn harmless(command: &str) -> &'static str {
    match command {
        "bench" | "build" | "new" | "setup" => "--dry-run",
        "test" => "--list",
        _ => "--help",
    }
}

#[test]
fn every_command_is_accepted() {
    for document in documents() {
        for words in commands(&read(&document)) {
            // Behind `--` it would be the program's.
            let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
            let mut xtask = xtask();
            xtask.args(&words[..end]).arg(harmless(&words[0])).args(&words[end..]);
            let output = xtask.output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            let line = words.join(" ");
            assert!(output.status.success(), "{document}: cargo xtask {line}\n{errors}");
        }
    }
}

#[test]
fn commands_are_found_in_code_blocks() {
    let text = "`cargo xtask out`\n```sh\n$ cargo xtask bench heat  # climb\ncargo xtask new rung \
                WORKLOAD/RUNG\ncargo xtask test [--quick]\n  cargo xtask doctor\ncargo test\n```\n";
    let found = commands(text);
    assert_eq!(
        found.iter().map(|words| words.join(" ")).collect::<Vec<_>>(),
        ["bench heat", "doctor"]
    );
}

/// The crates that the tables of a document name, as `tenfold-x` or by their folder.
fn crates_in_tables(text: &str) -> BTreeSet<String> {
    let rows = lines(text, false).into_iter().filter(|line| line.trim_start().starts_with('|'));
    let starts = ["tenfold-", "crates/"];
    let names = rows.flat_map(|row| starts.iter().flat_map(|start| row.split(start).skip(1)));
    let end = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let names = names.filter_map(|rest| rest.split(end).next()).map(str::to_owned);
    names.filter(|name| !["", "benches", "tests"].contains(&name.as_str())).collect()
}

#[test]
fn the_tables_list_exactly_the_crates() {
    let crates: BTreeSet<String> = folders("crates").into_iter().collect();
    for document in ["README.md", "ARCHITECTURE.md"] {
        let listed = crates_in_tables(&read(document));
        let list = |names: &BTreeSet<String>, others: &BTreeSet<String>| {
            names.difference(others).cloned().collect::<Vec<_>>().join(", ")
        };
        let (missing, extra) = (list(&crates, &listed), list(&listed, &crates));
        assert!(missing.is_empty(), "no table of {document} lists {missing}");
        assert!(extra.is_empty(), "a table of {document} lists {extra}, which crates/ lacks");
    }
}

#[test]
fn crates_are_found_in_tables() {
    let text = "tenfold-out\n| [`profile`](crates/profile) | `tenfold-memo`, crates/comm-mpi |\n\
                | tenfold-benches |\n```\n| tenfold-gpu |\n```\n";
    assert_eq!(
        crates_in_tables(text).into_iter().collect::<Vec<_>>(),
        ["comm-mpi", "memo", "profile"]
    );
}

/// The targets of the links that lead to files.
fn links(text: &str) -> Vec<&str> {
    let lines = lines(text, false).into_iter();
    let targets = lines.flat_map(|line| line.split("](").skip(1));
    let targets = targets.filter_map(|rest| rest.split([')', ' ', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains(':')).collect()
}

#[test]
fn links_lead_somewhere() {
    let readmes = folders("crates").into_iter().map(|name| format!("crates/{name}/README.md"));
    let readmes = readmes.filter(|file| root().join(file).is_file());
    for document in documents().into_iter().chain(readmes) {
        let folder = root().join(Path::new(&document).parent().unwrap());
        for target in links(&read(&document)) {
            assert!(folder.join(target).exists(), "{document} links to {target}");
        }
    }
}

#[test]
fn links_are_found() {
    let text = "[a](b.md#c) and [d](https://e.f) ![g](h/i.png \"j\") [k](#l)\n```\n[m](n)\n```\n";
    assert_eq!(links(text), ["b.md", "h/i.png"]);
}
