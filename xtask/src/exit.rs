//! How a command ends: one exit code per meaning, so that a script can tell them apart.

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

/// The ways to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Ok,
    /// A regression, a failed check, or a step that went wrong.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// Nothing could be measured, or a prerequisite is missing.
    Nothing,
    /// A rung gave a wrong answer.
    Wrong,
    /// A job on a cluster failed.
    Job,
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// A program that we were asked to start ended with this code.
    Program(u8),
}

impl Exit {
    /// Prints an error with its causes; the exit code is 1 for one that has none of its own.
    pub(crate) fn from_error(error: anyhow::Error) -> Self {
        if let Some(Said(exit)) = error.downcast_ref() {
            return *exit;
        }
        say(&format!("error: {error:#}"));
        error.downcast_ref().map_or(Self::Failed, |Coded(exit, _)| *exit)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Nothing => 3,
            Exit::Wrong => 4,
            Exit::Job => 5,
            Exit::Interrupted => 130,
            Exit::Program(code) => code,
        })
    }
}

/// An error that has an exit code of its own.
#[derive(Debug)]
struct Coded(Exit, String);

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1)
    }
}

impl std::error::Error for Coded {}

/// An error that ends the command with exit code 2.
pub(crate) fn usage(message: impl Into<String>) -> anyhow::Error {
    Coded(Exit::Usage, message.into()).into()
}

/// An error that ends the command with exit code 1.
pub(crate) fn failed(message: impl Into<String>) -> anyhow::Error {
    Coded(Exit::Failed, message.into()).into()
}

/// An error that ends the command with exit code 3.
pub(crate) fn nothing(message: impl Into<String>) -> anyhow::Error {
    Coded(Exit::Nothing, message.into()).into()
}

/// An error that a program of ours has explained already; only the exit code is left to give.
#[derive(Debug)]
pub(crate) struct Said(pub(crate) Exit);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("see above")
    }
}

impl std::error::Error for Said {}

/// Writes a document to stdout. A reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<Exit> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Ok),
    }
}

/// Writes a line for people to stderr.
pub(crate) fn say(line: &str) {
    // Nothing can be done about a stderr that does not take it.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
