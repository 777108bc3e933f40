//! The C compiler: compiles a program, which runs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::finding::Answer;
use super::path::{find, variable};
use super::scratch::{PATIENCE, Scratch};

const HELLO: &str = include_str!("cc.c");

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let Some(compiler) = path() else {
        let chosen = words().into_iter().next();
        let chosen = chosen.unwrap_or_else(|| String::from("cc, gcc or clang"));
        return Ok(Answer::missing(format!("no {chosen} on PATH")));
    };
    let program = scratch.compile(command()?, "hello", HELLO)?;
    let said = scratch.text(&mut Command::new(program), PATIENCE)?;
    ensure!(said.trim() == "hello", "a compiled program prints {said:?} instead of \"hello\"");
    let version = scratch.text(command()?.arg("--version"), PATIENCE)?;
    let version = version.lines().next().unwrap_or_default();
    Ok(Answer::found(format!("{version}, {}", compiler.display())))
}

/// The compiler with the arguments that `CC` gives it (`ccache gcc`).
pub(super) fn command() -> Result<Command> {
    ensure!(path().is_some(), "cannot be tried without a C compiler");
    let words = words();
    let (program, arguments) = words.split_first().context("CC is blank")?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

fn path() -> Option<PathBuf> {
    words().first().and_then(|program| find(program))
}

fn words() -> Vec<String> {
    if let Some(chosen) = variable("CC") {
        return chosen.split_whitespace().map(str::to_owned).collect();
    }
    let known = ["cc", "gcc", "clang"].into_iter().find(|name| find(name).is_some());
    known.map(str::to_owned).into_iter().collect()
}
