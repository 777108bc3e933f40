//! `cargo xtask annotate`: source tinted by what the compiler left in it.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;
use lexopt::Parser;

use crate::exit::{self, Exit};
use crate::sh;

pub(crate) const HELP: &str = include_str!("../../crates/annotate/src/command/help.txt");

/// `cargo xtask annotate`
pub(crate) fn run(mut parser: Parser) -> Result<Exit> {
    let words: Vec<OsString> = parser.raw_args()?.collect();
    // Nothing has to be built for it.
    if words.is_empty() || words.iter().any(|word| word == "--help" || word == "-h") {
        return exit::print(HELP);
    }
    let status = command(&words)?.status()?;
    if sh::interrupted(status) {
        return Ok(Exit::Interrupted);
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(Exit::Failed, Exit::Program))
}

/// The program of the crate, in the folder where paths are typed.
fn command(words: &[OsString]) -> Result<Command> {
    let mut cargo = sh::cargo();
    cargo.current_dir(std::env::current_dir()?);
    cargo
        .args(["run", "--quiet", "--release", "--manifest-path"])
        .arg(sh::root().join("Cargo.toml"));
    cargo.args(["--package", "tenfold-annotate", "--bin", "cargo-annotate", "--"]).args(words);
    Ok(cargo)
}

#[cfg(test)]
mod tests {
    use super::{HELP, Parser, command, run, sh};
    use crate::exit::Exit;

    #[test]
    fn starts_the_program_where_we_are() {
        let command = command(&["src/a b.rs".into(), "--open".into()]).unwrap();
        let line = sh::display(&command);
        let end = "--package tenfold-annotate --bin cargo-annotate -- 'src/a b.rs' --open";
        assert!(
            line.contains(" run --quiet --release --manifest-path ") && line.ends_with(end),
            "{line}"
        );
        assert_eq!(command.get_current_dir(), Some(&*std::env::current_dir().unwrap()));
    }

    #[test]
    fn helps_without_a_build() {
        assert!(HELP.contains("cargo xtask annotate SOURCE"));
        for line in [&["--help"][..], &["a.rs", "-h"], &[]] {
            assert_eq!(run(Parser::from_args(line)).unwrap(), Exit::Ok);
        }
    }
}
