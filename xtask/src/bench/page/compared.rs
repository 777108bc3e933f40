//! Tables: this build against another, and criterion's estimates.

use tenfold_report::{Column, Html, Table, Tone};

use crate::bench::document::{Comparison, Document, Verdict};
use crate::bench::text::{number, percent, threaded};

pub(super) fn compared(document: &Document) -> Option<Html> {
    let against = document.against.as_ref()?;
    let mut table = Table::new([
        Column::text("rung"),
        Column::number("change"),
        Column::text("95 % interval"),
        Column::number("floor"),
        Column::number("clean pairs"),
        Column::text("verdict"),
    ])
    .caption(format!("Against {against}: paired ratios of alternating samples"));
    for c in &document.comparisons {
        table = table.row(row(c));
    }
    Some(table.to_html())
}

fn row(c: &Comparison) -> [Html; 6] {
    // Spaces that do not break: a number and its unit stay together.
    let signed = |ratio: f64| format!("{:+.2}\u{a0}%", 100.0 * ratio);
    let interval =
        c.interval.map(|(low, high)| format!("{:+.2}\u{a0}to\u{a0}{}", 100.0 * low, signed(high)));
    let (verdict, tone) = match c.verdict {
        Verdict::Slower => ("slower", Tone::Bad),
        Verdict::Faster => ("faster", Tone::Good),
        Verdict::Same => ("within noise", Tone::Neutral),
        Verdict::Degraded => (c.reason.as_deref().unwrap_or("no telling"), Tone::Warn),
    };
    [
        Html::text(&format!("{} {}, {}", c.name, c.label, threaded(&c.rung, c.threads))),
        Html::text(&c.change.map_or_else(String::new, signed)),
        Html::text(&interval.unwrap_or_default()),
        Html::text(&percent(c.noise_floor)),
        Html::text(&format!("{}/{}", c.clean_pairs, c.pairs)),
        Html::badge(verdict, tone),
    ]
}

pub(super) fn micro(document: &Document) -> Option<Html> {
    if document.micro.is_empty() {
        return None;
    }
    let columns = ["median, ns", "from", "to"].map(Column::number);
    let mut table = Table::new([Column::text("benchmark")].into_iter().chain(columns))
        .caption("Criterion's estimates, with the 95 % interval of the median");
    for m in &document.micro {
        let (low, high) = m.interval_ns;
        table = table.row([m.id.clone(), number(m.median_ns), number(low), number(high)]);
    }
    Some(table.to_html())
}
