//! `cargo annotate`: builds a program, and tints its source by what the compiler left in it.

#![forbid(unsafe_code)]

mod arguments;
mod build;
mod deny;
mod output;
mod package;
mod remark;
mod wrapper;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tenfold_annotate::{Annotation, Error, ErrorKind, Selection, annotate};

use crate::arguments::{Arguments, HELP};
use crate::build::Linked;
use crate::package::Plan;

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line, or what it names, makes no sense.
    Usage(String),
    /// There is nothing to annotate.
    Nothing(String),
    /// A build, or a file, went wrong.
    Failed(String),
    /// The same, and cargo has said what.
    Said,
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut text = error.to_string();
        if let Some(source) = std::error::Error::source(&error).map(ToString::to_string)
            && !text.contains(&source)
        {
            text = format!("{text}: {source}");
        }
        match error.kind() {
            ErrorKind::Usage => Self::Usage(text),
            ErrorKind::Format | ErrorKind::DebugInfo | ErrorKind::NoCode => Self::Nothing(text),
            _ => Self::Failed(text),
        }
    }
}

impl Failure {
    fn end(self) -> ExitCode {
        let (text, code) = match self {
            Self::Usage(text) => (format!("{text}\n\ncargo annotate --help has all options"), 2),
            Self::Nothing(text) => (text, 3),
            Self::Failed(text) => (text, 4),
            Self::Said => return ExitCode::from(4),
        };
        say(&format!("error: {text}"));
        ExitCode::from(code)
    }
}

fn main() -> ExitCode {
    if let Some(code) = wrapper::run() {
        return code;
    }
    run().unwrap_or_else(Failure::end)
}

fn run() -> Result<ExitCode, Failure> {
    let Some(arguments) = Arguments::parse(lexopt::Parser::from_env())? else {
        output::print(HELP)?;
        return Ok(ExitCode::SUCCESS);
    };
    let (annotation, folder) = match &arguments.binary {
        Some(binary) => {
            let source = PathBuf::from(&arguments.source);
            let annotation = annotate(binary, &selection(source, &arguments))?;
            warn_of_changes(&annotation);
            (annotation, pages(&arguments))
        }
        None => {
            let plan = Plan::new(&arguments)?;
            (built(&plan, &arguments)?, plan.target_directory.join("annotate"))
        }
    };
    output::give(&annotation, &arguments, &folder)?;
    Ok(deny::judge(&annotation, &arguments.deny))
}

/// Says which sources are newer than the program, whose lines may be others by now.
fn warn_of_changes(annotation: &Annotation) {
    let changed = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    let built = changed(&annotation.binary);
    for file in annotation.files.iter().filter(|file| changed(&file.path) > built) {
        let (name, binary) = (&file.name, annotation.binary.display());
        say(&format!("warning: `{name}` is newer than `{binary}`: lines may be off"));
    }
}

fn selection(source: PathBuf, arguments: &Arguments) -> Selection {
    Selection { source, function: arguments.function.clone() }
}

/// Builds and annotates.
fn built(plan: &Plan, arguments: &Arguments) -> Result<Annotation, Failure> {
    let selection = selection(plan.source.clone(), arguments);
    let mut built = build::build(plan, arguments, Linked::AsItIs)?;
    let annotation = match annotate(&built.executable, &selection) {
        // The profile strips its programs, or leaves their lines elsewhere.
        Err(error) if error.kind() == ErrorKind::DebugInfo => {
            built = build::build(plan, arguments, Linked::WithLines)?;
            annotate(&built.executable, &selection)
        }
        other => other,
    };
    let mut annotation = annotation?;
    remark::attach(&mut annotation, &built.remarks, &plan.root);
    Ok(annotation)
}

/// Where pages go if cargo was not asked.
fn pages(arguments: &Arguments) -> PathBuf {
    let target = arguments.target_dir.clone().unwrap_or_else(|| PathBuf::from("target"));
    target.join("annotate")
}

/// The path as the system has it; as it is, where there is nothing.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Writes a line for people to stderr.
pub(crate) fn say(line: &str) {
    // Nothing can be done about a stderr that does not take it.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
