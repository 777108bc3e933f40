//! The page of all ranks.

use tenfold_report::{Bar, BarChart, Flame, Frame, Html, Page, Tone, Unit};

use super::super::analysis::Tree;
use super::super::page::frames;
use super::table::{self, slowest};
use super::{RankTree, Ranks, mean, share};
use crate::units::{Nanoseconds, Percent};

/// Ranks that have a bar, and those that have an icicle graph.
const BARS: usize = 128;
const FLAMES: usize = 32;
/// Functions and paths in tables.
const ROWS: usize = 60;
/// What is narrower than this share of a rank's icicle graph is left out of it.
const THINNEST: f64 = 0.01;

/// Ranks whose load balance is below this have work to share out.
const EVEN: f64 = 0.8;

pub(super) fn write(ranks: &Ranks) -> String {
    let tree = RankTree::of(ranks.each());
    let paths = ranks.paths_of(&tree);
    let useful = ranks.useful_ns();
    let mut page = Page::new(format!("{}: where the time of ranks goes", title(ranks)))
        .lead(lead(ranks))
        .section("ranks", "Ranks", bars(ranks, &useful))
        .section("tree", "Call tree", flames(ranks, &tree, &useful))
        .section("paths", "Call paths", table::paths(ranks, &paths, ROWS, true).to_html())
        .section("functions", "Functions", table::functions(ranks, ROWS, true).to_html());
    if let Some(lines) = ranks.lines() {
        page = page.section("lines", "Lines", lines.to_html());
    }
    page.section("trust", "What speaks against these figures", Html::list(ranks.diagnosis()))
        .footer(concat!("tenfold-profile ", env!("CARGO_PKG_VERSION")))
        .render()
}

/// What was run, where all ranks ran the same.
fn title(ranks: &Ranks) -> String {
    let mut programs: Vec<&str> =
        ranks.reports.iter().map(|report| report.document.program.as_str()).collect();
    programs.dedup();
    match programs[..] {
        [program] => program.to_owned(),
        _ => format!("{} programs", programs.len()),
    }
}

fn lead(ranks: &Ranks) -> Html {
    let balance = ranks.load_balance();
    let figures = [
        (ranks.reports.len().to_string(), "ranks"),
        (Nanoseconds(ranks.run_ns()).to_string(), "session, the longest"),
        (share(balance), "load balance"),
        (share(ranks.parallel_efficiency()), "parallel efficiency"),
    ];
    let is_even = balance.is_none_or(|balance| balance >= EVEN);
    let verdict = match ranks.slowest() {
        Some(slowest) if is_even => Html::verdict(slowest, Tone::Good),
        Some(slowest) => Html::verdict(slowest, Tone::Warn),
        None => Html::verdict("no time was recorded", Tone::Warn),
    };
    verdict.with(Html::figures(figures))
}

fn bars(ranks: &Ranks, useful: &[f64]) -> Html {
    let shown = slowest(useful, BARS);
    let title = match ranks.waits {
        Some(_) => "time outside of communication",
        None => "time recorded",
    };
    let mut chart = BarChart::linear(title, Unit::Seconds).reference("mean", mean(useful) / 1e9);
    if shown.len() < useful.len() {
        chart = chart.note(format!("the {} of {} ranks with most", shown.len(), useful.len()));
    }
    let total = ranks.total_ns();
    for at in shown {
        let rank = ranks.reports[at].rank().unwrap_or(0);
        let mut bar = Bar::new(format!("rank {rank}"), useful[at] / 1e9);
        if ranks.waits.is_some() && total[at] > 0.0 {
            bar = bar.note(format!("{} of its time", Percent(useful[at] / total[at])));
        }
        chart = chart.bar(bar);
    }
    chart.to_html()
}

/// One of all ranks together, and one of each.
fn flames(ranks: &Ranks, all: &RankTree<'_>, useful: &[f64]) -> Html {
    let note = "below each function what it called, as wide as its share of the time of all ranks";
    let name = |function: usize| all.names[function];
    let flame = flame("all ranks together", &all.tree, 0.0, name).note(note).to_html();
    if ranks.reports.len() < 2 {
        return flame;
    }
    let shown = slowest(useful, FLAMES);
    let title = match shown.len() < ranks.reports.len() {
        true => format!("the {} ranks with most time", shown.len()),
        false => "each rank".to_owned(),
    };
    let each: Vec<_> = ranks.each().collect();
    let each = shown.into_iter().map(|at| {
        let (rank, report) = each[at];
        let functions = &report.document.functions;
        let tree = Tree::of(&report.document, |_| true);
        self::flame(&format!("rank {rank}"), &tree, THINNEST, |function| &functions[function].name)
            .to_html()
    });
    flame.with(Html::details(title, Html::concat(each)))
}

fn flame<'a>(title: &str, tree: &Tree, thinnest: f64, name: impl Fn(usize) -> &'a str) -> Flame {
    let total: f64 = tree.roots.iter().map(|&root| tree.branches[root].total_ns).sum();
    let frames = frames(tree, &tree.roots, thinnest * total, name);
    Flame::new(title, Frame::new(title, total / 1e9).children(frames), Unit::Seconds)
}
