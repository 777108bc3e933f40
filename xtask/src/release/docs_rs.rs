//! The documentation as docs.rs is to build it.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::Result;

use super::package::{complaint, not_built};
use super::{Answer, Release};
use crate::sh;
use crate::workspace::{DocsRs, Package};

/// Builds the crates that docs.rs is told the same of, all at once.
pub(super) fn look(release: &Release<'_>) -> Result<Answer> {
    let wrong: Vec<String> = release.crates.iter().filter_map(|package| unread(package)).collect();
    let (crates, left) = release.buildable();
    let count = crates.len();
    let mut alike: BTreeMap<DocsRs, Vec<&str>> = BTreeMap::new();
    for package in crates {
        alike.entry(package.docs_rs()).or_default().push(&package.name);
    }
    for (told, names) in &alike {
        if let Some(said) = complaint(&mut command(told, names))? {
            return Ok(not_built(&said));
        }
    }
    let built =
        format!("{count} without a warning, on stable: without the flags of the nightly there");
    Ok(match left.len() {
        0 => Answer::of(built, &wrong),
        _ if !wrong.is_empty() => Answer::of(built, &wrong),
        _ => Answer::Unknown(format!("{built}; not tried: {}", left.join("; "))),
    })
}

/// What docs.rs is told of a package and we do not do.
fn unread(package: &Package) -> Option<String> {
    let keys: Vec<String> = package.docs_rs().others.into_keys().collect();
    let keys = (!keys.is_empty()).then(|| keys.join(", "))?;
    Some(format!(
        "{}: [package.metadata.docs.rs] has {keys}, which is not tried here",
        package.name
    ))
}

/// `targets` says for which processors it is built there; it is built for this one.
fn command(told: &DocsRs, names: &[&str]) -> Command {
    let mut cargo = sh::cargo();
    cargo.args(["doc", "--no-deps"]);
    cargo.args(names.iter().flat_map(|name| ["--package", name]));
    cargo.args(told.all_features.then_some("--all-features"));
    cargo.args(told.no_default_features.then_some("--no-default-features"));
    if !told.features.is_empty() {
        cargo.args(["--features", &told.features.join(",")]);
    }
    cargo.env("RUSTDOCFLAGS", flags(&told.rustdoc_args));
    cargo
}

/// Those that stable takes, and no warning. `-Z` is for the nightly that docs.rs has.
fn flags(args: &[String]) -> String {
    let mut flags = String::from("-D warnings");
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-Z" => _ = args.next(),
            arg if arg.starts_with("-Z") => {}
            arg => flags += &format!(" {arg}"),
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::{DocsRs, command, flags, sh};

    #[test]
    fn the_flags_are_those_of_the_metadata() {
        let told: DocsRs = serde_json::from_str(
            r#"{"features": ["a", "b"], "no-default-features": true, "rustdoc-args": ["--cfg", "x"]}"#,
        )
        .unwrap();
        let command = command(&told, &["one", "two"]);
        let line = sh::display(&command);
        let end = "doc --no-deps --package one --package two --no-default-features --features a,b";
        assert!(line.ends_with(end), "{line}");
        let flags = command.get_envs().find_map(|(_, value)| value).unwrap();
        assert_eq!(flags, "-D warnings --cfg x");
        let told: DocsRs =
            serde_json::from_str(r#"{"all-features": true, "cargo-args": []}"#).unwrap();
        assert!(told.all_features && told.others.contains_key("cargo-args"));
    }

    #[test]
    fn flags_of_the_nightly_are_left_out() {
        let args =
            ["-Z", "unstable-options", "-Zx", "--html-in-header", "a.html"].map(str::to_owned);
        assert_eq!(flags(&args), "-D warnings --html-in-header a.html");
    }
}
