//! The programs that steps run: without stdin, their output shown as it comes and kept.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::{exit, sh};

/// A program that has ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) ok: bool,
    /// What it wrote to stdout.
    pub(super) lines: Vec<String>,
    /// How to run it again.
    pub(super) repeat: String,
}

/// Runs it; stdout goes to our stderr line by line, as our stdout is for the report.
pub(super) fn show(command: &mut Command) -> Result<Ran> {
    run(command, exit::say)
}

/// Runs it; stdout is kept alone.
pub(super) fn keep(command: &mut Command) -> Result<Ran> {
    run(command, |_| {})
}

fn run(command: &mut Command, mut each: impl FnMut(&str)) -> Result<Ran> {
    let repeat = typed(command);
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = started.with_context(|| format!("cannot start {repeat}"))?;
    let mut lines = Vec::new();
    for line in BufReader::new(child.stdout.take().context("no stdout")?).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        each(&line);
        lines.push(line);
    }
    Ok(Ran { ok: child.wait()?.success(), lines, repeat })
}

/// The command as one would type it in a shell: with the variables that it sets, the program
/// without its folder, and the folder it runs in unless that is the workspace's root.
pub(super) fn typed(command: &Command) -> String {
    let mut plain = Command::new(file_name(command.get_program()));
    plain.args(command.get_args());
    let folder = command.get_current_dir().filter(|&dir| dir != sh::root());
    let folder = folder.map(|dir| format!("cd {} && ", dir.display()));
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}='{}' ", name.to_string_lossy(), value?.to_string_lossy()))
    });
    folder.into_iter().chain(variables).chain([sh::display(&plain)]).collect()
}

fn file_name(program: &OsStr) -> &OsStr {
    Path::new(program).file_name().unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::{keep, typed};
    use std::process::Command;

    #[test]
    fn a_command_can_be_typed_again() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(typed(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
        command.current_dir("/elsewhere");
        assert!(typed(&command).starts_with("cd /elsewhere && RUSTDOCFLAGS="));
    }

    #[test]
    fn keeps_what_is_printed() {
        let ran = keep(crate::sh::cargo().arg("--version")).unwrap();
        assert!(ran.ok && ran.lines[0].starts_with("cargo 1."), "{ran:?}");
        assert!(!keep(crate::sh::cargo().args(["--list", "--no-such-flag"])).unwrap().ok);
    }
}
