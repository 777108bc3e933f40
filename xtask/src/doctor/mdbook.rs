//! mdbook, which makes pages of the book: makes a page of a book of one line.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::finding::Answer;
use super::path::find;
use super::scratch::{PATIENCE, Scratch};
use crate::sh;

/// The folder that `cargo xtask setup docs` installs into.
pub(crate) fn tools() -> PathBuf {
    let folder = sh::target_dir().join("tenfold/tools");
    std::path::absolute(&folder).unwrap_or(folder)
}

/// That of `cargo xtask setup docs`, or else the one on `PATH`, which may be broken.
pub(crate) fn program() -> Option<PathBuf> {
    let ours = tools().join("bin").join(format!("mdbook{}", std::env::consts::EXE_SUFFIX));
    Some(ours).filter(|path| path.is_file()).or_else(|| find("mdbook"))
}

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let Some(mdbook) = program() else {
        let folder = tools().join("bin");
        return Ok(Answer::missing(format!("no mdbook on PATH or in {}", folder.display())));
    };
    let version = scratch.text(Command::new(&mdbook).arg("--version"), PATIENCE)?;
    let toml = scratch.write("book.toml", "[book]\nsrc = \".\"\n")?;
    scratch.write("SUMMARY.md", "[One](one.md)\n")?;
    scratch.write("one.md", "One line.\n")?;
    let mut build = Command::new(&mdbook);
    scratch.text(build.arg("build").args(toml.parent()), PATIENCE)?;
    if !scratch.path("book/one.html").is_file() {
        return Ok(Answer::broken(format!("{} makes no page", mdbook.display())));
    }
    Ok(Answer::found(format!("{}, {}", version.trim(), mdbook.display())))
}
