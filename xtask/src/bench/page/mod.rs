//! The report: one self-contained page about one run.

mod climb;
mod compared;
mod history;
mod host;
mod matrix;
mod roofline;

use std::path::Path;

use tenfold_report::{Html, Page, Tone};

use super::document::{Document, RunStatus};
use super::verdict;

/// Draws the page. `earlier` holds the runs of this host, oldest first, this one included;
/// pictures are read from `folder`.
pub(super) fn render(document: &Document, earlier: &[Document], folder: &Path) -> String {
    let mut page = Page::new("The ladder").lead(lead(document));
    if !document.workloads.is_empty() {
        page = page.section("overview", "Speed-up over naive", matrix::matrix(document));
    }
    for (nth, workload) in document.workloads.iter().enumerate() {
        let title = format!("{}: {}", workload.name, workload.label);
        let body = climb::climb(workload, first_of_its_name(document, nth), folder);
        page = page.section(&workload.name, title, body);
    }
    let further = [
        ("against", "Compared with another build", compared::compared(document)),
        ("micro", "Micro-benchmarks", compared::micro(document)),
        ("roofline", "Roofline", roofline::roofline(document)),
        ("history", "History on this host", history::history(document, earlier)),
    ];
    for (id, title, body) in further {
        if let Some(body) = body {
            page = page.section(id, title, body);
        }
    }
    page.section("host", "Host and how to repeat it", host::host(document)).render()
}

fn lead(document: &Document) -> Html {
    let tone = match document.status {
        RunStatus::Ok => Tone::Good,
        RunStatus::Degraded | RunStatus::Interrupted | RunStatus::Nothing => Tone::Warn,
        RunStatus::Regression | RunStatus::Wrong => Tone::Bad,
    };
    Html::verdict(verdict::line(document).as_str(), tone).with(host::figures(document))
}

/// Picture and code of a workload are shown once, under its first problem: the page stays small
/// enough to send.
fn first_of_its_name(document: &Document, nth: usize) -> bool {
    let name = &document.workloads[nth].name;
    document.workloads[..nth].iter().all(|before| before.name != *name)
}
