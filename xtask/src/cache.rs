//! `cargo xtask cache`: looks into a folder of remembered values.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use crate::exit::{self, Exit};
use crate::sh;

pub(crate) const HELP: &str = "\
cargo xtask cache ls|verify|clear DIR

Looks into a folder that functions with `#[memoize(disk = \"DIR\")]` write to.

  ls      the functions that have entries there, with their number and size
  verify  reads and checks every entry; exits with 1 if one is damaged
  clear   removes all entries, and nothing else
";

/// `cargo xtask cache`
pub(crate) fn run(parser: Parser) -> Result<Exit> {
    let Some((verb, folder)) = parse(parser)? else { return exit::print(HELP) };
    // Cargo runs at the workspace's root.
    let status = command(&verb, &std::path::absolute(folder)?).status()?;
    Ok(if status.success() { Exit::Ok } else { Exit::Failed })
}

/// The verb and the folder; `None` asks for help.
fn parse(mut parser: Parser) -> Result<Option<(String, String)>> {
    let usage = |error: lexopt::Error| exit::usage(format!("{error}\n\n{HELP}"));
    let mut words = vec![];
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Value(word) => words.push(word.string().map_err(usage)?),
            other => return Err(usage(other.unexpected())),
        }
    }
    match <[String; 2]>::try_from(words) {
        Ok([verb, folder]) if ["ls", "verify", "clear"].contains(&verb.as_str()) => {
            Ok(Some((verb, folder)))
        }
        _ => Err(exit::usage(format!("say what to do, and a folder\n\n{HELP}"))),
    }
}

/// The program that knows the files, of the crate that writes them.
fn command(verb: &str, folder: &Path) -> Command {
    let mut cargo = sh::cargo();
    cargo.args(["run", "--quiet", "--package", "tenfold-memo", "--features", "disk"]);
    cargo.args(["--bin", "memo-cache", "--", verb]).arg(folder);
    cargo
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{HELP, Parser, command, parse, sh};

    fn words(line: &str) -> Result<Option<(String, String)>, String> {
        parse(Parser::from_args(line.split_whitespace())).map_err(|error| error.to_string())
    }

    #[test]
    fn takes_a_verb_and_a_folder() {
        assert_eq!(words("ls cache").unwrap().unwrap(), ("ls".to_owned(), "cache".to_owned()));
        assert_eq!(words("ls --help"), Ok(None));
        for wrong in ["", "ls", "rm cache", "ls a b", "ls --all cache"] {
            assert!(words(wrong).unwrap_err().contains(HELP), "{wrong}");
        }
    }

    #[test]
    fn runs_the_crates_own_program() {
        let line = sh::display(&command("verify", Path::new("/a b")));
        assert!(line.ends_with("--features disk --bin memo-cache -- verify '/a b'"), "{line}");
    }
}
