//! The report's own file.

use std::path::Path;

use serde_json::Value;

use super::document::{
    Document, FORMAT, LinedFunction, LinesMode, LinesPart, Lost, PathPart, SampleStack, Samples,
    VERSION,
};
use crate::error::{Error, Result};

pub(crate) fn write(document: &Document) -> String {
    // Numbers are finite and keys are strings: there is nothing that could fail.
    serde_json::to_string(document).unwrap_or_default()
}

/// Reads a file's bytes; `file` is for what errors say.
pub(crate) fn read(file: &Path, bytes: &[u8]) -> Result<Document> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        let problem = if error.is_eof() { "is cut off" } else { "is no JSON" };
        Error::format(file, "", format!("{problem}: {error}"))
    })?;
    check_version(file, &value)?;
    let document: Document = serde_path_to_error::deserialize(value)
        .map_err(|error| Error::format(file, field(&error), error.inner()))?;
    check_document(file, &document)?;
    Ok(document)
}

/// Where an error is; the path of a missing field ends at what lacks it.
fn field(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    let message = error.inner().to_string();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match (path.as_str(), missing) {
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    }
}

fn check_version(file: &Path, value: &Value) -> Result<()> {
    let format = &value["format"];
    if format != FORMAT {
        let problem = format!("is {format}, where a report has \"{FORMAT}\"");
        return Err(Error::format(file, "format", problem));
    }
    match value["version"].as_u64() {
        Some(VERSION) => Ok(()),
        Some(later) if later > VERSION => {
            let problem = format!("is {later}, later than {VERSION}, which this program reads");
            Err(Error::format(file, "version", problem))
        }
        _ => Err(Error::format(file, "version", format!("is {}, not {VERSION}", value["version"]))),
    }
}

/// What the types do not say: references lead somewhere, and numbers are some.
fn check_document(file: &Path, document: &Document) -> Result<()> {
    let functions = document.functions.len();
    if !is_duration(document.wall_ns) {
        return Err(Error::format(file, "wall_ns", "is no duration"));
    }
    for (t, thread) in document.threads.iter().enumerate() {
        let Lost { deep, paths, crossed, backwards } = thread.lost;
        if [deep, paths, crossed, backwards].into_iter().any(|count| count > MOST) {
            return Err(Error::format(file, format!("threads[{t}].lost"), TOO_MANY));
        }
        for (field, ns) in [("span_ns", thread.span_ns), ("cost_ns", thread.cost_ns)] {
            if !is_duration(ns) {
                let problem = format!("is {ns}, no duration");
                return Err(Error::format(file, format!("threads[{t}].{field}"), problem));
            }
        }
        for (p, path) in thread.paths.iter().enumerate() {
            if let Some((field, problem)) = wrong(path, p, &thread.paths, functions) {
                return Err(Error::format(
                    file,
                    format!("threads[{t}].paths[{p}].{field}"),
                    problem,
                ));
            }
        }
    }
    let leaks = document.memory.iter().flat_map(|memory| memory.leaks.iter().flatten());
    for (at, leak) in leaks.enumerate() {
        if leak.path.iter().any(|&function| function >= functions) {
            let problem = format!("names a function beyond the {functions} there are");
            return Err(Error::format(file, format!("memory.leaks[{at}].path"), problem));
        }
    }
    document.lines.as_ref().map_or(Ok(()), |lines| check_lines(file, lines))?;
    document.samples.as_ref().map_or(Ok(()), |samples| check_samples(file, samples))
}

fn check_lines(file: &Path, lines: &LinesPart) -> Result<()> {
    if !is_duration(lines.mark_ns) {
        let problem = format!("is {}, no duration", lines.mark_ns);
        return Err(Error::format(file, "lines.mark_ns", problem));
    }
    if lines.mode == LinesMode::Sample && lines.looks.is_none() {
        return Err(Error::format(file, "lines.looks", "is missing where `mode` is `sample`"));
    }
    if let Some(looks) = lines.looks {
        let counts = [looks.taken, looks.merged, looks.outside];
        if !is_duration(looks.expected) {
            let problem = format!("is {}, no number of looks", looks.expected);
            return Err(Error::format(file, "lines.looks.expected", problem));
        }
        if counts.into_iter().any(|count| count > MOST) {
            return Err(Error::format(file, "lines.looks", format!("has a count that {TOO_MANY}")));
        }
    }
    for (f, function) in lines.functions.iter().enumerate() {
        let count = u32::try_from(function.source.lines().count()).ok();
        if count.and_then(|count| function.first.checked_add(count)).is_none() {
            let problem = format!("is {}, too large for a line", function.first);
            return Err(Error::format(file, format!("lines.functions[{f}].first"), problem));
        }
        if let Some((at, problem)) = wrong_line(function) {
            return Err(Error::format(file, format!("lines.functions[{f}].lines[{at}]"), problem));
        }
    }
    Ok(())
}

