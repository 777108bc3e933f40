//! The bench as a user runs it, in a second or two: every rung's answer is checked, and the
//! document has the shape that is promised.

use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::child::{self, Ran};
use super::outcome::Outcome;
use crate::doctor::{self, Dependency};
use crate::sh;

/// What is run: the ladder, and one rung of it beside the peers.
const LADDER: [&str; 4] = ["bench", "--smoke", "--format", "json"];
const PEERS: [&str; 8] =
    ["bench", "--smoke", "--format", "json", "--rung", "tuned", "--peers", "all"];
const TOP: &[&str] = &["schema", "host", "noise_floor", "status", "workloads"];
const WORKLOAD: &[&str] = &["name", "size", "rungs"];
const RUNG: &[&str] = &[
    "name",
    "status",
    "reason",
    "checked",
    "max_error",
    "build_s",
    "first_call_ns",
    "best_ns_per_op",
    "median_ns_per_op",
    "cpu_ns_per_op",
    "speedup_vs_naive",
    "speedup_vs_previous",
    "samples",
    "clean_samples",
];

pub(super) fn run() -> Result<Outcome> {
    let mut outcome = bench(&LADDER)?;
    outcome.add(peers()?);
    Ok(outcome)
}

/// The same beside the peers, where their environment is there.
fn peers() -> Result<Outcome> {
    let found = doctor::probe(Dependency::Peers);
    if found.is_found() {
        return bench(&PEERS);
    }
    Ok(Outcome::skipped("peers", format!("{}; {}", found.detail, found.supply)))
}

fn bench(words: &[&str]) -> Result<Outcome> {
    let mut bench = Command::new(std::env::current_exe()?);
    bench.current_dir(sh::root()).args(words);
    Ok(judge(&child::keep(&mut bench)?, words))
}

fn judge(ran: &Ran, words: &[&str]) -> Outcome {
    let command = format!("cargo xtask {}", words.join(" "));
    let failed = |what: &str| Outcome::failed(what, command.clone());
    let mut outcome = Outcome::default();
    if !ran.ok {
        outcome.add(failed("the bench ends with an error"));
    }
    match serde_json::from_str(&ran.lines.join("\n")).context("the bench prints no JSON") {
        Ok(document) => outcome.add(document_of(&document, &failed)),
        Err(error) => outcome.add(failed(&format!("{error:#}"))),
    }
    outcome
}

/// How a failure is told.
type Failed<'a> = &'a dyn Fn(&str) -> Outcome;

fn document_of(document: &Value, failed: Failed<'_>) -> Outcome {
    let mut outcome = keys("the document", document, TOP, failed);
    if document["schema"] != 1 {
        outcome.add(failed(&format!("schema is {}, not 1", document["schema"])));
    }
    let workloads = elements(&document["workloads"]);
    if workloads.is_empty() {
        outcome.add(failed("the document holds no workload"));
    }
    workloads.iter().for_each(|workload| outcome.add(workload_of(workload, failed)));
    outcome
}

fn workload_of(workload: &Value, failed: Failed<'_>) -> Outcome {
    let name = workload["name"].as_str().unwrap_or("a workload");
    let mut outcome = keys(name, workload, WORKLOAD, failed);
    let rungs = elements(&workload["rungs"]);
    if rungs.is_empty() {
        outcome.add(failed(&format!("{name} has no rung")));
    }
    rungs.iter().for_each(|rung| outcome.add(rung_of(name, rung, failed)));
    outcome
}

