//! The table of features in each crate's README, held against its Cargo.toml.

use serde_json::Value;

use crate::workspace::{packages, read};

/// The rows of the table below `## Features`; `None` where there is no such heading.
fn rows(readme: &str) -> Option<Vec<Vec<&str>>> {
    let (_, section) = readme.split_once("\n## Features\n")?;
    let lines = section.lines().skip_while(|line| !line.starts_with("|---"));
    let lines = lines.skip(1).take_while(|line| line.starts_with("| "));
    Some(lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect())
}

/// What a feature turns on: crates by their names, and other features in marks of code. What it asks of
/// a crate that another feature brings in is left out.
fn brings(list: &Value) -> String {
    let parts = list.as_array().unwrap().iter().map(|part| part.as_str().unwrap());
    let parts = parts.filter(|part| !part.contains("?/"));
    let names = parts.map(|part| match part.strip_prefix("dep:") {
        Some(name) => name.to_owned(),
        None => format!("`{part}`"),
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    if names.is_empty() { String::from("-") } else { names.join(", ") }
}

/// What the table should have in its first and last column, by name.
fn expected(features: &Value) -> Vec<(String, String)> {
    let on = features["default"].as_array().cloned().unwrap_or_default();
    let features = features.as_object().unwrap().iter().filter(|(name, _)| *name != "default");
    let row = |(name, list): (&String, &Value)| {
        let is_on = on.iter().any(|feature| feature == name.as_str());
        let mark = if is_on { " (default)" } else { "" };
        (format!("`{name}`{mark}"), brings(list))
    };
    let mut rows: Vec<(String, String)> = features.map(row).collect();
    rows.sort();
    rows
}

#[test]
fn each_readme_has_a_table_of_the_features() {
    let mut count = 0;
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let is_ours = package["manifest_path"].as_str().unwrap().contains("/crates/");
        if !is_ours || package["targets"][0]["kind"][0] == "proc-macro" {
            continue;
        }
        let readme = read(&format!("crates/{}/README.md", &name["tenfold-".len()..]));
        let rows =
            rows(&readme).unwrap_or_else(|| panic!("{name}: no `## Features` in its README"));
        let mut found = vec![];
        for row in &rows {
            assert!(row.len() == 3 && row[1].len() > 5, "{name}: {row:?} says what it brings");
            found.push((row[0].to_owned(), row[2].to_owned()));
        }
        found.sort();
        assert_eq!(found, expected(&package["features"]), "{name}: README and Cargo.toml");
        let says_none = readme.contains("None: all of it is always there.");
        assert_eq!(says_none, found.is_empty(), "{name}: with features or without");
        count += 1;
    }
    assert!(count > 10, "{count}");
}

#[test]
fn features_are_read_from_both() {
    let features = serde_json::json!({
        "default": ["a"], "a": [], "b": ["dep:z", "a", "dep:y", "z?/serde"],
    });
    let pair = |name: &str, brings: &str| (name.to_owned(), brings.to_owned());
    assert_eq!(expected(&features), [pair("`a` (default)", "-"), pair("`b`", "`a`, y, z")]);
    let readme = "# x\n\n## Features\n\n| a | b | c |\n|---|---|---|\n| `a` | one | - |\n\n| no | no | no |\n";
    assert_eq!(rows(readme), Some(vec![vec!["`a`", "one", "-"]]));
    assert_eq!(rows("# x\n## Features\n\nNone.\n"), Some(vec![]));
    assert_eq!(rows("# x\n"), None);
}
