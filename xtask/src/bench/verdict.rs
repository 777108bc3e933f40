//! What a run comes to: its status, its exit code, its last line.

use super::document::{Comparison, Document, RunStatus, Rung, RungStatus, Verdict};
use crate::exit::Exit;

/// The worst of the run's parts. A rung that got slower counts from `fail_on` on.
pub(super) fn status(document: &Document, fail_on: f64) -> RunStatus {
    if matches!(document.status, RunStatus::Interrupted | RunStatus::Crashed) {
        return document.status;
    }
    let any = |status| rungs(document).any(|rung| rung.status == status);
    let regression = |c: &Comparison| {
        c.verdict == Verdict::Slower && c.change.is_some_and(|change| change > fail_on)
    };
    let unclear = document.comparisons.iter().any(|c| c.verdict == Verdict::Degraded);
    let nothing = !any(RungStatus::Measured) && document.micro.is_empty();
    match () {
        () if any(RungStatus::Wrong) => RunStatus::Wrong,
        () if nothing && !any(RungStatus::Degraded) => RunStatus::Nothing,
        () if document.comparisons.iter().any(regression) => RunStatus::Regression,
        () if unclear || any(RungStatus::Degraded) => RunStatus::Degraded,
        () => RunStatus::Ok,
    }
}

/// The exit code that tells a script.
pub(super) fn exit(status: RunStatus, strict: bool) -> Exit {
    match status {
        RunStatus::Ok => Exit::Ok,
        RunStatus::Degraded if strict => Exit::Nothing,
        RunStatus::Degraded => Exit::Ok,
        RunStatus::Regression => Exit::Failed,
        RunStatus::Nothing => Exit::Nothing,
        RunStatus::Wrong => Exit::Wrong,
        RunStatus::Crashed => Exit::Failed,
        RunStatus::Interrupted => Exit::Interrupted,
    }
}

/// One line that says how it went, and the worst thing first.
pub(super) fn line(document: &Document) -> String {
    let count = |status| rungs(document).filter(|rung| rung.status == status).count();
    let compared = |verdict| document.comparisons.iter().filter(|c| c.verdict == verdict).count();
    let parts = [
        (count(RungStatus::Wrong), "wrong"),
        (compared(Verdict::Slower), "slower"),
        (compared(Verdict::Faster), "faster"),
        (compared(Verdict::Same), "unchanged"),
        (compared(Verdict::Degraded), "not to be told apart"),
        (count(RungStatus::Measured), "measured"),
        (count(RungStatus::Degraded), "degraded"),
        (count(RungStatus::NotBuilt), "not built"),
        (count(RungStatus::Unavailable), "unavailable"),
        (document.micro.len(), "micro-benchmarks"),
    ];
    let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
    let parts: Vec<String> = parts.collect();
    let parts = if parts.is_empty() { "no rung at all".to_owned() } else { parts.join(", ") };
    format!("bench: {}: {parts}", word(document.status))
}

pub(super) fn word(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Ok => "ok",
        RunStatus::Degraded => "degraded",
        RunStatus::Regression => "regression",
        RunStatus::Nothing => "nothing measured",
        RunStatus::Wrong => "wrong answer",
        RunStatus::Crashed => "crashed",
        RunStatus::Interrupted => "interrupted",
    }
}

fn rungs(document: &Document) -> impl Iterator<Item = &Rung> {
    document.workloads.iter().flat_map(|workload| &workload.rungs)
}