fn rung_of(workload: &str, rung: &Value, failed: Failed<'_>) -> Outcome {
    let name = format!("{workload}/{}", rung["name"].as_str().unwrap_or("a rung"));
    let mut outcome = keys(&name, rung, RUNG, failed);
    let has_reason = rung["reason"].as_str().is_some_and(|reason| !reason.is_empty());
    outcome.add(match rung["status"].as_str() {
        Some("measured" | "degraded") if rung["checked"] == true => Outcome::passed(1),
        // A peer runs where its environment is, but for an MPI.
        Some("unavailable") if rung["peer"].is_string() => {
            let reason = rung["reason"].as_str().unwrap_or_default();
            match reason.contains("there is no mpirun") {
                true => Outcome::skipped(&name, reason),
                false => failed(&format!("{name}: {reason}")),
            }
        }
        // What this machine or this build leaves out is no failure, as long as it says why.
        Some("unavailable" | "not_built") if has_reason => Outcome::default(),
        _ => failed(&format!(
            "{name}: status {}, checked {}, reason {}",
            rung["status"], rung["checked"], rung["reason"]
        )),
    });
    outcome
}

/// Fails for each key that the object lacks.
fn keys(name: &str, object: &Value, keys: &[&str], failed: Failed<'_>) -> Outcome {
    let missing = keys.iter().filter(|&&key| object.get(key).is_none());
    missing.fold(Outcome::default(), |mut outcome, key| {
        outcome.add(failed(&format!("{name} lacks the key `{key}`")));
        outcome
    })
}

fn elements(array: &Value) -> &[Value] {
    array.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::{LADDER, RUNG, Ran, Value, judge};
    use serde_json::json;

    fn rung(status: &str, checked: bool, reason: Option<&str>) -> Value {
        let mut rung: Value = RUNG.iter().map(|&key| (key.to_owned(), Value::Null)).collect();
        rung["name"] = json!("tuned");
        rung["status"] = json!(status);
        rung["checked"] = json!(checked);
        rung["reason"] = json!(reason);
        rung
    }

    fn document(rungs: &[Value]) -> Value {
        json!({"schema": 1, "host": {}, "noise_floor": 0.01, "status": "measured",
               "workloads": [{"name": "heat", "size": "s", "rungs": rungs}]})
    }

    fn tally(ok: bool, document: &Value) -> String {
        let lines = document.to_string().lines().map(str::to_owned).collect();
        judge(&Ran { ok, lines, repeat: String::new() }, &LADDER).tally()
    }

    #[test]
    fn counts_checked_rungs() {
        let rungs = [
            rung("measured", true, None),
            rung("degraded", true, Some("noisy")),
            rung("not_built", false, Some("needs the feature linalg")),
        ];
        assert_eq!(tally(true, &document(&rungs)), "2 passed, 0 failed");
    }

    #[test]
    fn a_wrong_or_unchecked_rung_fails() {
        for bad in [
            rung("wrong", true, Some("off by 1")),
            rung("measured", false, None),
            rung("unavailable", false, None),
            rung("fast", true, None),
        ] {
            assert_eq!(tally(true, &document(&[bad])), "0 passed, 1 failed");
        }
    }

    #[test]
    fn a_peer_without_an_mpi_is_skipped_and_one_that_does_not_run_fails() {
        let mut peer = rung("unavailable", false, Some("there is no mpirun"));
        peer["peer"] = json!("mpi4py");
        assert_eq!(tally(true, &document(&[peer.clone()])), "0 passed, 0 failed, 1 skipped");
        peer["reason"] = json!("ImportError: no module");
        assert_eq!(tally(true, &document(&[peer])), "0 passed, 1 failed");
    }

    #[test]
    fn a_document_of_another_shape_fails() {
        assert_eq!(tally(true, &json!([])), "0 passed, 7 failed");
        let mut other = document(&[rung("measured", true, None)]);
        other["schema"] = json!(2);
        assert_eq!(tally(true, &other), "1 passed, 1 failed");
        let mut short = rung("measured", true, None);
        short.as_object_mut().unwrap().remove("build_s");
        assert_eq!(tally(true, &document(&[short])), "1 passed, 1 failed");
        assert_eq!(tally(false, &document(&[rung("measured", true, None)])), "1 passed, 1 failed");
        let no_json = Ran { ok: true, lines: vec![String::from("heat")], repeat: String::new() };
        assert!(judge(&no_json, &LADDER).failures[0].what.starts_with("the bench prints no JSON"));
    }
}
