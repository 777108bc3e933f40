//! Names of new things: what Rust, cargo and the house rules take.

use anyhow::Result;

use crate::exit;

/// Rust's strict and reserved keywords, and names that a module of ours cannot have.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that say nothing.
const EMPTY: &[&str] = &["common", "core", "helpers", "misc", "shared", "util", "utils"];

/// A module's name: lower-case words with `_` between them.
pub(super) fn module(name: &str) -> Result<()> {
    check(name, '_', "lower-case letters, digits and `_`, as in `heat_2d`")
}

/// A crate's name without the prefix: lower-case words with `-` between them.
pub(super) fn krate(name: &str) -> Result<()> {
    if name.starts_with("tenfold") {
        return Err(exit::usage(format!("`{name}`: the package gets the prefix by itself")));
    }
    if EMPTY.contains(&name) {
        return Err(exit::usage(format!("`{name}` does not say what is in it")));
    }
    check(name, '-', "lower-case letters, digits and `-`, as in `comm-mpi`")
}

fn check(name: &str, divider: char, rule: &str) -> Result<()> {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts || !name.split(divider).all(is_word) {
        return Err(exit::usage(format!("`{name}` is no name here: {rule}")));
    }
    if KEYWORDS.contains(&name) {
        return Err(exit::usage(format!("`{name}` is a keyword of Rust")));
    }
    Ok(())
}

/// The type of a module: `heat_2d` gives `Heat2d`.
pub(super) fn camel(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::{camel, krate, module};

    #[test]
    fn modules_are_snake_case() {
        assert!(["heat", "heat_2d", "a1"].iter().all(|name| module(name).is_ok()));
        for name in ["", "Heat", "heat-2d", "2d", "_a", "a_", "a__b", "a b", "a/b", "../a", "é"] {
            assert!(module(name).unwrap_err().to_string().contains("no name here"), "{name}");
        }
        for name in ["mod", "self", "gen", "async", "loop"] {
            assert!(module(name).unwrap_err().to_string().contains("keyword"), "{name}");
        }
    }

    #[test]
    fn crates_are_kebab_case() {
        assert!(["memo", "comm-mpi", "a1-b2"].iter().all(|name| krate(name).is_ok()));
        for name in ["", "Memo", "comm_mpi", "-a", "a-", "a--b", "match", "core", "tenfold-memo"] {
            assert!(krate(name).is_err(), "{name}");
        }
    }

    #[test]
    fn types_are_camel_case() {
        assert_eq!(camel("heat_2d"), "Heat2d");
        assert_eq!(camel("nbody"), "Nbody");
    }
}
