//! The report: one self-contained page about one run.

mod beside;
mod climb;
mod colours;
mod compared;
mod history;
mod host;
mod matrix;
mod roofline;

use std::path::Path;

use tenfold_report::{Html, Page, Tone};

use self::colours::Colours;
use super::document::{Document, RunStatus};
use super::verdict;

/// A page of more bytes is too large to send.
const LARGEST: usize = 300_000;

/// What is left out of a page that grows too large, one more with every step.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Extent {
    Bare,
    Code,
    Pictures,
    All,
}

/// Draws the page. `earlier` holds the runs of this host, oldest first, this one included;
/// pictures are read from `folder`. History, pictures and code are left out, in this order, of a
/// page that would be too large with them.
pub(super) fn render(document: &Document, earlier: &[Document], folder: &Path) -> String {
    let extents = [Extent::All, Extent::Pictures, Extent::Code, Extent::Bare].into_iter();
    let mut pages = extents.map(|extent| page(document, earlier, folder, extent));
    let small = pages.by_ref().find(|page| page.len() <= LARGEST);
    small.unwrap_or_else(|| page(document, earlier, folder, Extent::Bare))
}

fn page(document: &Document, earlier: &[Document], folder: &Path, extent: Extent) -> String {
    let mut page = Page::new("The ladder").lead(lead(document));
    if !document.workloads.is_empty() {
        page = page.section("overview", "Speed-up over naive", matrix::matrix(document));
    }
    let colours = Colours::of(document);
    for (nth, workload) in document.workloads.iter().enumerate() {
        let title = format!("{}: {}", workload.name, workload.label);
        let mut body = climb::climb(workload, &colours);
        if first_of_its_name(document, nth) && extent >= Extent::Pictures {
            body.extend(climb::picture(workload, folder));
        }
        if first_of_its_name(document, nth) && extent >= Extent::Code {
            body.extend(climb::code(&workload.rungs));
        }
        page = page.section(&workload.name, title, body);
    }
    let history = (extent == Extent::All).then(|| history::history(document, earlier)).flatten();
    let further = [
        ("peers", "Beside others", beside::beside(document)),
        ("against", "Compared with another build", compared::compared(document)),
        ("micro", "Micro-benchmarks", compared::micro(document)),
        ("roofline", "Roofline", roofline::roofline(document)),
        ("history", "History on this host", history),
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
        RunStatus::Regression | RunStatus::Wrong | RunStatus::Crashed => Tone::Bad,
    };
    Html::verdict(verdict::line(document).as_str(), tone).with(host::figures(document))
}

/// Picture and code of a workload are shown once, under its first problem: the page stays small
/// enough to send.
fn first_of_its_name(document: &Document, nth: usize) -> bool {
    let name = &document.workloads[nth].name;
    document.workloads[..nth].iter().all(|before| before.name != *name)
}
