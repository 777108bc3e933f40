//! What is below a line once it is opened.

use tenfold_report::Html;

use super::assembly::{self, Budget};
use super::{prose, small};
use crate::legend::{ADVISORY, number_of};
use crate::overview::found;
use crate::{Annotation, Cell, Counts, Isa, Line};

pub(super) fn body(annotation: &Annotation, line: &Line, budget: &Budget) -> Html {
    let findings = found(line);
    let mut out = Html::new();
    if !findings.is_empty() {
        let said = findings
            .iter()
            .map(|found| prose(&format!("{}{}", found.variants(line), found.sentence())));
        out.push(titled("Found", "").with(Html::list(said)));
    }
    if !line.hints.is_empty() {
        let hints = line.hints.iter().map(|hint| prose(hint));
        out.push(titled("What to change", "").with(Html::list(hints)));
    }
    if !line.remarks.is_empty() {
        let remarks = line.remarks.iter().map(|remark| prose(remark));
        out.push(titled("Remarks", ADVISORY).with(Html::list(remarks)));
    }
    let cells = Isa::WIDEST_FIRST.iter().filter_map(|isa| Some((isa, line.cells.get(isa)?)));
    out.with(Html::columns(cells.map(|(isa, cell)| {
        titled(isa.name(), &counts(&cell.counts)).with(instructions(annotation, cell, budget))
    })))
}

fn instructions(annotation: &Annotation, cell: &Cell, budget: &Budget) -> Html {
    if cell.assembly.is_empty() {
        return Html::new();
    }
    let rows = assembly::rows(annotation, cell, budget);
    Html::marked_lines(rows.iter().map(|row| (row.text.as_str(), row.mark)))
}

fn titled(title: &str, beside: &str) -> Html {
    let mut out = Html::trusted("<h4>").with(title);
    if !beside.is_empty() {
        out.push(small(beside));
    }
    out.with(Html::trusted("</h4>"))
}

/// `12 instructions: 8 packed (up to 8 floats)`.
fn counts(counts: &Counts) -> String {
    let all = usize::try_from(counts.instructions).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    if counts.packed > 0 {
        parts.push(format!("{} packed (up to {} floats)", counts.packed, counts.lanes));
    }
    let others = [
        (counts.scalar, "scalar"),
        (counts.bounds, "to bounds checks"),
        (counts.panics, "to other panics"),
        (counts.calls, "calls"),
        (counts.allocations, "allocator"),
        (counts.integer_divisions, "integer divisions"),
        (counts.float_divisions, "float divisions and roots"),
        (counts.spills, "spills"),
        (counts.atomics, "atomic"),
    ];
    parts.extend(others.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    let all = number_of(all, "instruction", "instructions");
    if parts.is_empty() { all } else { format!("{all}: {}", parts.join(", ")) }
}
