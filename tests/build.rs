//! Collects every kernel of the repository, those of examples in documents too, so that
//! `portable.rs` can look at their portable sources and none is forgotten.
//!
//! A kernel is the text from a line that starts with `#[kernel` to the brace that closes it. The
//! kernels of a file, or of one example, make a module, with the constants that they name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Where kernels may be. In the tests of the macro they are refused, and those of the device's functions are made by
/// a macro, one for each.
const PLACES: &[&str] = &["README.md", "benches", "crates"];
const NOT_HERE: &[&str] = &["crates/kernel-macros/tests", "crates/gpu/src/math/tests"];

fn main() -> io::Result<()> {
    let root = Path::new("..");
    let mut files = BTreeMap::new();
    for place in PLACES {
        println!("cargo::rerun-if-changed=../{place}");
        read(&root.join(place), place, &mut files)?;
    }
    let scopes: Vec<Scope> = files.iter().flat_map(|(file, text)| scopes(file, text)).collect();
    let (mut modules, mut calls) = (String::new(), String::new());
    for (number, scope) in scopes.iter().filter(|scope| scope.code.contains("#[kernel")).enumerate()
    {
        if let Some(module) = module(scope, &scopes) {
            let _ = writeln!(modules, "mod m{number} {{\nuse tenfold_kernel::*;\n{module}}}");
            let _ = write!(calls, "m{number}::all(), ");
        }
    }
    let all = format!("{modules}pub(super) fn all() -> Vec<Found> {{\n[{calls}].concat()\n}}\n");
    fs::write(Path::new(&env::var("OUT_DIR").expect("cargo says where")).join("kernels.rs"), all)
}

/// Rust and Markdown, by the path from the root.
fn read(path: &Path, name: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    if path.is_dir() && !NOT_HERE.contains(&name) {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            read(&entry.path(), &format!("{name}/{}", entry.file_name().display()), files)?;
        }
    } else if name.ends_with(".rs") || name.ends_with(".md") {
        files.insert(name.to_owned(), fs::read_to_string(path)?);
    }
    Ok(())
}

/// Code that sees the same names.
struct Scope {
    /// `README.md, example 2`
    place: String,
    code: String,
}

/// The code of a file, and each example in its comments.
fn scopes(file: &str, text: &str) -> Vec<Scope> {
    let scope = |place: String| Scope { place, code: String::new() };
    let mut own = scope(file.to_owned());
    let (mut examples, mut in_example) = (vec![], false);
    for line in text.lines() {
        let comment = ["///", "//!"].iter().find_map(|mark| line.trim_start().strip_prefix(mark));
        match (comment, file.ends_with(".md")) {
            (None, false) => own.code.extend([line, "\n"]),
            (comment, _) => {
                let line = comment.map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest));
                if line.starts_with("```") {
                    in_example = !in_example;
                    let number = examples.len() + 1;
                    examples.extend(in_example.then(|| scope(format!("{file}, example {number}"))));
                } else if let Some(example) = examples.last_mut().filter(|_| in_example) {
                    example.code.extend([line.strip_prefix("# ").unwrap_or(line), "\n"]);
                }
            }
        }
    }
    examples.push(own);
    examples
}

/// The kernels of a scope, what they need, and a function that has them verified.
fn module(scope: &Scope, all: &[Scope]) -> Option<String> {
    let kernels: Vec<&str> = kernels(&scope.code).collect();
    let constants = kernels.iter().flat_map(|kernel| capitals(kernel));
    let mut needed = BTreeMap::new();
    constants.for_each(|name| need(name, scope, all, &mut needed));
    let calls: String = kernels.iter().map(|kernel| call(kernel, &scope.place)).collect();
    let constants: String = needed.into_values().collect();
    let kernels = kernels.join("\n");
    (!kernels.is_empty()).then(|| {
        format!("{constants}{kernels}\npub(super) fn all() -> Vec<super::Found> {{\nvec![\n{calls}]\n}}\n")
    })
}

