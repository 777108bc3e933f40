//! The table that pstats prints.

use std::fmt;

use tenfold_report::{self as html, Column, Html};

use super::Report;
use super::analysis::{self, Edge, Sum};
use super::function::Function;
use crate::error::{Error, Result};
use crate::units::{Bytes, Nanoseconds};

/// What a table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Sort {
    /// Self time, the largest first: pstats' `tottime`.
    #[default]
    SelfTime,
    /// Time with what was called, the largest first: pstats' `cumtime`.
    Total,
    /// Calls, the most first.
    Calls,
    /// The longest single call first.
    Max,
    /// Bytes allocated, the most first.
    Bytes,
    /// By name.
    Name,
}

impl std::str::FromStr for Sort {
    type Err = Error;

    /// Takes pstats' words: `time` or `tottime`, `cumulative` or `cumtime`, `calls` or `ncalls`,
    /// `name`; and `max`, `bytes`.
    fn from_str(word: &str) -> Result<Self> {
        Ok(match word {
            "time" | "tottime" | "self" => Self::SelfTime,
            "cumulative" | "cumtime" | "total" => Self::Total,
            "calls" | "ncalls" => Self::Calls,
            "max" => Self::Max,
            "bytes" => Self::Bytes,
            "name" => Self::Name,
            other => {
                let known = "time, cumulative, calls, max, bytes or name";
                return Err(Error::argument("sort", format!("`{other}`"), known));
            }
        })
    }
}

/// A table of a report's functions; `Display` prints it.
///
/// Columns are pstats': `ncalls` (all calls, and primitive ones behind a slash where they differ),
/// `tottime` (self time), `cumtime` (with what was called), each with its mean a call. `~` stands
/// before times that are estimated from a part of the calls, `!` before those of functions that are
/// too short for their figures to be worth much.
#[derive(Debug, Clone)]
#[must_use]
pub struct Table<'a> {
    report: &'a Report,
    sort: Sort,
    top: usize,
    strip: bool,
    callers: bool,
    callees: bool,
}

impl<'a> Table<'a> {
    pub(crate) fn new(report: &'a Report) -> Self {
        let (sort, top) = (Sort::SelfTime, usize::MAX);
        Self { report, sort, top, strip: false, callers: false, callees: false }
    }

    /// Sorts by something else than self time.
    pub fn sort_by(mut self, sort: Sort) -> Self {
        self.sort = sort;
        self
    }

    /// Shows the first so many functions.
    pub fn top(mut self, count: usize) -> Self {
        self.top = count;
        self
    }

    /// Leaves out folders of files, and modules of functions.
    pub fn strip(mut self, strip: bool) -> Self {
        self.strip = strip;
        self
    }

    /// Also shows who called each function.
    pub fn callers(mut self, callers: bool) -> Self {
        self.callers = callers;
        self
    }

    /// Also shows what each function called.
    pub fn callees(mut self, callees: bool) -> Self {
        self.callees = callees;
        self
    }

    /// The functions in order.
    pub(crate) fn rows(&self) -> Vec<(usize, &'a Function)> {
        let mut rows: Vec<(usize, &Function)> =
            self.report.by_place.iter().enumerate().filter(|(_, f)| f.calls() > 0).collect();
        let down = |key: fn(&Function) -> f64| {
            move |a: &(usize, &Function), b: &(usize, &Function)| key(b.1).total_cmp(&key(a.1))
        };
        rows.sort_by(|a, b| a.1.place.cmp(&b.1.place));
        match self.sort {
            Sort::SelfTime => rows.sort_by(down(Function::self_ns)),
            Sort::Total => rows.sort_by(down(Function::total_ns)),
            Sort::Max => rows.sort_by(down(|f| f.sum.max_ns)),
            Sort::Calls => rows.sort_by_key(|row| std::cmp::Reverse(row.1.calls())),
            Sort::Bytes => rows.sort_by_key(|row| std::cmp::Reverse(row.1.bytes())),
            Sort::Name => {}
        }
        rows.truncate(self.top);
        rows
    }

    /// The table, for a terminal as pstats has it, or with the names first for a page, where they
    /// must be seen before the rest is scrolled to.
    pub(crate) fn to_table(&self, names_first: bool) -> html::Table {
        let alloc = self.report.document.memory.is_some();
        let turn = usize::from(names_first);
        let mut columns = columns("filename:lineno(function)", alloc);
        columns.rotate_right(turn);
        let mut table = html::Table::new(columns);
        for (at, function) in self.rows() {
            let mut cells = cells(&function.sum, Times::of(function), self.label(at), alloc);
            cells.rotate_right(turn);
            table = table.row(cells);
        }
        table
    }

