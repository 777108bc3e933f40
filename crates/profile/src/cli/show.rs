//! Commands that read reports.

use std::path::{Path, PathBuf};

use lexopt::{Arg, Parser, ValueExt as _};
use tenfold_profile::{LineTables, Ranks, Report, Sort};

use crate::{Done, Failure, print};

/// The table of a report.
pub(crate) fn stats(mut parser: Parser) -> Done {
    let (mut file, mut sort, mut top) = (None, Sort::SelfTime, usize::MAX);
    let (mut strip, mut callers, mut callees, mut lines) = (false, false, false, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("sort") => sort = parser.value()?.parse()?,
            Arg::Long("top") => top = parser.value()?.parse()?,
            Arg::Long("strip") => strip = true,
            Arg::Long("callers") => callers = true,
            Arg::Long("callees") => callees = true,
            Arg::Long("lines") => lines = true,
            Arg::Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    let file = file.ok_or_else(|| missing("FILE"))?;
    let report = Report::read(&file)?;
    if lines {
        return print(&of_lines(&report, &file)?.top(top).to_string());
    }
    let table =
        report.stats().sort_by(sort).top(top).strip(strip).callers(callers).callees(callees);
    let mut text = table.to_string();
    if let Some(sampled) = report.sampled() {
        text += &format!("\n{}", sampled.top(top));
    }
    print(&text)
}

fn of_lines(report: &Report, file: &Path) -> Result<LineTables, Failure> {
    report.lines().ok_or_else(|| {
        Failure::Failed(format!(
            "{} has no lines: start sessions with `Session::builder().lines(..)`",
            file.display()
        ))
    })
}

/// What changed between two reports.
pub(crate) fn diff(parser: Parser) -> Done {
    let [before, after] = files(parser)?
        .try_into()
        .map_err(|_| Failure::Usage("diff needs two files: BEFORE and AFTER".to_owned()))?;
    print(&Report::read(before)?.diff(&Report::read(after)?).to_string())
}

/// The ranks of a parallel program.
pub(crate) fn merge(mut parser: Parser) -> Done {
    let (mut files, mut names): (Vec<PathBuf>, Vec<String>) = (vec![], vec![]);
    let mut outs: Vec<PathBuf> = vec![];
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("communication") => names.push(parser.value()?.parse()?),
            Arg::Long("out") => outs.push(parser.value()?.into()),
            Arg::Value(path) => files.push(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let mut ranks = match &files[..] {
        [] => return Err(missing("FILE or FOLDER")),
        [folder] if folder.is_dir() => Report::merge_folder(folder)?,
        files => Report::merge(files)?,
    };
    if !names.is_empty() {
        ranks = named(ranks, &names)?;
    }
    outs.iter().try_for_each(|out| write_ranks(&ranks, out))?;
    print(&ranks.to_string())
}

/// With these functions and scopes as communication.
fn named(ranks: Ranks, names: &[String]) -> Result<Ranks, Failure> {
    let is_named = |full: &str, name: &str| {
        full.strip_suffix(name).is_some_and(|path| path.is_empty() || path.ends_with("::"))
    };
    let functions = ranks.functions();
    let is_known = |name: &&String| functions.iter().any(|f| is_named(&f.name, name));
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(Failure::Failed(format!("no rank called a function or scope `{unknown}`")));
    }
    Ok(ranks.communication(|full| names.iter().any(|name| is_named(full, name))))
}

fn write_ranks(ranks: &Ranks, out: &Path) -> Result<(), Failure> {
    let text = match out.extension().and_then(|extension| extension.to_str()) {
        Some("html") => ranks.to_html(),
        Some("json") => ranks.to_json(),
        _ => return Err(unknown_form(out, ".html and .json")),
    };
    put(out, text.as_bytes())
}

/// A report in another form.
pub(crate) fn convert(parser: Parser) -> Done {
    let [file, out] = files(parser)?
        .try_into()
        .map_err(|_| Failure::Usage("convert needs two files: FILE and OUT".to_owned()))?;
    write(&Report::read(file)?, &out)?;
    print("")
}

/// Writes a report in the form that the file's name ends in.
pub(crate) fn write(report: &Report, out: &Path) -> Result<(), Failure> {
    let name = out.to_string_lossy();
    let bytes = match name {
        name if name.ends_with(".html") => report.to_html().into_bytes(),
        name if name.ends_with(".svg") => report.to_svg().into_bytes(),
        name if name.ends_with(".prof") => report.to_prof(),
        name if name.ends_with(".speedscope.json") => report.to_speedscope().into_bytes(),
        name if name.ends_with(".json") => report.to_json().into_bytes(),
        _ => return Err(unknown_form(out, ".html, .svg, .prof, .speedscope.json and .json")),
    };
    put(out, &bytes)
}

fn unknown_form(out: &Path, known: &str) -> Failure {
    Failure::Usage(format!("{} ends in nothing that is known: {known}", out.display()))
}

fn put(out: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(out, bytes)
        .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", out.display())))
}

fn files(mut parser: Parser) -> Result<Vec<PathBuf>, Failure> {
    let mut files = vec![];
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(path) => files.push(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(files)
}

pub(crate) fn missing(what: &str) -> Failure {
    Failure::Usage(format!("{what} is missing"))
}

/// The program and its arguments, which begin where options end.
pub(crate) fn program(
    parser: &mut Parser,
    name: std::ffi::OsString,
) -> Result<std::process::Command, Failure> {
    let mut command = std::process::Command::new(name);
    command.args(parser.raw_args()?.map(|arg| arg.string()).collect::<Result<Vec<_>, _>>()?);
    Ok(command)
}