/// From each attribute to the brace that closes its function. Those that a macro makes have no names
/// of their own, and are of a form that no device runs.
fn kernels(code: &str) -> impl Iterator<Item = &str> {
    let is_start =
        |at: &usize| code[..*at].lines().last().is_none_or(|line| line.trim().is_empty());
    let starts = code.match_indices("#[kernel").map(|(at, _)| at);
    let starts = starts.filter(move |at| code[..*at].ends_with('\n') || is_start(at));
    starts.map(|at| function(&code[at..])).filter(|kernel| {
        let is_made = kernel.contains('$');
        assert!(!is_made || kernel.starts_with("#[kernel(loop"), "a macro makes {kernel}");
        !is_made
    })
}

fn function(code: &str) -> &str {
    let mut depth = 0;
    let end = code.match_indices(['{', '}']).find(|(_, brace)| {
        depth += if *brace == "{" { 1 } else { -1 };
        depth == 0
    });
    &code[..end.map_or(code.len(), |(at, _)| at + 1)]
}

/// Names in capitals that are no part of a path.
fn capitals(code: &str) -> impl Iterator<Item = &str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let words = code.split(move |c| !is_name(c));
    words.filter(|word| {
        word.len() > 1
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

/// The constant or type of this name, from the nearest file that has it, and those that it is made of.
/// Of one that no file has, the compiler will say that it is missing.
fn need(name: &str, scope: &Scope, all: &[Scope], needed: &mut BTreeMap<String, String>) {
    let heads = [format!("const {name}: "), format!("type {name} = ")];
    let near = |other: &Scope| {
        other.place.bytes().zip(scope.place.bytes()).take_while(|(a, b)| a == b).count()
    };
    let definition = |scope| heads.iter().find_map(|head| definition(scope, head));
    let found = all.iter().filter_map(|scope| Some((scope, definition(scope)?)));
    let Some((home, text)) = found.max_by_key(|(other, _)| near(other)) else { return };
    let is_new = needed.insert(name.to_owned(), format!("{text}\n")).is_none();
    if is_new {
        capitals(text).for_each(|name| need(name, home, all, needed));
    }
}

/// From the head to the semicolon.
fn definition<'a>(scope: &'a Scope, head: &str) -> Option<&'a str> {
    let rest = &scope.code[scope.code.find(head)?..];
    Some(&rest[..=rest.find(';')?])
}

/// An expression for each type of elements.
fn call(kernel: &str, place: &str) -> String {
    let (attribute, rest) = kernel.split_once("fn ").expect("a kernel is a function");
    let name = rest.split(['(', '<']).next().unwrap_or_default();
    let head = rest.split('{').next().unwrap_or_default();
    let returns = head.split_once("->").map_or("", |(_, returns)| returns);
    let first = returns.split(['(', ',', ')']).map(str::trim).find(|word| !word.is_empty());
    let generic = attribute.split_once("for = [").and_then(|(_, rest)| rest.split(']').next());
    let types = generic.or(first).unwrap_or_default().split(',').map(str::trim);
    let on_slices = attribute.contains("loop") || attribute.contains('"');
    let mut calls = String::new();
    for ty in types {
        let kernel = if generic.is_some() { format!("{name}<{ty}>") } else { name.to_owned() };
        let source = match ty {
            // `Kernel` is implemented for numbers alone, and not for indices.
            "" | "usize" | "isize" => {
                format!("<{name} as __private::SourceFor<f64>>::SOURCE.wgsl().map(drop)")
            }
            _ => format!("verify::<{name}, {ty}>()"),
        };
        let fields = format!("place: {place:?}, kernel: {kernel:?}, on_slices: {on_slices}");
        let _ = writeln!(calls, "super::Found {{ {fields}, source: {source} }},");
    }
    calls
}
