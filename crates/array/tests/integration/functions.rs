//! The table of dask.array's functions, and what one writes here: `functions.txt` has it, and `FUNCTIONS.md` shows it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Dask's function, and what one writes here, if there is something.
type Line<'a> = (&'a str, Option<&'a str>);

fn at(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn read(file: &str) -> String {
    fs::read_to_string(at(file)).unwrap()
}

/// The version of Dask, and the lines.
fn table(data: &str) -> (&str, Vec<Line<'_>>) {
    let version = data.lines().find_map(|line| line.strip_prefix("# Dask ")).unwrap();
    let lines = data.lines().filter(|line| !line.starts_with('#'));
    let lines = lines.map(|line| line.split_once(": ").unwrap());
    (version, lines.map(|(dask, ours)| (dask, Some(ours).filter(|ours| *ours != "-"))).collect())
}

/// How many functions there are, and the share that can be written here.
fn share(lines: &[Line<'_>]) -> String {
    let covered = lines.iter().filter(|(_, ours)| ours.is_some()).count();
    let percent = (covered * 100) as f64 / lines.len() as f64;
    format!("{covered} of the {} public functions of `dask.array` ({percent:.0} %)", lines.len())
}

fn page(version: &str, lines: &[Line<'_>]) -> String {
    let mut page = format!(
        "# What `dask.array` has, and what one writes here\n\n\
         The public functions of `dask.array` {version} and of its modules, without those that they have only because they \
         call them. Here `x` and `y` are arrays, `z` one of complex numbers, `mask` one of bools, and `random` is a `Random`. \
         An array with a mask is a pair of arrays. Made of `functions.txt`.\n\n\
         {}.\n\n| `dask.array` | here |\n|---|---|\n",
        share(lines)
    );
    for (dask, ours) in lines {
        let ours =
            ours.map_or_else(|| "-".to_owned(), |ours| format!("`{}`", ours.replace('|', "\\|")));
        writeln!(page, "| `{dask}` | {ours} |").unwrap();
    }
    page
}

/// All code of a folder but for comments.
fn code(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            code(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            lines.for_each(|line| all.extend([line, "\n"]));
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// What the source defines: functions, types, and what macros make functions of, which have their names first.
fn defined(code: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let all: Vec<&str> = words(code).collect();
    let defines = ["fn", "struct", "enum"];
    names.extend(all.windows(2).filter(|pair| defines.contains(&pair[0])).map(|pair| pair[1]));
    for line in code.lines().map(str::trim_start).filter(|line| !line.starts_with("let ")) {
        let line = line.split_once("!(").map_or(line, |(_, names)| names);
        let end = line.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ' ');
        names.extend(words(&line[..end.unwrap_or(line.len())]));
    }
    names
}

/// The functions that an expression calls, and the types whose they are.
fn called(expression: &str) -> Vec<&str> {
    let mut called = vec![];
    for (at, _) in expression.match_indices(['(', ':']) {
        called.extend(
            words(&expression[..at]).last().filter(|word| expression[..at].ends_with(word)),
        );
    }
    called
}

#[test]
fn the_page_is_what_the_data_say() {
    let data = read("functions.txt");
    let (version, lines) = table(&data);
    let readme = read("README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let help =
        "cargo test -p tenfold-array --test integration -- --ignored functions::write_the_page";
    assert!(
        read("FUNCTIONS.md") == page(version, &lines),
        "FUNCTIONS.md is old; `{help}` writes it"
    );
    assert!(readme.contains(&share(&lines)), "README.md: {}", share(&lines));
    let names: BTreeSet<&str> = lines.iter().map(|(dask, _)| *dask).collect();
    assert_eq!(names.len(), lines.len(), "a function is there twice");
}

#[test]
#[ignore = "long: writes FUNCTIONS.md, by hand"]
fn write_the_page() {
    let data = read("functions.txt");
    let (version, lines) = table(&data);
    fs::write(at("FUNCTIONS.md"), page(version, &lines)).unwrap();
}

#[test]
fn every_function_of_ours_is_in_the_source() {
    let mut source = String::new();
    code(&at("src"), &mut source);
    let (data, defined) = (read("functions.txt"), defined(&source));
    for (dask, ours) in table(&data).1 {
        for name in ours.map(called).unwrap_or_default() {
            assert!(defined.contains(name), "{dask}: nothing is called `{name}`");
        }
    }
}

#[test]
fn what_is_called_is_found() {
    assert_eq!(called("Array::eye(shape, k, chunks)"), ["Array", "eye"]);
    assert_eq!(called("(x.floor_div(&y), -x.t().abs())"), ["floor_div", "t", "abs"]);
    let code = "pub fn sum(&self) {\n    x.median();\n}\nreduction!(prod prod_axis () -> T);\nless |a, b| a < b;";
    let defined = defined(code);
    assert!(["sum", "prod_axis", "less"].iter().all(|name| defined.contains(name)));
    assert!(!defined.contains("median"));
}
