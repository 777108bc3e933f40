//! What the processes of a parallel program have left in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::Report;
use super::{Ranks, counted};
use crate::error::{Error, Result};

/// One report of each rank, and what is left out.
pub(crate) fn read(folder: &Path) -> Result<Ranks> {
    let mut left_out = vec![];
    let (mut reports, mut others) = (vec![], vec![]);
    for (rank, mut processes) in by_rank(folder, &mut left_out)? {
        processes.sort_by_cached_key(worth);
        if let Some(mut report) = processes.pop() {
            report.document.rank = Some(rank);
            reports.push(report);
        }
        others.extend(processes);
    }
    if reports.is_empty() {
        let why = left_out.first().map_or(String::new(), |first| format!("; {first}"));
        return Err(Error::format(folder, "", format!("holds no report of a rank{why}")));
    }
    if !others.is_empty() {
        left_out.push(format!(
            "{} left out, of processes that have less to tell than another one of their rank: {}",
            counted(others.len(), "report"),
            programs(&others)
        ));
    }
    Ok(Ranks { left_out, ..Ranks::new(reports) })
}

/// All reports by rank, and a sentence for each file that is none.
fn by_rank(folder: &Path, left_out: &mut Vec<String>) -> Result<BTreeMap<u64, Vec<Report>>> {
    let mut by_rank: BTreeMap<u64, Vec<Report>> = BTreeMap::new();
    let mut without = vec![];
    for file in files(folder)? {
        match Report::read(&file) {
            Ok(report) => match report.rank() {
                Some(rank) => by_rank.entry(rank).or_default().push(report),
                None => without.push(report),
            },
            Err(error) => left_out.push(format!("{error}: it is left out")),
        }
    }
    if by_rank.is_empty() && !without.is_empty() {
        // Nobody has started it as ranks: it is the only one.
        by_rank.insert(0, without);
    } else if !without.is_empty() {
        let (left, of) = (counted(without.len(), "report"), programs(&without));
        left_out.push(format!("{left} without a rank, which others have, left out: of {of}"));
    }
    Ok(by_rank)
}

/// Scopes tell more than samples do, and shells and starters ran for less than what they started.
fn worth(report: &Report) -> (bool, Duration) {
    let of_samples = report.of_samples();
    let ns = of_samples.as_ref().unwrap_or(report).total_ns();
    (of_samples.is_none() && ns > 0.0, Duration::from_secs_f64(ns.clamp(0.0, 1e18) / 1e9))
}

/// The names of some programs.
fn programs(reports: &[Report]) -> String {
    let names: BTreeSet<&str> =
        reports.iter().map(|report| report.document.program.as_str()).collect();
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// All files whose names end as those of reports do, in this folder and in those in it.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut open, mut found) = (vec![folder.to_owned()], vec![]);
    while let Some(folder) = open.pop() {
        let fault = |error| Error::file(&folder, error);
        for entry in std::fs::read_dir(&folder).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let path = entry.path();
            if entry.file_type().map_err(fault)?.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
