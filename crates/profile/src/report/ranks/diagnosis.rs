//! What speaks against a comparison of ranks.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Report;
use super::super::diagnosis::{NOTHING, by_kind};
use super::{Ranks, counted};

/// Names at most so many ranks, and functions.
const NAMED: usize = 4;

/// A sentence for each thing, and one where there is none.
pub(super) fn of(ranks: &Ranks) -> Vec<String> {
    let mut found = ranks.left_out.clone();
    found.extend(absent(ranks));
    found.extend(silent(ranks));
    found.extend(programs(ranks));
    found.extend(mixed(ranks));
    found.extend(builds(ranks));
    found.extend(efficiencies(ranks));
    found.extend(chance(ranks));
    found.extend(of_each(ranks));
    if found.is_empty() {
        found.push(NOTHING.to_owned());
    }
    found
}

/// `rank 3`, or `ranks 0, 2, 3, 5 and 7 more`.
fn listed(ranks: &[u64]) -> String {
    let named: Vec<String> = ranks.iter().take(NAMED).map(u64::to_string).collect();
    let more = match ranks.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{} {}{more}", if ranks.len() == 1 { "rank" } else { "ranks" }, named.join(", "))
}

fn absent(ranks: &Ranks) -> Option<String> {
    let there: BTreeSet<u64> = ranks.each().map(|(rank, _)| rank).collect();
    let last = there.last().copied().unwrap_or(0);
    // A rank may have any number: what is absent is counted, and not gone through.
    let count = last - (there.len() as u64 - 1).min(last);
    let first: Vec<u64> = (0..last).filter(|rank| !there.contains(rank)).take(NAMED).collect();
    let more = count - first.len() as u64;
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (count > 0).then(|| {
        format!(
            "there is no report of {}{more}, though there is one of rank {last}",
            listed(&first)
        )
    })
}

fn silent(ranks: &Ranks) -> Option<String> {
    let silent = ranks.each().filter(|(_, report)| report.total_ns() <= 0.0);
    let silent: Vec<u64> = silent.map(|(rank, _)| rank).collect();
    (!silent.is_empty()).then(|| {
        format!(
            "nothing was recorded of {}, neither scopes nor samples of running threads, which counts \
             as no time",
            listed(&silent)
        )
    })
}

fn programs(ranks: &Ranks) -> Option<String> {
    let mut by_name: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (rank, report) in ranks.each() {
        by_name.entry(&report.document.program).or_default().push(rank);
    }
    let of = by_name.iter().map(|(name, of)| format!("`{name}` on {}", listed(of)));
    let of = of.collect::<Vec<_>>().join(", ");
    (by_name.len() > 1).then(|| format!("ranks ran different programs: {of}"))
}

fn mixed(ranks: &Ranks) -> Option<String> {
    let with = |wanted: bool| -> Vec<u64> {
        let each = ranks.each().zip(&ranks.of_samples);
        let each = each.filter(|((_, report), _)| report.total_ns() > 0.0);
        each.filter(|(_, seen)| seen.is_some() == wanted).map(|((rank, _), _)| rank).collect()
    };
    let (sampled, scoped) = (with(true), with(false));
    (!sampled.is_empty() && !scoped.is_empty()).then(|| {
        format!(
            "{} had no scopes and {} had: samples stand beside scopes, and few functions of theirs are \
             the same",
            listed(&sampled),
            listed(&scoped)
        )
    })
}

/// Files and lines.
type Places<'a> = BTreeSet<(&'a str, u32)>;

/// Where the functions of a report stand in the source, by name.
fn places(report: &Report) -> BTreeMap<&str, Places<'_>> {
    let mut places = BTreeMap::<&str, Places<'_>>::new();
    for function in report.by_place.iter().filter(|function| function.calls() > 0) {
        places.entry(function.name()).or_default().insert((function.file(), function.line()));
    }
    places
}

/// Functions of one name that stand at one place on a rank, and at another one on another.
fn builds(ranks: &Ranks) -> Option<String> {
    let mut known: BTreeMap<&str, (u64, Places<'_>)> = BTreeMap::new();
    let mut moved: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (rank, report) in ranks.each() {
        for (name, places) in places(report) {
            let (first, there) = known.entry(name).or_insert_with(|| (rank, places.clone()));
            if there.is_disjoint(&places) {
                moved.entry(name).or_insert((*first, rank));
            }
        }
    }
    let (_, (first, other)) = moved.first_key_value()?;
    let names = moved.keys().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let more = if moved.len() > NAMED { ", .." } else { "" };
    Some(format!(
        "{} at another place of the source on rank {other} than on rank {first} ({}{more}): are they of \
         one build? Those of one name count as one",
        counted(moved.len(), "function"),
        names.join(", ")
    ))
}

fn efficiencies(ranks: &Ranks) -> Option<String> {
    if ranks.waits.is_none() {
        let known = "efficiencies are n/a until it is said which functions are communication: waiting \
                     would count as work";
        return Some(known.to_owned());
    }
    ranks.communication_efficiency().is_none().then(|| {
        "communication efficiency is n/a where no function is named as communication, or ranks have \
         several threads"
            .to_owned()
    })
}

fn chance(ranks: &Ranks) -> Option<String> {
    let is_marked = ranks.functions().iter().any(|function| function.self_ns.is_chance);
    (is_marked && ranks.reports.len() > 1).then(|| {
        "`!` stands before imbalances that samples of a balanced program show by chance: run for \
         longer, or ask more often"
            .to_owned()
    })
}

/// What speaks against reports of single ranks, the first sentence of each kind.
fn of_each(ranks: &Ranks) -> Vec<String> {
    let mut kinds: Vec<(String, Vec<u64>)> = vec![];
    for report in &ranks.reports {
        let found = by_kind(report);
        kinds.resize(found.len(), (String::new(), vec![]));
        for ((sentence, of), found) in kinds.iter_mut().zip(found) {
            let Some(first) = found.into_iter().next() else { continue };
            of.push(report.rank().unwrap_or(0));
            if of.len() == 1 {
                *sentence = first;
            }
        }
    }
    let said = kinds.into_iter().filter(|(_, of)| !of.is_empty());
    let said = said.map(|(sentence, of)| match of.len() - 1 {
        0 => format!("rank {}: {sentence}", of[0]),
        more => format!("rank {}, and {} alike: {sentence}", of[0], counted(more, "rank")),
    });
    said.collect()
}
