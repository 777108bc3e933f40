//! What changed between two reports.

use std::collections::BTreeMap;
use std::fmt;

use tenfold_report::{Column, Table};

use super::Report;
use crate::units::Nanoseconds;

/// What changed between two reports; `Display` prints a table with the largest change first.
///
/// Functions are the same when they have the same name: lines move.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    changes: Vec<Change>,
}

/// What changed of one function. It has no calls where it was not called.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Change {
    /// The function or scope.
    pub name: String,
    /// How often it was called, before and after.
    pub calls: (u64, u64),
    /// Time in the function itself, before and after, in nanoseconds.
    pub self_ns: (f64, f64),
    /// Time in the function and what it called, before and after, in nanoseconds.
    pub total_ns: (f64, f64),
}

impl Change {
    /// By how much the self time grew, in nanoseconds.
    #[must_use]
    pub fn self_growth_ns(&self) -> f64 {
        self.self_ns.1 - self.self_ns.0
    }
}

impl Diff {
    pub(crate) fn of(before: &Report, after: &Report) -> Self {
        let mut changes: BTreeMap<&str, Change> = BTreeMap::new();
        for function in before.functions() {
            let change = changes.entry(function.name()).or_default();
            change.calls.0 += function.calls();
            change.self_ns.0 += function.self_ns();
            change.total_ns.0 += function.total_ns();
        }
        for function in after.functions() {
            let change = changes.entry(function.name()).or_default();
            change.calls.1 += function.calls();
            change.self_ns.1 += function.self_ns();
            change.total_ns.1 += function.total_ns();
        }
        let mut changes: Vec<Change> = changes
            .into_iter()
            .map(|(name, change)| Change { name: name.to_owned(), ..change })
            .collect();
        let growth = |change: &Change| change.self_growth_ns().abs();
        changes.sort_by(|a, b| growth(b).total_cmp(&growth(a)));
        Self { changes }
    }

    /// All functions of both, with the largest change of self time first.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// All self time, before and after, in nanoseconds.
    #[must_use]
    pub fn total_ns(&self) -> (f64, f64) {
        let sum = |of: fn(&Change) -> f64| self.changes.iter().map(of).sum();
        (sum(|change| change.self_ns.0), sum(|change| change.self_ns.1))
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = self.total_ns();
        writeln!(
            f,
            "self time {} before, {} after: {}\n",
            Nanoseconds(before),
            Nanoseconds(after),
            factor(before, after)
        )?;
        let numbers = ["calls", "calls after", "tottime", "tottime after", "change", "factor"];
        let columns = numbers.into_iter().map(Column::number);
        let mut table = Table::new(columns.chain([Column::text("function")]));
        for change in &self.changes {
            let grown = change.self_growth_ns();
            let sign = if grown < 0.0 { "-" } else { "+" };
            table = table.row([
                change.calls.0.to_string(),
                change.calls.1.to_string(),
                Nanoseconds(change.self_ns.0).to_string(),
                Nanoseconds(change.self_ns.1).to_string(),
                format!("{sign}{}", Nanoseconds(grown.abs())),
                factor(change.self_ns.0, change.self_ns.1),
                change.name.clone(),
            ]);
        }
        f.write_str(&table.to_text())
    }
}

/// How many times as much.
fn factor(before: f64, after: f64) -> String {
    if before > 0.0 { format!("{:.2}x", after / before) } else { "n/a".to_owned() }
}
