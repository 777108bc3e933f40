//! `tenfold-profile`: runs programs under the sampler, and shows reports.

#![forbid(unsafe_code)]

mod run;
mod show;
mod time;

use std::io::Write as _;
use std::process::ExitCode;

use lexopt::{Parser, ValueExt as _};

const HELP: &str = "\
tenfold-profile COMMAND

  run [--hz 1000] [--out FILE] PROGRAM ARGS..
      runs a program under the sampler; writes a page, or what FILE ends in (see convert); signals
      of timers make its sleep, poll, select and epoll_wait return early with EINTR
  stats FILE [--strip] [--sort KEY] [--top N] [--callers] [--callees] [--lines]
      the table; KEY is time, cumulative, calls, max, bytes or name; --lines shows the lines of
      functions with #[profile(lines)] instead
  diff BEFORE AFTER
      what changed between two reports
  merge FILE..|FOLDER [--communication NAME].. [--out FILE]..
      the ranks of a parallel program beside each other: each file a rank, or all that its processes
      left in a folder; NAME is a function or scope that waits for other ranks, and without one there
      are no efficiencies but of programs without scopes, whose calls of MPI are known; FILE is a page
      (.html) or a document (.json)
  convert FILE OUT
      OUT ends in .html, .svg, .prof (Python's pstats), .speedscope.json or .json
  timeit [--runs 10] PROGRAM ARGS..
      how long a program takes, as `python -m timeit`

FILE is what Report::write_json wrote, or run --out FILE.json. Exit codes: 0 ok, 1 failed, 2 usage.
";

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong.
    Usage(String),
    /// Something else is.
    Failed(String),
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<tenfold_profile::Error> for Failure {
    fn from(error: tenfold_profile::Error) -> Self {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
        Self::Failed(format!("{error}{}", source.unwrap_or_default()))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

pub(crate) type Done = Result<ExitCode, Failure>;

fn main() -> ExitCode {
    let (text, code) = match command(Parser::from_env()) {
        Ok(code) => return code,
        Err(Failure::Usage(text)) => (format!("{text}\n\n{HELP}"), 2),
        Err(Failure::Failed(text)) => (format!("{text}\n"), 1),
    };
    // When stderr is gone there is nobody to tell.
    let _ = write!(std::io::stderr(), "error: {text}");
    ExitCode::from(code)
}

fn command(mut parser: Parser) -> Done {
    let Some(first) = parser.next()? else {
        return Err(Failure::Usage("a command is missing".to_owned()));
    };
    let name = match first {
        lexopt::Arg::Value(name) => name.string()?,
        lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => return print(HELP),
        other => return Err(other.unexpected().into()),
    };
    match name.as_str() {
        "run" => run::run(parser),
        "stats" => show::stats(parser),
        "diff" => show::diff(parser),
        "merge" => show::merge(parser),
        "convert" => show::convert(parser),
        "timeit" => time::timeit(parser),
        "help" => print(HELP),
        other => Err(Failure::Usage(format!("`{other}` is no command"))),
    }
}

/// Writes to stdout. Whoever closes it early, as `head` does, has seen enough.
pub(crate) fn print(text: &str) -> Done {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}
