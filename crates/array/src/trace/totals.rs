//! What each operation took.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use tenfold_report::{Column, Table, Unit, duration};

use super::Trace;
use super::record::{Activity, TraceRecord};
use crate::plan::size;

/// How many operations are listed.
const LISTED: usize = 100;
const SECOND: f64 = 1e9;

/// All records of a stage and what was done, or of tasks of a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Total {
    pub(super) name: String,
    pub(super) activity: Activity,
    pub(super) count: u64,
    pub(super) time_ns: u64,
    /// Of tasks what results they made more than were released.
    pub(super) bytes: i128,
}

impl Trace {
    /// Those of an array in the order of stages, those of tasks from the one that took longest on.
    pub(super) fn totals(&self) -> Vec<Total> {
        let mut places: HashMap<(&str, u32, Activity), usize> = HashMap::new();
        let mut totals: Vec<(u32, Total)> = vec![];
        for record in &self.records {
            let key = (self.group(record), record.stage, record.activity);
            let place = *places.entry(key).or_insert(totals.len());
            if place == totals.len() {
                let name = self.group_name(record);
                let activity = record.activity;
                let total = Total { name, activity, count: 0, time_ns: 0, bytes: 0 };
                totals.push((record.stage, total));
            }
            let total = &mut totals[place].1;
            total.count += 1;
            total.time_ns += record.end_ns - record.start_ns;
            total.bytes += i128::from(record.bytes);
        }
        let is_array = !self.stages.is_empty();
        totals.sort_by_key(|(stage, total)| match is_array {
            true => (u64::from(*stage), total.activity),
            false => (u64::MAX - total.time_ns, total.activity),
        });
        totals.into_iter().map(|(_, total)| total).collect()
    }

    /// What records are counted together with, of a stage.
    fn group(&self, record: &TraceRecord) -> &str {
        if !self.stages.is_empty() {
            return "";
        }
        let name = usize::try_from(record.number).ok().and_then(|number| self.names.get(number));
        name.map_or("", Arc::as_ref)
    }

    pub(super) fn group_name(&self, record: &TraceRecord) -> String {
        match (self.stages.get(record.stage as usize), self.group(record)) {
            (Some(stage), _) => format!("{}: {}", record.stage + 1, stage.name),
            (None, "") => "tasks".to_owned(),
            (None, name) => name.to_owned(),
        }
    }

    /// As a table, of the totals that took longest if there are many.
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    pub(super) fn table(&self) -> Table {
        let columns = [
            Column::text("operation"),
            Column::text("what"),
            Column::number("times"),
            Column::number("time"),
            Column::number("share"),
            Column::number("bytes"),
            Column::number("a second"),
        ];
        let totals = self.totals();
        let all: u64 = totals.iter().map(|total| total.time_ns).sum();
        let mut table = Table::new(columns);
        if totals.len() > LISTED {
            table = table.caption(format!("the first {LISTED} of {}", totals.len()));
        }
        for total in totals.iter().take(LISTED) {
            let seconds = total.time_ns as f64 / SECOND;
            // What a task made is no measure of what it went through.
            let bytes = (total.activity != Activity::Task && total.bytes > 0)
                .then(|| total.bytes.unsigned_abs());
            let rate = bytes.filter(|_| seconds > 0.0).map(|bytes| bytes as f64 / seconds / 1e9);
            table = table.row([
                total.name.clone(),
                total.activity.to_string(),
                total.count.to_string(),
                duration(seconds),
                Unit::Percent.format(total.time_ns as f64 / all.max(1) as f64),
                bytes.map_or_else(String::new, size),
                rate.map_or_else(String::new, |rate| format!("{rate:.2} GB/s")),
            ]);
        }
        table
    }
}

impl fmt::Display for Trace {
    /// What each operation took, added up over all workers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table().to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64, start_ns: u64, end_ns: u64) -> TraceRecord {
        let (activity, bytes) = (Activity::Task, 0);
        let (stage, worker, failed) = (0, 0, false);
        TraceRecord { start_ns, end_ns, bytes, number, stage, worker, activity, failed }
    }

    #[test]
    fn tasks_of_a_name_are_counted_together() {
        let names = ["load", "sum", "load"].map(Arc::from).to_vec();
        let records = vec![record(0, 0, 10), record(1, 10, 40), record(2, 40, 45)];
        let trace = Trace { names, records, ..Trace::default() };
        let totals = trace.totals();
        let found: Vec<_> = totals.iter().map(|t| (&*t.name, t.count, t.time_ns)).collect();
        assert_eq!(found, [("sum", 1, 30), ("load", 2, 15)]);
        assert!(trace.to_string().contains("66.7"), "{trace}");
    }
}
