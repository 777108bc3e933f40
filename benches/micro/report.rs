//! What rendering costs: a page of ten charts, and a time line of ten thousand spans.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenfold_report::{Bar, BarChart, Html, Lane, Page, Timeline, Unit};

const CHARTS: u32 = 10;
const BARS: u32 = 8;
const LANES: u32 = 20;
const SPANS: u32 = 10_000;

fn chart(number: u32) -> BarChart {
    let bars = (1..=BARS).map(|rung| {
        let seconds = 1e-9 * f64::from(rung * number);
        Bar::new(format!("rung {rung}"), seconds).whisker(0.9 * seconds, 1.1 * seconds).note("2×")
    });
    BarChart::log(format!("workload {number}"), Unit::Seconds).bars(bars)
}

fn page(charts: &[BarChart]) -> String {
    let charts = charts.iter().map(BarChart::to_html);
    Page::new("ladder").section("ladder", "Ladder", Html::concat(charts)).render()
}

/// Spans of equal length, two kinds in turn, dealt to the lanes: each is wide enough to be drawn
/// by itself.
fn timeline() -> Timeline {
    let lane = |rank: u32| {
        (0..SPANS / LANES).fold(Lane::new(format!("rank {rank}")), |lane, at| {
            let start = f64::from(at);
            lane.span(start, start + 1.0, if at % 2 == 0 { "compute" } else { "wait" }, "step")
        })
    };
    (0..LANES).fold(Timeline::new("ranks"), |timeline, rank| timeline.lane(lane(rank)))
}

/// How often a part occurs; a count that is off means that the page is not complete.
fn assert_count(markup: &str, part: &str, count: u32) {
    let found = markup.matches(part).count();
    assert_eq!(found, count as usize, "{part} occurs {found} times");
}

fn assert_balanced(markup: &str) {
    for tag in ["figure", "svg", "div", "rect", "title"] {
        let closed = markup.matches(&format!("</{tag}>")).count();
        let opened = markup.matches(&format!("<{tag} ")).count()
            + markup.matches(&format!("<{tag}>")).count();
        // Only rectangles without a tooltip close themselves.
        let alone = if tag == "rect" { markup.matches("rx=\"3\"/>").count() } else { 0 };
        assert_eq!(opened, closed + alone, "{tag}");
    }
}

fn render(c: &mut Criterion) {
    let mut group = c.benchmark_group("report");

    let charts: Vec<BarChart> = (1..=CHARTS).map(chart).collect();
    let answer = page(&charts);
    assert_count(&answer, "class=\"bar s0\"", CHARTS * BARS);
    assert_balanced(&answer);
    assert!(answer.starts_with("<!DOCTYPE html>") && answer.ends_with("</html>\n"));
    group.throughput(Throughput::Bytes(answer.len() as u64));
    group.bench_function("page_of_10_charts", |b| b.iter(|| page(black_box(&charts))));

    let spans = timeline();
    let answer = spans.to_html().to_string();
    assert_eq!(drawn(&answer), u64::from(SPANS));
    assert_balanced(&answer);
    group.throughput(Throughput::Elements(u64::from(SPANS)));
    group.bench_function("timeline_of_10k_spans", |b| b.iter(|| black_box(&spans).to_html()));
    group.finish();
}

/// Spans that the drawing accounts for: one a rectangle, or as many as its tooltip counts.
fn drawn(markup: &str) -> u64 {
    let tooltips = markup.split("class=\"span ").skip(1);
    let titles = tooltips.filter_map(|part| part.split("<title>").nth(1)?.split("</title>").next());
    titles.map(counted).sum()
}

fn counted(title: &str) -> u64 {
    let counts = title.split(&[',', ':'][..]).filter_map(|part| part.split_once(" × "));
    counts.filter_map(|(count, _)| count.trim().parse::<u64>().ok()).sum::<u64>().max(1)
}

criterion_group!(benches, render);
criterion_main!(benches);
