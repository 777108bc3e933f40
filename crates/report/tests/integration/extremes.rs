//! Nothing, one, a thousand; numbers at the ends of the range and beyond.

use tenfold_report::*;

use crate::markup::{assert_self_contained, assert_well_formed};

const NUMBERS: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    1e-300,
    1e300,
    -1e300,
    5e-324,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    f64::EPSILON,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    123_456_789.123,
];

const UNITS: [Unit; 6] =
    [Unit::Plain, Unit::Seconds, Unit::Bytes, Unit::Si("B/s"), Unit::Ratio, Unit::Percent];

fn check(html: &Html) {
    assert_well_formed(html.as_str());
    assert_self_contained(html.as_str());
}

fn bar_charts(unit: Unit) -> [BarChart; 2] {
    [BarChart::linear("bars", unit), BarChart::log("bars", unit)]
}

fn axes(unit: Unit) -> [Axis; 3] {
    [Axis::linear("a", unit), Axis::log("a", unit), Axis::linear("a", unit).from_zero()]
}

#[test]
fn bars_of_every_pair_of_numbers() {
    for (a, b) in NUMBERS.iter().flat_map(|a| NUMBERS.map(|b| (*a, b))) {
        for chart in UNITS.into_iter().flat_map(bar_charts) {
            let bar = Bar::new("a", a).whisker(b, a).reference("r", b);
            check(&chart.bar(bar).bar(Bar::new("b", b)).reference("r", a).to_html());
        }
    }
}

#[test]
fn lines_of_every_pair_of_numbers() {
    for (a, b) in NUMBERS.iter().flat_map(|a| NUMBERS.map(|b| (*a, b))) {
        for (x, y) in
            axes(Unit::Seconds).into_iter().flat_map(|x| axes(Unit::Ratio).map(|y| (x.clone(), y)))
        {
            let series = Series::new("s").point(a, b).whisker(b, a, a, b).labelled(1.0, 1.0, "l");
            let chart = LineChart::new("").x(x).y(y).series(series).marker(a, "m");
            check(&chart.to_html());
            assert_well_formed(&chart.to_svg());
        }
    }
}

#[test]
fn every_other_part_of_every_pair_of_numbers() {
    for (a, b) in NUMBERS.iter().flat_map(|a| NUMBERS.map(|b| (*a, b))) {
        let lane = Lane::new("l").span(a, b, "k", "").span(b, a, "k", "").span(0.0, a, "j", "x");
        check(&Timeline::new("t").lane(lane).to_html());
        let tree = Frame::new("r", a).children([Frame::new("c", b), Frame::new("d", a)]);
        check(&Flame::new("f", tree, Unit::Seconds).to_html());
        let matrix = Matrix::new("m", ["a", "b"], Unit::Ratio).row("r", [Some(a), Some(b)]);
        check(&matrix.geometric_means().to_html());
        let categories = LineChart::new("h").categories(["a", "b"]);
        check(&categories.series(Series::new("s").point(a, b)).to_html());
        check(&Listing::new("").line("x", Mark::Tint(a)).to_html());
        let line = SourceLine::new("").cell(a, "").cell(b, "").cell(0.0, "dropped").body("b");
        check(&Annotated::new("", "", ["x", "y"]).line(line).to_html());
        check(&Annotated::scale([(Some(a), "")]));
    }
}

#[test]
fn nothing_at_all() {
    check(&BarChart::log("", Unit::Seconds).to_html());
    check(&BarChart::default().bar(Bar::unavailable("", "")).to_html());
    check(&LineChart::new("").to_html());
    check(&LineChart::new("").series(Series::new("")).categories(["a"]).to_html());
    check(&Timeline::new("").lane(Lane::new("")).to_html());
    check(&Flame::new("", Frame::new("", 0.0), Unit::Plain).to_html());
    check(&Table::new([]).to_html());
    check(&Matrix::default().geometric_means().to_html());
    check(&Listing::new("").to_html());
    check(&Annotated::new("", "", [""; 0]).line(SourceLine::default().cell(1.0, "x")).to_html());
    check(&Html::marked_lines([]));
    check(&png_image(&[], "", 0));
    check(&Html::list([""; 0]));
    let page = Page::default().render();
    assert_well_formed(&page);
    assert_self_contained(&page);
    assert_eq!(Matrix::default().geometric_means().to_text().lines().count(), 2);
}

#[test]
fn a_thousand_bars_of_a_thousand_letters() {
    let label = "wide_".repeat(200);
    let bars = (0..1000).map(|n| Bar::new(&label, f64::from(n)).note(&label));
    let html = BarChart::log("many", Unit::Seconds).bars(bars).to_html();
    check(&html);
    // Zero has no place on a logarithmic axis: it is written, not drawn.
    assert_eq!(html.as_str().matches("class=\"bar ").count(), 999);
}

#[test]
fn many_spans_make_a_bounded_page() {
    let lane = (0..100_000).fold(Lane::new("busy"), |lane, n| {
        let start = f64::from(n) * 1e-6;
        lane.span(start, start + 0.9e-6, "a", "x")
    });
    let html = Timeline::new("many").lane(lane).to_html();
    check(&html);
    assert!(html.as_str().len() < 200_000, "{} bytes", html.as_str().len());
}

#[test]
fn alternating_thin_spans_make_a_bounded_page() {
    let lane = (0..100_000_u32).fold(Lane::new("busy"), |lane, n| {
        let start = f64::from(n) * 1e-6;
        lane.span(start, start + 0.9e-6, ["a", "b", "c"][n as usize % 3], "x")
    });
    let html = Timeline::new("many").lane(lane).to_html();
    check(&html);
    assert!(html.as_str().len() < 200_000, "{} bytes", html.as_str().len());
}

#[test]
fn a_tree_of_a_million_levels_neither_overflows_nor_grows() {
    let deep = (0..1_000_000)
        .fold(Frame::new("leaf", 1.0), |below, _| Frame::new("again", 1.0).child(below));
    let html = Flame::new("deep", deep, Unit::Seconds).to_html();
    check(&html);
    assert_eq!(html.as_str().matches("class=\"icicle").count(), 64);
}

#[test]
fn children_that_claim_too_much_are_scaled_into_their_parent() {
    let children = (0..4).map(|n| Frame::new(format!("c{n}"), 1.0));
    let html = Flame::new("f", Frame::new("r", 1.0).children(children), Unit::Plain).to_html();
    assert_eq!(html.as_str().matches("width=\"25%\"").count(), 4);
}

#[test]
fn every_percentage_lies_inside() {
    let bars = NUMBERS.map(|n| Bar::new("b", n).whisker(-n, n));
    for chart in bar_charts(Unit::Plain) {
        let html = chart.bars(bars.clone()).to_html().to_string();
        for (at, _) in html.match_indices("%\"") {
            let start = html[..at].rfind('"').expect("an opening quote") + 1;
            let percent: f64 = html[start..at].parse().expect("a number");
            assert!((0.0..=100.0).contains(&percent), "{percent} %");
        }
    }
}
