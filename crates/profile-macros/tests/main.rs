//! What `#[profile]` refuses, as the compiler shows it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod refused;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use refused::{REFUSED, unmark};

/// Every refused construct in a module of its own, and where its mark lies.
fn cases() -> (String, Vec<std::ops::Range<usize>>) {
    let mut text = String::from("#![allow(warnings)]\nuse tenfold_profile::profile;\n");
    let mut marks = vec![];
    for (number, (marked, _)) in REFUSED.iter().enumerate() {
        let (source, mark) = unmark(marked);
        text += &format!("mod case{number} {{ use super::*;\n");
        marks.push(mark.start + text.len()..mark.end + text.len());
        text += &format!("{source}\n}}\n");
    }
    (text, marks)
}

/// The errors of a package with this text: message, and the bytes that it stands on.
fn errors(text: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let here = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = here.join("refused-profiles");
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), text).unwrap();
    let manifest = format!(
        "[package]\nname = \"refused\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\ntenfold-profile = {{ path = {:?} }}\n\n[workspace]\n",
        crates.join("profile")
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions that are here already, and no question to a registry.
    fs::copy(crates.parent().unwrap().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["check", "--offline", "--quiet", "--message-format", "json"]);
    cargo.current_dir(&folder).env("CARGO_TARGET_DIR", here.join("target"));
    let output = cargo.output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let messages = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ours = messages.filter(|line| line["target"]["name"] == "refused");
    let found: Vec<_> = ours.filter_map(|line| place(&line["message"])).collect();
    assert!(!found.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    found
}

fn place(message: &Value) -> Option<(String, std::ops::Range<usize>)> {
    let spans = message["spans"].as_array()?;
    let span = spans.iter().find(|span| span["is_primary"] == true)?;
    let byte = |key: &str| usize::try_from(span[key].as_u64()?).ok();
    let is_error = message["level"] == "error";
    let text = message["message"].as_str()?.to_owned();
    is_error.then_some((text, byte("byte_start")?..byte("byte_end")?))
}

#[test]
fn every_refusal_stands_on_its_construct_and_raises_nothing_else() {
    let (text, marks) = cases();
    let mut found = errors(&text);
    found.sort_by_key(|(_, at)| at.start);
    for ((marked, message), mark) in REFUSED.iter().zip(&marks) {
        let at = found.iter().position(|(text, at)| at == mark && text.contains(message));
        let at = at.unwrap_or_else(|| panic!("{marked}: no `{message}` among {found:#?}"));
        found.remove(at);
    }
    assert!(found.is_empty(), "errors besides: {found:#?}");
}
