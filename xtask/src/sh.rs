//! Running other programs, with errors that name the whole command.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};

use anyhow::{Context as _, Result, bail};

use crate::exit;

/// The workspace's root, wherever the command was called.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo builds, `target/` unless the environment says otherwise.
pub(crate) fn target_dir() -> PathBuf {
    let named = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"].into_iter();
    let named = named.filter_map(std::env::var_os).find(|folder| !folder.is_empty());
    named.map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where `cargo()` builds, from wherever we were called: a folder that is relative is at the root for it.
pub(crate) fn build_dir() -> PathBuf {
    root().join(target_dir())
}

/// The cargo that runs us, at the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The command as one would type it.
pub(crate) fn display(command: &Command) -> String {
    let cargo = std::env::var_os("CARGO");
    let program = command.get_program();
    // Nobody types the path of the toolchain's own cargo.
    let program = if cargo.as_deref() == Some(program) { "cargo".as_ref() } else { program };
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

/// The command with the variables that it sets, as a line.
pub(crate) fn typed(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        let value = quoted(&value?.to_string_lossy());
        Some(format!("{}={value} ", name.to_string_lossy()))
    });
    variables.chain([display(command), String::from("\n")]).collect()
}

/// A path as text, as scripts and records have it.
pub(crate) fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .ok_or_else(|| exit::usage(format!("{path:?} is no UTF-8: take another name for it")))
}

/// A word as bash takes it for itself.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Runs the command with our stdin, stdout and stderr.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", display(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", display(command));
    }
    Ok(())
}

/// Runs the command and keeps what it prints; a command that fails is not an error yet.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| format!("cannot start {}", display(command)))
}

/// Whether a program ended because somebody pressed Ctrl-C.
#[cfg(unix)]
pub(crate) fn interrupted(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    const SIGINT: i32 = 2;
    // Cargo passes on a signal that ended what it ran as 128 more than its number.
    status.signal() == Some(SIGINT) || status.code() == Some(128 + SIGINT)
}

/// Whether a program ended because somebody pressed Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn interrupted(status: ExitStatus) -> bool {
    // STATUS_CONTROL_C_EXIT, of the one other system that has one.
    status.code() == Some(0xc000_013a_u32.cast_signed())
}
