//! Who measured, how well, and the command that does it again.

use tenfold_report::{Html, Unit};

use crate::bench::document::Document;
use crate::bench::text::percent;

/// The figures that say how far to trust the rest.
pub(super) fn figures(document: &Document) -> Html {
    let host = &document.host;
    let granted = host.cores_granted.map_or_else(|| "unknown".to_owned(), |c| format!("{c:.1}"));
    let rungs = document.workloads.iter().flat_map(|workload| &workload.rungs);
    let checked = rungs.filter(|rung| rung.checked).count();
    Html::figures([
        (checked.to_string(), "answers checked".to_owned()),
        (percent(document.noise_floor), "noise floor (A/A)".to_owned()),
        (granted, format!("of {} cores granted", host.cores)),
    ])
}

pub(super) fn host(document: &Document) -> Html {
    let host = &document.host;
    let known = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
    let load = host.load.map_or_else(|| "unknown".to_owned(), |load| format!("{load:.2}"));
    let facts = Html::facts([
        ("processor", format!("{}, {} cores, {}", known(&host.cpu), host.cores, host.isa)),
        ("memory", Unit::Bytes.format(host.memory_bytes as f64)),
        ("system", known(&host.os)),
        ("compiler", known(&host.rustc)),
        ("commit", known(&host.commit)),
        ("measured", document.time.clone()),
        ("load average at the start", load),
        ("waiting for a core, last 10 s", percent(host.cpu_pressure)),
        ("host fingerprint", known(&host.fingerprint)),
        ("seed", document.seed.to_string()),
    ]);
    facts
        .with(Html::paragraph("To do it again, with the same order of samples:"))
        .with(Html::command(&repeat(document)))
}

/// The command line, with the seed if it did not name one.
fn repeat(document: &Document) -> String {
    if document.command.contains("--seed") {
        return document.command.clone();
    }
    format!("{} --seed {}", document.command, document.seed)
}
