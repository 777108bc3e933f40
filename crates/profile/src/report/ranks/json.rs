//! The comparison of ranks as a file, for other programs. `SCHEMA.md` says what each field means.

use serde_json::{Value, json};

use super::chain::parents;
use super::spread::Spread;
use super::{RankFunction, RankPath, Ranks};

const FORMAT: &str = "tenfold-profile-ranks";
const VERSION: u64 = 1;

pub(super) fn write(ranks: &Ranks) -> String {
    let times = ranks.total_ns().into_iter().zip(ranks.useful_ns());
    let each = ranks.reports.iter().zip(&ranks.of_samples).zip(times);
    let each = each.map(|((report, of_samples), (total_ns, useful_ns))| {
        json!({
            "rank": report.rank(),
            "program": report.document.program,
            "by": if of_samples.is_some() { "samples" } else { "scopes" },
            "wall_ns": report.document.wall_ns,
            "total_ns": total_ns,
            "useful_ns": useful_ns,
        })
    });
    let each: Vec<Value> = each.collect();
    json!({
        "format": FORMAT,
        "version": VERSION,
        "ranks": each,
        "communication": ranks.waits,
        "load_balance": ranks.load_balance(),
        "communication_efficiency": ranks.communication_efficiency(),
        "parallel_efficiency": ranks.parallel_efficiency(),
        "functions": ranks.functions().iter().map(function).collect::<Vec<_>>(),
        "paths": paths(&ranks.paths()),
        "diagnosis": ranks.diagnosis(),
    })
    .to_string()
}

fn function(function: &RankFunction) -> Value {
    let RankFunction { name, self_ns, total_ns } = function;
    json!({"name": name, "self_ns": spread(self_ns), "total_ns": spread(total_ns)})
}

/// Each with the place of the one above it, which comes before.
fn paths(paths: &[RankPath]) -> Vec<Value> {
    let path = |(path, parent): (&RankPath, Option<usize>)| {
        let RankPath { path: names, self_ns, total_ns } = path;
        json!({
            "parent": parent,
            "name": names.last(),
            "self_ns": spread(self_ns),
            "total_ns": spread(total_ns),
        })
    };
    paths.iter().zip(parents(paths)).map(path).collect()
}

fn spread(spread: &Spread) -> Value {
    let Spread { min_ns, mean_ns, max_ns, max_rank, is_chance } = *spread;
    json!({
        "min": min_ns,
        "mean": mean_ns,
        "max": max_ns,
        "max_rank": max_rank,
        "imbalance": spread.imbalance(),
        "is_chance": is_chance,
    })
}
