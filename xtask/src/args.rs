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

/// An argument as it is typed.
pub(crate) fn name(arg: &Arg<'_>) -> String {
    match arg {
        Arg::Long(name) => format!("--{name}"),
        Arg::Short(name) => format!("-{name}"),
        Arg::Value(value) => value.to_string_lossy().into_owned(),
    }
}

/// The value of the option before.
pub(crate) fn value(parser: &mut Parser) -> Result<String, lexopt::Error> {
    parser.value()?.string()
}
