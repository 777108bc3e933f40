//! The peers: each beside the best of ours that has as many cores.

use tenfold_report::{Column, Html, Table, Tone, duration};

use crate::bench::beside::{self, Beside};
use crate::bench::document::{Document, Rung};
use crate::bench::text::{self, times};

pub(super) fn beside(document: &Document) -> Option<Html> {
    let all = beside::all(document);
    let verdict = beside::verdict(document)?;
    let mut table = Table::new([
        Column::text("problem"),
        Column::text("peer"),
        Column::number("its time"),
        Column::text("ours"),
        Column::number("our time"),
        Column::text("ours is faster by"),
    ])
    .caption(
        "All answers were checked. Minima of clean samples, taken in turns; the rung of ours is the best that has no \
         more threads, and where others do something else, one that does the same. Time of one operation, with what a \
         call from Python costs.",
    );
    for one in &all {
        table = table.row(row(one));
    }
    Some(Html::paragraph(verdict).with(table.to_html()))
}

fn row(one: &Beside<'_>) -> [Html; 6] {
    let Beside { workload, peer, ours, ratio } = one;
    let time = |rung: &Rung| duration(rung.best_ns_per_op.unwrap_or_default() * 1e-9);
    let tone = if one.is_behind() { Tone::Bad } else { Tone::Good };
    let about = peer.peer.as_deref().unwrap_or_default();
    [
        Html::text(&format!("{} {}", workload.name, workload.label)),
        Html::text(&format!("{}: {about}", text::name(peer))),
        Html::text(&time(peer)),
        Html::text(&text::name(ours)),
        Html::text(&time(ours)),
        Html::badge(&times(*ratio).replace('x', "×"), tone),
    ]
}
