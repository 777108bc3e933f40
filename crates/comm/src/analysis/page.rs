//! The analysis as a page.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tenfold_report::{
    Arrow, Column, Html, Matrix, Page, Paint, SpaceTime, Stretch, Table, Tone, Unit,
};

use super::links::Links;
use super::run::Run;
use super::text::{Rows, is_number};
use super::{Analysis, VerdictKind};
use crate::{CallKind, Event, Trace};

/// Ranks whose traffic is drawn pair by pair; of more a page cannot be read.
const MOST_PAIRED: usize = 32;
const SECOND: f64 = 1e9;

impl Analysis {
    /// A page that stands for itself: the verdict, the efficiencies, a lane for each rank with its calls, messages
    /// and the critical path, and tables. `trace` is the one that was analysed.
    ///
    /// Its size is bounded by what can be seen, not by the trace; it says what is left out.
    ///
    /// ```
    /// use tenfold_comm::{Analysis, Trace};
    ///
    /// let trace = Trace::default();
    /// let page = Analysis::of(&trace).to_page(&trace, "heat on 4 ranks");
    /// assert!(page.contains("no call was recorded"));
    /// ```
    #[must_use]
    pub fn to_page(&self, trace: &Trace, title: &str) -> String {
        let lead = Html::verdict(self.verdict.to_string(), self.tone()).with(self.figures());
        let notes = Html::list(self.notes.iter());
        let mut page = Page::new(title)
            .lead(lead)
            .section("ranks", "Ranks", diagram(self, trace).to_html())
            .section("time", "Where the time went", table(&self.rank_rows(), self.ranks.len()))
            .section("path", "Critical path", self.path_table())
            .section("waits", "Who waits for whom", table(&self.wait_rows(), self.waits.len()))
            .section("calls", "Calls", table(&self.line_rows(), self.lines.len()))
            .section("traffic", "Messages", self.traffic_matrix());
        if !self.notes.is_empty() {
            page = page.section("notes", "What the trace does not tell", notes);
        }
        page.footer(
            "Efficiencies are those of the POP methodology; waits are named as in Scalasca.",
        )
        .render()
    }

    fn tone(&self) -> Tone {
        match self.verdict.kind {
            VerdictKind::Fine => Tone::Good,
            VerdictKind::Serialised | VerdictKind::InTurn => Tone::Bad,
            VerdictKind::Empty => Tone::Neutral,
            _ => Tone::Warn,
        }
    }

    fn figures(&self) -> Html {
        let efficiency = self.efficiency;
        let seconds = |ns: u64| Unit::Seconds.format(ns as f64 / SECOND);
        let percent = |share: f64| Unit::Percent.format(share);
        Html::figures([
            (seconds(self.runtime_ns), "run time"),
            (seconds(self.ideal_ns), "if messages took no time"),
            (percent(efficiency.parallel()), "parallel efficiency"),
            (percent(efficiency.load_balance), "load balance"),
            (percent(efficiency.serialisation), "serialisation efficiency"),
            (percent(efficiency.transfer), "transfer efficiency"),
        ])
    }

    fn path_table(&self) -> Html {
        let text = "What the end of the run depends on: faster work anywhere else does not make it shorter.";
        Html::paragraph(text).with(table(&self.path_rows(), self.path_shares.len()))
    }

    fn traffic_matrix(&self) -> Html {
        if self.traffic.is_empty() {
            return Html::paragraph("no message was sent point to point");
        }
        if self.ranks.len() > MOST_PAIRED {
            return self.heaviest_pairs();
        }
        let ranks = || self.ranks.iter().map(|rank| rank.rank);
        let columns = ranks().map(|rank| format!("to {rank}"));
        let empty = Matrix::new("", columns, Unit::Bytes).caption("bytes, in so many messages");
        let matrix = ranks().fold(empty, |matrix, from| {
            let cells = ranks().map(|to| match self.traffic.get(&(from, to)) {
                Some(pair) => {
                    let bytes = pair.bytes as f64;
                    (Some(bytes), format!("{} in {}", Unit::Bytes.format(bytes), pair.messages))
                }
                None => (None, String::new()),
            });
            matrix.labelled_row(format!("from {from}"), cells)
        });
        matrix.to_html()
    }

    fn heaviest_pairs(&self) -> Html {
        let mut pairs: Vec<_> = self.traffic.iter().collect();
        pairs.sort_by_key(|(ranks, pair)| (std::cmp::Reverse(pair.bytes), **ranks));
        let columns =
            [Column::text("from and to"), Column::number("messages"), Column::number("bytes")];
        let caption = format!("the heaviest {MOST_PAIRED} of {} pairs", pairs.len());
        let table = pairs.iter().take(MOST_PAIRED).fold(
            Table::new(columns).caption(caption),
            |table, ((from, to), pair)| {
                let bytes = Unit::Bytes.format(pair.bytes as f64);
                table.row([format!("{from} to {to}"), pair.messages.to_string(), bytes])
            },
        );
        table.to_html()
    }
}