    fn label(&self, function: usize) -> String {
        analysis::label(&self.report.document.functions[function], self.strip)
    }

    /// One table for each function, of those at the other end of its edges.
    fn ends(
        &self,
        title: &str,
        edges: &[Edge],
        end: impl Fn(&Edge, usize) -> Option<End>,
    ) -> String {
        let mut text = String::new();
        for (at, _) in self.rows() {
            let mut table = html::Table::new(columns("function", false));
            let mut any = false;
            for (edge, other) in edges.iter().filter_map(|edge| Some((edge, end(edge, at)?))) {
                let other =
                    other.map_or_else(|| "(outside of scopes)".to_owned(), |at| self.label(at));
                let callee = &self.report.by_place[edge.callee];
                let times = Times { distorted: false, ..Times::of(callee) };
                table = table.row(cells(&edge.sum, times, other, false));
                any = true;
            }
            if any {
                text += &format!("\n{} {title}:\n{}", self.label(at), table.to_text());
            }
        }
        text
    }
}

/// A function, or the outside of all scopes.
type End = Option<usize>;

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.report.headline())?;
        let rows = self.rows();
        if rows.is_empty() {
            return Ok(());
        }
        let (shown, all) = (rows.len(), self.report.functions().len());
        let part =
            if shown < all { format!(", {shown} of {all} functions") } else { String::new() };
        writeln!(f, "sorted by {}{part}\n", self.sort.name())?;
        f.write_str(&self.to_table(false).to_text())?;
        let edges = analysis::edges(&self.report.document);
        if self.callers {
            let end = |edge: &Edge, at| (edge.callee == at).then_some(edge.caller);
            f.write_str(&self.ends("was called by", &edges, end))?;
        }
        if self.callees {
            let end = |edge: &Edge, at| (edge.caller == Some(at)).then_some(Some(edge.callee));
            f.write_str(&self.ends("called", &edges, end))?;
        }
        Ok(())
    }
}

impl Sort {
    fn name(self) -> &'static str {
        match self {
            Self::SelfTime => "self time",
            Self::Total => "cumulative time",
            Self::Calls => "calls",
            Self::Max => "the longest call",
            Self::Bytes => "bytes allocated",
            Self::Name => "name",
        }
    }
}

fn columns(name: &str, alloc: bool) -> Vec<Column> {
    let numbers = ["ncalls", "tottime", "percall", "cumtime", "percall", "min", "max"];
    let mut columns: Vec<Column> = numbers.into_iter().map(Column::number).collect();
    if alloc {
        columns.extend(["bytes", "blocks"].map(Column::number));
    }
    columns.push(Column::text(name));
    columns
}

/// What times are worth.
#[derive(Debug, Clone, Copy)]
struct Times {
    known: bool,
    distorted: bool,
}

impl Times {
    fn of(function: &Function) -> Self {
        Self { known: function.has_times(), distorted: function.distorted }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn cells(sum: &Sum, times: Times, label: String, alloc: bool) -> Vec<Html> {
    let calls = match sum.primitive_calls == sum.calls {
        true => sum.calls.to_string(),
        false => format!("{}/{}", sum.calls, sum.primitive_calls),
    };
    let mark = match (times.distorted, sum.timed < sum.calls) {
        (true, false) => "!",
        (true, true) => "!~",
        (false, true) => "~",
        (false, false) => "",
    };
    let time = |ns: f64| match sum.timed > 0 && times.known {
        false => "n/a".to_owned(),
        true => format!("{mark}{}", Nanoseconds(ns)),
    };
    let each = |ns: f64, calls: u64| time(ns / calls.max(1) as f64);
    let mut cells = vec![
        calls,
        time(sum.self_ns),
        each(sum.self_ns, sum.calls),
        time(sum.total_ns),
        each(sum.total_ns, sum.primitive_calls),
        time(sum.min_ns),
        time(sum.max_ns),
    ];
    if alloc {
        cells.extend([Bytes(sum.bytes as f64).to_string(), sum.blocks.to_string()]);
    }
    cells.push(label);
    cells.iter().map(Html::from).collect()
}
