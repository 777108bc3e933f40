//! Reading the command line: what every command needs on top of `lexopt`.

use lexopt::{Arg, Parser, ValueExt as _};

/// The command's name, the first argument. No argument, `-h` and `--help` ask for help.
pub(crate) fn command(parser: &mut Parser) -> Result<String, lexopt::Error> {
    match parser.next()? {
        None | Some(Arg::Short('h') | Arg::Long("help")) => Ok(String::from("help")),
        Some(Arg::Value(name)) => name.string(),
        Some(other) => Err(other.unexpected()),
    }
}
