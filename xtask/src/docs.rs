//! `docs`: the book, and the documentation of the crates.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use lexopt::{Arg, Parser};

use crate::doctor::{self, Dependency};
use crate::exit::{self, Exit, say};
use crate::sh;

pub(crate) const HELP: &str = "\
cargo xtask docs [--open]

Builds the book, docs/, into target/tenfold/book, and the documentation of the crates into
target/doc. The book takes mdbook, which `cargo xtask setup docs` supplies.

  --open   shows the book in a browser

Exit codes: 0 built, 1 something does not build, 2 usage, 3 there is no mdbook
";

/// `cargo xtask docs`
pub(crate) fn run(mut parser: Parser) -> Result<Exit> {
    let mut opens = false;
    while let Some(arg) = parser.next().map_err(wrong)? {
        match arg {
            Arg::Long("open") => opens = true,
            Arg::Short('h') | Arg::Long("help") => return exit::print(HELP),
            other => return Err(wrong(other.unexpected())),
        }
    }
    let Some(mdbook) = doctor::tool("mdbook") else {
        say(&format!("docs: there is no mdbook; {}", Dependency::Mdbook.supply()));
        return Ok(Exit::Nothing);
    };
    sh::run(&mut book(&mdbook))?;
    sh::run(sh::cargo().args(["doc", "--no-deps", "--all-features"]))?;
    let page = folder().join("index.html");
    exit::print(&format!(
        "the book    {}\nthe crates  {}\n",
        page.display(),
        sh::build_dir().join("doc").display()
    ))?;
    if opens {
        open(&page);
    }
    Ok(Exit::Ok)
}

fn wrong(error: lexopt::Error) -> anyhow::Error {
    exit::usage(format!("{error}\n\n{HELP}"))
}

/// Where the book is put.
fn folder() -> PathBuf {
    let folder = sh::build_dir().join("tenfold/book");
    std::path::absolute(&folder).unwrap_or(folder)
}

/// What builds the book.
pub(crate) fn book(mdbook: &Path) -> Command {
    let mut command = Command::new(mdbook);
    command.args(["build", "docs", "--dest-dir"]).arg(folder()).current_dir(sh::root());
    command
}

/// Shows a page in the user's browser, or says why not.
fn open(page: &Path) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = sh::run(&mut command) {
        say(&format!("the book is not open: {error:#}"));
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, HELP, Parser, book, run, sh};

    #[test]
    fn the_book_is_built_below_target() {
        let line = sh::display(&book("mdbook".as_ref()));
        assert!(line.starts_with("mdbook build docs --dest-dir /"), "{line}");
        assert!(line.ends_with("tenfold/book"), "{line}");
    }

    #[test]
    fn a_wrong_command_line_is_a_usage_error() {
        let error = run(Parser::from_args(["--opne"])).unwrap_err();
        assert!(error.to_string().contains(HELP), "{error}");
        assert_eq!(Exit::from_error(error), Exit::Usage);
        assert_eq!(run(Parser::from_args(["--help"])).unwrap(), Exit::Ok);
    }
}
