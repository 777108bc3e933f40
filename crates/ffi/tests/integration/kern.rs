//! The example `kern`, as a library.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

static LIBRARY: LazyLock<PathBuf> = LazyLock::new(build);

/// The library, which is built once.
pub(crate) fn library() -> &'static Path {
    &LIBRARY
}

fn build() -> PathBuf {
    let mut cargo = cargo(Path::new(env!("CARGO_MANIFEST_DIR")));
    cargo.args(["--package", "tenfold-ffi", "--all-features", "--example", "kern"]);
    let lines = run(cargo.args(["--message-format", "json"]));
    let line =
        lines.lines().find(|line| line.contains(r#""name":"kern""#) && line.contains("libkern.so"));
    let names = line.unwrap().split('"');
    names.into_iter().find(|name| name.ends_with("/libkern.so")).unwrap().into()
}

/// The command that builds what is in a folder, and asks no registry.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--offline"]).current_dir(folder);
    cargo
}

/// Runs a command that has to end well; what it prints.
pub(crate) fn run(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("cannot run {shown}: {error}"));
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{shown}: {status}\n{stdout}{stderr}");
    stdout
}
