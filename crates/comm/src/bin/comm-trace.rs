//! Analyses what ranks have recorded: `comm-trace FOLDER [--html FILE] [--json FILE] [--summary FILE]`.

#![forbid(unsafe_code)]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use tenfold_comm::{Analysis, Trace};

const HELP: &str = "\
comm-trace FOLDER [OPTIONS]

Reads the traces (*.trace) in FOLDER, and prints what kept the run from being faster.

  --html FILE   writes a page with a lane for each rank
  --json FILE   writes the trace for https://ui.perfetto.dev
  --summary FILE
                writes efficiencies, and the seconds of each rank and their means, as JSON
  --verdict     prints the verdict alone

A program may have had several worlds of ranks, one after another. Each is a run of its own, and from the
second on their files have a number: ranks.html, ranks-2.html.
";

/// What the command line says.
#[derive(Default)]
struct Options {
    folder: PathBuf,
    html: Option<PathBuf>,
    json: Option<PathBuf>,
    summary: Option<PathBuf>,
    verdict: bool,
}

fn main() -> ExitCode {
    let (text, code) = match Options::parse(env::args().skip(1)) {
        Ok(None) => (HELP.to_owned(), 0),
        Ok(Some(options)) => match options.run() {
            Ok(text) => (text, 0),
            Err(text) => (text, 1),
        },
        Err(text) => (format!("{text}\n\n{HELP}"), 2),
    };
    // Who does not listen has no use for an error.
    let _ = match code {
        0 => io::stdout().write_all(text.as_bytes()),
        _ => io::stderr().write_all(text.as_bytes()),
    };
    ExitCode::from(code)
}

impl Options {
    /// `None` asks for help.
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let (mut options, mut folder) = (Self::default(), None);
        while let Some(arg) = args.next() {
            let mut file = || args.next().map(PathBuf::from).ok_or(format!("{arg} needs a file"));
            match arg.as_str() {
                "--help" | "-h" => return Ok(None),
                "--html" => options.html = Some(file()?),
                "--json" => options.json = Some(file()?),
                "--summary" => options.summary = Some(file()?),
                "--verdict" => options.verdict = true,
                flag if flag.starts_with('-') => return Err(format!("there is no option {flag}")),
                _ if folder.is_some() => return Err(format!("one folder, and not {arg} too")),
                path => folder = Some(path.into()),
            }
        }
        options.folder = folder.ok_or("say which folder")?;
        Ok(Some(options))
    }

    fn run(&self) -> Result<String, String> {
        let mut text = String::new();
        for (at, trace) in runs(read(&self.folder)?).iter().enumerate() {
            let analysis = Analysis::of(trace);
            if let Some(file) = &self.html {
                let title = format!("Ranks of {}", self.folder.display());
                write(&numbered(file, at), &analysis.to_page(trace, &title))?;
            }
            if let Some(file) = &self.json {
                write(&numbered(file, at), &trace.to_perfetto())?;
            }
            if let Some(file) = &self.summary {
                write(&numbered(file, at), &analysis.to_summary())?;
            }
            if at > 0 && !self.verdict {
                text += "\n\n";
            }
            text += &if self.verdict {
                format!("{}\n", analysis.verdict())
            } else {
                analysis.to_string()
            };
        }
        Ok(text)
    }
}

/// All traces of a folder, in the order of their files' names.
fn read(folder: &Path) -> Result<Vec<Trace>, String> {
    let refused = |error| format!("cannot read {}: {error}\n", folder.display());
    let mut files = vec![];
    for entry in fs::read_dir(folder).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        if path.extension().is_some_and(|extension| extension == "trace") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{} has no file *.trace\n", folder.display()));
    }
    let read = |path: &PathBuf| {
        Trace::read(path).map_err(|error| format!("{}: {error:#}\n", path.display()))
    };
    files.iter().map(read).collect()
}

/// Logs of different ranks of as many are one run; a rank that is there already begins another.
fn runs(traces: Vec<Trace>) -> Vec<Trace> {
    let mut runs: Vec<Trace> = vec![];
    for trace in traces {
        let fits = |run: &&mut Trace| {
            let has = |rank| run.ranks.iter().any(|log| log.rank == rank);
            run.size == trace.size && !trace.ranks.iter().any(|log| has(log.rank))
        };
        match runs.iter_mut().find(fits) {
            Some(run) => *run = Trace::joined([std::mem::take(run), trace]),
            None => runs.push(trace),
        }
    }
    runs
}

/// The file of a run.
fn numbered(file: &Path, at: usize) -> PathBuf {
    if at == 0 {
        return file.to_owned();
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let extension = file.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
    file.with_file_name(format!("{stem}-{}{}", at + 1, extension.unwrap_or_default()))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("cannot write {}: {error}\n", file.display()))
}
