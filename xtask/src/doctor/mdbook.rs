//! mdbook, which makes pages of the book: makes a page of a book of one line.

use std::process::Command;

use anyhow::Result;

use super::finding::Answer;
use super::scratch::{PATIENCE, Scratch};
use super::tool;

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let Some(mdbook) = tool::program("mdbook") else { return Ok(tool::missing("mdbook")) };
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