/// The first line that is outside of its source, before another one, or has numbers that are none.
fn wrong_line(function: &LinedFunction) -> Option<(usize, String)> {
    let LinedFunction { first, source, lines, .. } = function;
    let count = source.lines().count() as u64;
    lines.iter().enumerate().find_map(|(at, line)| {
        let place = u64::from(line.line).checked_sub(u64::from(*first));
        let problem = if place.is_none_or(|place| place >= count) {
            format!("is line {}, of {count} from {first} on", line.line)
        } else if at > 0 && lines[at - 1].line >= line.line {
            format!("is line {}, and does not come after the one before", line.line)
        } else if line.hits > MOST || line.samples > MOST {
            format!("has a count that {TOO_MANY}")
        } else if !is_duration(line.elapsed_ns) {
            format!("has an `elapsed_ns` of {}, no duration", line.elapsed_ns)
        } else {
            return None;
        };
        Some((at, problem))
    })
}

fn check_samples(file: &Path, samples: &Samples) -> Result<()> {
    let frames = samples.frames.len();
    if !is_duration(samples.expected) {
        return Err(Error::format(file, "samples.expected", "is no number of samples"));
    }
    let Samples { taken, merged, lost, cut, seen_threads, unwatched_threads, .. } = *samples;
    let counts = [taken, merged, lost, cut, seen_threads, unwatched_threads];
    if counts.into_iter().any(|count| count > MOST) {
        return Err(Error::format(file, "samples", format!("has a count that {TOO_MANY}")));
    }
    for (t, thread) in samples.threads.iter().enumerate() {
        if let Some(at) = thread.stacks.iter().position(|stack| stack.weight > MOST) {
            let field = format!("samples.threads[{t}].stacks[{at}].weight");
            return Err(Error::format(file, field, TOO_MANY));
        }
        let wild = |stack: &SampleStack| stack.frames.iter().any(|&frame| frame >= frames);
        if let Some(at) = thread.stacks.iter().position(wild) {
            let field = format!("samples.threads[{t}].stacks[{at}].frames");
            return Err(Error::format(
                file,
                field,
                format!("has more than the {frames} there are"),
            ));
        }
    }
    Ok(())
}

fn is_duration(ns: f64) -> bool {
    ns.is_finite() && ns >= 0.0
}

/// Counts that a number of JSON holds, and whose sums hold on to be numbers.
const MOST: u64 = 1 << 53;
const TOO_MANY: &str = "is more than 2^53";

fn wrong(
    path: &PathPart,
    at: usize,
    paths: &[PathPart],
    functions: usize,
) -> Option<(&'static str, String)> {
    let above = |to: Option<usize>| to.is_none_or(|to| to < at && paths[to].outer.is_none());
    let times = [
        ("elapsed_ns", path.elapsed_ns),
        ("nested_ns", path.nested_ns),
        ("min_ns", path.min_ns),
        ("max_ns", path.max_ns),
    ];
    if path.function >= functions {
        let problem = format!("is {}, and there are {functions} functions", path.function);
        return Some(("function", problem));
    }
    if !above(path.parent) {
        return Some(("parent", "leads to no path that comes before".to_owned()));
    }
    if !above(path.outer) {
        return Some(("outer", "leads to no path that comes before".to_owned()));
    }
    let counts = [
        ("calls", path.calls),
        ("timed", path.timed),
        ("open", path.open),
        ("bytes", path.bytes),
        ("blocks", path.blocks),
    ];
    if let Some((field, _)) = counts.into_iter().find(|(_, count)| *count > MOST) {
        return Some((field, TOO_MANY.to_owned()));
    }
    if path.timed > path.calls {
        let problem = format!("is {}, more than the {} calls", path.timed, path.calls);
        return Some(("timed", problem));
    }
    if path.primitive_calls > path.calls {
        let problem = format!("is {}, more than the {} calls", path.primitive_calls, path.calls);
        return Some(("primitive_calls", problem));
    }
    if let Some((field, time)) = times.into_iter().find(|(_, ns)| !is_duration(*ns)) {
        return Some((field, format!("is {time}, no duration")));
    }
    let is_over = path.min_ns > path.max_ns;
    is_over.then(|| ("min_ns", format!("is {}, more than `max_ns`", path.min_ns)))
}
