//! Up to how many ranks it is worth running.

use tenfold_report::{Tone, Unit};

use super::bootstrap::{Estimate, FEWEST};
use super::figure::Figure;

/// Half of the cores' time is lost below it.
pub(super) const WORTH: f64 = 0.5;

/// One sentence.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) tone: Tone,
    pub(super) text: String,
}

impl Verdict {
    /// Of the figures of a study, fewest ranks first, and which of them the base is.
    ///
    /// An efficiency is enough where all of its interval is, and too little where none of it is.
    pub(super) fn of(figures: &[Figure<'_>], base: usize) -> Self {
        let base = &figures[base];
        let more: Vec<&Figure<'_>> = figures.iter().filter(|f| !f.crowded && f.n > 1.0).collect();
        let Some(first) = more.first() else { return nothing(figures, base) };
        let enough = more.iter().rfind(|figure| figure.efficiency.low() >= WORTH);
        let up_to = enough.map_or(base.p, |figure| figure.p);
        let open =
            more.iter().rfind(|figure| figure.p > up_to && figure.efficiency.high() >= WORTH).map(
                |figure| format!("whether up to {} is too noisy to tell: {}", p(figure), e(figure)),
            );
        let next = more.iter().find(|figure| figure.p > up_to);
        match (enough, open, next) {
            (Some(enough), None, None) => good(format!(
                "worth running up to {}, the most that {}: {}",
                p(enough),
                if figures.iter().any(|f| f.crowded) { "had a core each" } else { "was measured" },
                e(enough)
            )),
            (Some(enough), None, Some(next)) => good(format!(
                "worth running up to {}: {} there, and {} at {}",
                p(enough),
                e(enough),
                number(&next.efficiency),
                p(next)
            )),
            (Some(enough), Some(open), _) => {
                warn(format!("worth running up to {}; {open}; take more samples", p(enough)))
            }
            (None, Some(open), _) => warn(format!(
                "no more than {} is known to be worth it; {open}; take more samples",
                p(base)
            )),
            (None, None, _) => {
                let text = format!("not worth more than {}: {} at {}", p(base), e(first), p(first));
                Self { tone: Tone::Bad, text }
            }
        }
    }
}

fn nothing(figures: &[Figure<'_>], base: &Figure<'_>) -> Verdict {
    if figures.len() == 1 {
        return warn(format!("{} alone says nothing about scaling; measure another p", p(base)));
    }
    warn("no point beside the base has a core for each of its ranks and threads".to_owned())
}

/// What must be known to read the figures.
pub(super) fn notes(figures: &[Figure<'_>], base: usize) -> Vec<String> {
    let base = &figures[base];
    let mut notes = vec![];
    if base.p > 1.0 {
        notes.push(format!(
            "nothing was measured at p = 1 on a core of its own: speed-up and efficiency are in relation to {}",
            p(base)
        ));
    }
    if figures.iter().any(|figure| figure.crowded) {
        notes.push("*: more ranks and threads than cores, and in no fit".to_owned());
    }
    if figures.iter().any(|figure| figure.time.interval.is_none()) {
        notes.push(format!("fewer than {FEWEST} samples of a point have no interval"));
    }
    let above = |figure: &&Figure<'_>| !figure.crowded && figure.efficiency.low() > 1.0;
    if let Some(above) = figures.iter().find(above).filter(|figure| figure.n > 1.0) {
        notes.push(format!(
            "faster than ideal at {}: what a rank has of the problem may fit a cache that all of it does not",
            p(above)
        ));
    }
    notes
}

/// "p = 4", with ranks and threads where these are not the same.
fn p(figure: &Figure<'_>) -> String {
    let p = figure.point.workers();
    match figure.point.threads_per_rank {
        1 => format!("p = {p}"),
        _ => format!("p = {p} ({})", figure.point.name()),
    }
}

fn e(figure: &Figure<'_>) -> String {
    format!("E is {}", number(&figure.efficiency))
}

/// "0.91 [0.88, 0.93]".
fn number(estimate: &Estimate) -> String {
    with_interval(estimate, Unit::Plain)
}

/// A figure with its interval, if it has one.
pub(super) fn with_interval(estimate: &Estimate, unit: Unit) -> String {
    let value = unit.format(estimate.value);
    estimate.interval.map_or_else(
        || value.clone(),
        |(low, high)| format!("{value} [{}, {}]", unit.format(low), unit.format(high)),
    )
}

fn good(text: String) -> Verdict {
    Verdict { tone: Tone::Good, text }
}

fn warn(text: String) -> Verdict {
    Verdict { tone: Tone::Warn, text }
}
