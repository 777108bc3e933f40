//! Lines: how often each runs, and where its function's time goes.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod bodies;
mod hits;
mod times;

use tenfold_profile::{FunctionLines, Lines, Report, Session};

use crate::record_with;

/// What a session that counts lines finds.
fn counted<R>(f: impl FnOnce() -> R) -> Report {
    record_with(Session::builder().lines(Lines::Counts), f)
}

fn timed<R>(f: impl FnOnce() -> R) -> Report {
    record_with(Session::builder().lines(Lines::Time), f)
}

fn of(report: &Report, name: &str) -> FunctionLines {
    let lines = report.lines().unwrap();
    lines.function(name).unwrap_or_else(|| panic!("no lines of {name} in\n{lines}"))
}

/// The hits of the line that ends in `// NAME`.
fn hits(report: &Report, function: &str, name: &str) -> u64 {
    let function = of(report, function);
    let end = format!("// {name}");
    let line = function.lines.iter().find(|line| line.text.ends_with(&end));
    let line = line.unwrap_or_else(|| panic!("no line {name} in {function:#?}"));
    line.hits.unwrap_or_else(|| panic!("no mark on {line:?}"))
}

/// The hits of all lines with a comment in it that is one word, in the order of the source.
fn all_hits(report: &Report, function: &str) -> Vec<(String, u64)> {
    let lines = of(report, function).lines.into_iter();
    let named = lines.filter_map(|line| {
        let (_, name) = line.text.rsplit_once("// ")?;
        Some((name.to_owned(), line.hits.unwrap_or(0)))
    });
    named.collect()
}
