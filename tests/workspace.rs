//! Where the workspace is, and what lies in it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The workspace's root, or that of the copy that `cargo xtask test` wants looked at.
pub(crate) fn root() -> PathBuf {
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    std::env::var_os("TENFOLD_ROOT").map_or_else(ours, PathBuf::from)
}

/// A file's text; a panic that says what is missing.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The packages, as `cargo metadata` has them.
pub(crate) fn packages() -> Vec<Value> {
    let mut cargo = cargo();
    cargo.args(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// xtask: the one that runs the tests, or else the one that cargo builds.
pub(crate) fn xtask() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let given = std::env::var_os("TENFOLD_XTASK").map(PathBuf::from);
    let path = given.unwrap_or_else(|| {
        BUILT.get_or_init(|| programs(&["--package", "xtask"]).swap_remove(0)).clone()
    });
    let mut xtask = Command::new(path);
    xtask.current_dir(root()).stdin(Stdio::null());
    xtask
}

/// The programs that `cargo build` with these arguments makes.
pub(crate) fn programs(args: &[&str]) -> Vec<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--quiet", "--message-format", "json-render-diagnostics"]).args(args);
    let built = cargo.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let lines = String::from_utf8(built.stdout).unwrap();
    let messages = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    messages.filter_map(|message| Some(message["executable"].as_str()?.into())).collect()
}

/// The names of the folders in a folder, in order.
pub(crate) fn folders(path: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(path)).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The files that git tracks or would track; `None`, counted as a skip, where there is no git.
pub(crate) fn files() -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let Some(output) = git.output().ok().filter(|output| output.status.success()) else {
        skip("looking through all files", "git does not list them");
        return None;
    };
    let list = String::from_utf8(output.stdout).unwrap();
    let files = list.split_terminator('\0').map(str::to_owned);
    Some(files.filter(|file| root().join(file).is_file()).collect())
}

/// Tells `cargo xtask test` of something that was not tried.
pub(crate) fn skip(name: &str, reason: &str) {
    // Not `println!`, which the test runner captures.
    let line = format!("skipped: {name}: {reason}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}
