//! Workloads by rungs: who gained what, at a glance.

use tenfold_report::{Html, Matrix, Unit};

use crate::bench::document::{Document, Workload};
use crate::bench::text;

pub(super) fn matrix(document: &Document) -> Html {
    let rungs = rungs(document);
    let columns = rungs.iter().map(String::as_str).filter(|name| *name != "naive");
    let columns: Vec<&str> = columns.collect();
    let caption = "How many times faster than naive, by the minima of clean samples; the whiskers \
                   below are the 95 % interval of the minimum. A rung that a problem lacks, or \
                   that has no figure, is left out of the geometric means.";
    let mut matrix = Matrix::new("problem", columns.iter().copied(), Unit::Ratio).caption(caption);
    for workload in &document.workloads {
        let label = format!("{} {}", workload.name, workload.label);
        matrix = matrix.row(label, columns.iter().map(|column| speedup(workload, column)));
    }
    matrix.geometric_means().to_html()
}

fn speedup(workload: &Workload, column: &str) -> Option<f64> {
    workload.rungs.iter().find(|rung| text::name(rung) == column)?.speedup_vs_naive
}

/// Every rung's name, in the order of the ladders.
fn rungs(document: &Document) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for rung in document.workloads.iter().flat_map(|workload| &workload.rungs) {
        let name = text::name(rung);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
