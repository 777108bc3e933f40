//! valgrind: runs a program, since one that does not know this machine's C library only says its
//! version.

use std::process::Command;

use anyhow::Result;

use super::cc;
use super::finding::Answer;
use super::path::find;
use super::scratch::{PATIENCE, Scratch};

const HELLO: &str = include_str!("cc.c");

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let Some(valgrind) = find("valgrind") else {
        return Ok(Answer::missing("no valgrind on PATH"));
    };
    let version = scratch.text(Command::new(&valgrind).arg("--version"), PATIENCE)?;
    let program = scratch.compile(cc::command()?, "hello", HELLO)?;
    let mut check = Command::new(&valgrind);
    scratch.text(check.args(["--quiet", "--error-exitcode=9"]).arg(program), PATIENCE)?;
    Ok(Answer::found(format!("{}, {}", version.trim(), valgrind.display())))
}