/// Rows of text with their header, of `all` that there are.
fn table(rows: &Rows, all: usize) -> Html {
    let Some((header, rows)) = rows.split_first() else { return Html::new() };
    if rows.is_empty() {
        return Html::paragraph("none");
    }
    let column = |(at, name): (usize, &String)| {
        if is_number(&rows[0][at]) { Column::number(name) } else { Column::text(name) }
    };
    let columns: Vec<Column> = header.iter().enumerate().map(column).collect();
    let mut table = Table::new(columns);
    if rows.len() < all {
        table = table.caption(format!("the first {} of {all}", rows.len()));
    }
    rows.iter().fold(table, |table, row| table.row(row)).to_html()
}

/// What calls are drawn alike.
fn family(event: &Event) -> &'static str {
    use CallKind as K;
    match event.kind {
        K::Send | K::Ssend | K::Bsend | K::Rsend | K::Isend | K::Issend => "send",
        K::Start if event.to < Event::ANY => "send",
        K::Recv | K::Irecv | K::Probe | K::Mprobe | K::Start => "receive",
        K::Sendrecv => "sendrecv",
        K::Wait => "wait",
        kind if kind.is_collective() => "collective",
        _ => "windows and files",
    }
}

fn diagram(analysis: &Analysis, trace: &Trace) -> SpaceTime {
    let run = Run::of(trace);
    let mut diagram = SpaceTime::new("Calls of each rank", Unit::Seconds);
    diagram.note("grey is work; arrows are messages, those waited for longest first");
    let begin = run.begin();
    let seconds = |ns: u64| ns.saturating_sub(begin) as f64 / SECOND;
    let mut labels: HashMap<(CallKind, usize), usize> = HashMap::new();
    for call in &run.calls {
        let text = || format!("{} at {}", call.event.kind, run.place(call.place));
        labels.entry((call.event.kind, call.place)).or_insert_with(|| diagram.label(text()));
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, name) in families(&run).into_iter().enumerate() {
        kinds.insert(name, diagram.kind(name, Paint::Series(at)));
    }
    for lane in 0..run.lanes() {
        let stretch = |at: usize| {
            let call = &run.calls[at];
            Stretch {
                start: seconds(call.start),
                end: seconds(call.end),
                kind: kinds[family(call.event)],
                label: labels[&(call.event.kind, call.place)],
            }
        };
        diagram.lane(format!("rank {}", run.rank(lane)), run.of_lane(lane).map(stretch));
    }
    arrows(&run, &mut diagram, seconds);
    let lanes: HashMap<usize, usize> =
        (0..run.lanes()).map(|lane| (run.rank(lane), lane)).collect();
    for stretch in &analysis.path {
        if let Some(&lane) = lanes.get(&stretch.rank) {
            diagram.path(lane, seconds(stretch.start_ns), seconds(stretch.end_ns));
        }
    }
    diagram
}

/// Those that occur.
fn families(run: &Run<'_>) -> Vec<&'static str> {
    let all = ["send", "receive", "sendrecv", "wait", "collective", "windows and files"];
    let seen: BTreeSet<&str> = run.calls.iter().map(|call| family(call.event)).collect();
    all.into_iter().filter(|name| seen.contains(name)).collect()
}

/// A message goes from the beginning of its send to the end of its receive.
fn arrows(run: &Run<'_>, diagram: &mut SpaceTime, seconds: impl Fn(u64) -> f64) {
    let links = Links::of(run);
    for (at, call) in run.calls.iter().enumerate() {
        let Some(sender) = run.calls.get(links.sender[at]) else { continue };
        let waited = call.elapsed().max(sender.elapsed());
        diagram.arrow(Arrow {
            from: (sender.lane, seconds(sender.start)),
            to: (call.lane, seconds(call.end)),
            weight: waited as f64,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::built::Built;

    #[test]
    fn a_table_that_is_cut_says_so() {
        let mut built = Built::new(1);
        for line in 1..10 {
            built.call(0, CallKind::Put, (0, 1), line);
            built.call(0, CallKind::Get, (1, 2), line);
        }
        let trace = built.trace();
        let page = Analysis::of(&trace).to_page(&trace, "many lines");
        assert!(page.contains("the first 10 of 18"), "{page}");
        assert!(!page.contains("the first 1 of"), "{page}");
    }

    #[test]
    fn what_is_no_collective_is_not_drawn_as_one() {
        for (kind, name) in [
            (CallKind::FetchAndOp, "windows and files"),
            (CallKind::CompareAndSwap, "windows and files"),
            (CallKind::Bytes, "windows and files"),
            (CallKind::Start, "receive"),
            (CallKind::Fence, "collective"),
            (CallKind::Iallreduce, "collective"),
        ] {
            assert_eq!(family(&Event::new(kind, 0, 1)), name, "{kind}");
        }
        assert_eq!(family(&Event { to: 1, ..Event::new(CallKind::Start, 0, 1) }), "send");
    }
}
