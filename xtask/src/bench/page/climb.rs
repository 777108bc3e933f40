//! One problem: its ladder as bars, and the code of each rung with the lines that changed.

use std::fs;
use std::path::Path;

use similar::{ChangeTag, TextDiff};
use tenfold_report::{Bar, BarChart, Html, Listing, Mark, Tone, Unit, png_image};

use super::colours::Colours;
use crate::bench::document::{Rung, RungStatus, Workload};
use crate::bench::text::{self, times};

/// A picture of more bytes than this stays a file beside the page.
const INLINE: usize = 60_000;

/// The bars of a problem.
pub(super) fn climb(workload: &Workload, colours: &Colours<'_>) -> Html {
    let bars = workload.rungs.iter().map(|rung| bar(rung, colours));
    let theirs = workload.course.iter().map(|(whose, ns)| (whose, ns * 1e-9));
    let floor = text::percent(workload.noise_floor);
    let title = format!("Time of one {}", workload.unit);
    let note =
        format!("logarithmic, shorter is faster; in bold the gain over naive; noise floor {floor}");
    let chart = BarChart::log(title, Unit::Seconds).note(note).bars(bars);
    let chart = theirs.fold(chart, |chart, (whose, s)| chart.reference(whose, s));
    let chart = colours.legend(chart, workload);
    let about = Html::paragraph(format!("{}.", capital(&workload.about)));
    about.with(chart.to_html())
}

fn bar(rung: &Rung, colours: &Colours<'_>) -> Bar {
    let name = text::name(rung);
    let Some(best) = rung.best_ns_per_op else {
        let reason = rung.reason.as_deref().unwrap_or("no figure");
        let bar = Bar::unavailable(name, format!("{}: {reason}", text::status(rung.status)));
        return if rung.status == RungStatus::Wrong { bar.paint(Tone::Bad) } else { bar };
    };
    let gain =
        match (rung.speedup_vs_naive, rung.speedup_vs_previous.or(rung.peer.as_ref().map(|_| 1.0)))
        {
            (Some(naive), Some(_)) => times(naive).replace('x', "×"),
            _ => String::new(),
        };
    let bar =
        Bar::new(name, best * 1e-9).note(gain).detail(detail(rung)).paint(colours.paint(rung));
    match rung.best_high_ns_per_op {
        Some(high) => bar.whisker(best * 1e-9, high * 1e-9),
        None => bar,
    }
}

/// What does not fit beside the bar.
fn detail(rung: &Rung) -> String {
    let mut parts: Vec<String> = rung.peer.iter().cloned().collect();
    if let Some(previous) = rung.speedup_vs_previous.filter(|_| rung.speedup_vs_naive.is_some()) {
        parts.push(format!("{} over the rung below", times(previous).replace('x', "×")));
    }
    if let Some(first) = rung.first_call_ns {
        parts.push(format!("first call {}", tenfold_report::duration(first * 1e-9)));
    }
    if let Some(error) = rung.max_error.filter(|error| *error > 0.0) {
        parts.push(format!("error {error:.0e}"));
    }
    if let (Some(device), Some(transfer)) = (&rung.device, rung.transfer_ns_per_op) {
        let transfer = tenfold_report::duration(transfer * 1e-9);
        parts.push(format!("on {device}, {transfer} of it transfers"));
    }
    if rung.clean_samples < rung.samples {
        parts.push(format!("{} of {} samples clean", rung.clean_samples, rung.samples));
    }
    parts.join(", ")
}

/// The picture of the answer, if it has one.
pub(super) fn picture(workload: &Workload, folder: &Path) -> Option<Html> {
    let name = workload.picture.as_ref()?;
    let alt = format!("the answer of {}, {}", workload.name, workload.label);
    match fs::read(folder.join(name)) {
        Ok(bytes) if bytes.len() <= INLINE => Some(png_image(&bytes, &alt, 240)),
        Ok(_) => Some(Html::paragraph(format!("The final field is in {name}, beside this page."))),
        Err(_) => None,
    }
}

/// A fold for each rung; lines that the rung below does not have are marked.
pub(super) fn code(rungs: &[Rung]) -> Vec<Html> {
    let mut below = "";
    let mut folds = Vec::new();
    for rung in rungs {
        // The same rung with other numbers of threads has the same code.
        if rung.source.is_empty() || rung.source == below {
            continue;
        }
        let (listing, changed) = listing(&rung.name, below, &rung.source);
        let lines = rung.source.lines().count();
        let summary = if below.is_empty() {
            format!("Code of {}: {lines} lines", rung.name)
        } else {
            format!("Code of {}: {lines} lines, {changed} of them changed", rung.name)
        };
        folds.push(Html::details(summary, listing.to_html()));
        below = &rung.source;
    }
    folds
}

fn listing(name: &str, below: &str, source: &str) -> (Listing, usize) {
    let mut changed = 0;
    let mut listing = Listing::new(format!("{name}.rs"));
    let diff = TextDiff::from_lines(below, source);
    for change in diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Delete) {
        // The lowest rung has nothing to differ from.
        let new = change.tag() == ChangeTag::Insert && !below.is_empty();
        changed += usize::from(new);
        let mark = if new { Mark::Added } else { Mark::Same };
        listing = listing.line(change.value().trim_end(), mark);
    }
    (listing, changed)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
