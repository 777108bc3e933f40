//! How the rungs did in earlier runs on this host.

use tenfold_report::{Axis, Html, LineChart, Series, Unit};

use crate::bench::document::{Document, Workload};
use crate::bench::text;

/// How many runs are drawn.
const RUNS: usize = 30;

pub(super) fn history(document: &Document, earlier: &[Document]) -> Option<Html> {
    let charts = document.workloads.iter().filter_map(|workload| chart(workload, earlier));
    let charts: Vec<Html> = charts.collect();
    (!charts.is_empty()).then(|| {
        let note = "Minima of clean samples, a run a mark, newest to the right. Runs at different \
                    times differ by more than the builds do; only --against compares builds.";
        Html::paragraph(note).with(Html::columns(charts))
    })
}

/// The runs that measured this problem; nothing before there are two.
fn chart(workload: &Workload, earlier: &[Document]) -> Option<Html> {
    let runs: Vec<(&Document, &Workload)> =
        earlier.iter().filter_map(|run| Some((run, same(run, workload)?))).collect();
    let runs = &runs[runs.len().saturating_sub(RUNS)..];
    if runs.len() < 2 {
        return None;
    }
    let title = format!("{} {}", workload.name, workload.label);
    let mut chart = LineChart::new(title)
        .categories(runs.iter().map(|(run, _)| when(run)))
        .y(Axis::log(format!("time of one {}", workload.unit), Unit::Seconds));
    for rung in &workload.rungs {
        let name = text::name(rung);
        let best = |run: &Workload| {
            let same = run.rungs.iter().find(|rung| text::name(rung) == name);
            same.and_then(|rung| rung.best_ns_per_op)
        };
        let points = runs.iter().enumerate();
        let points = points.filter_map(|(i, (_, run))| Some((i as f64, best(run)? * 1e-9)));
        let points: Vec<_> = points.collect();
        if !points.is_empty() {
            chart = chart.series(Series::new(name).points(points));
        }
    }
    Some(chart.to_html())
}

fn same<'a>(run: &'a Document, workload: &Workload) -> Option<&'a Workload> {
    let key = |w: &Workload| (w.name.clone(), w.label.clone(), w.size == "input");
    run.workloads.iter().find(|w| key(w) == key(workload))
}

/// The commit; the day, where there is none.
fn when(run: &Document) -> &str {
    let day = run.time.get(..10).unwrap_or_default();
    if run.host.commit.is_empty() { day } else { &run.host.commit }
}
