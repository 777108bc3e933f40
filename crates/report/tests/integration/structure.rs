//! What each part is made of.

use tenfold_report::*;

use crate::markup::{assert_self_contained, assert_well_formed};

fn ladder() -> BarChart {
    BarChart::log("heat", Unit::Seconds)
        .bar(Bar::new("naive", 2.8e-9).note("1×"))
        .bar(Bar::new("kernel", 0.28e-9).whisker(0.27e-9, 0.3e-9).paint(Tone::Good))
        .bar(Bar::unavailable("gpu", "no adapter"))
        .reference("course", 1.707e-6)
}

#[test]
fn a_page_is_one_document_with_contents_from_three_sections_on() {
    let two = Page::new("t").section("a", "A", "").section("b", "B", "");
    assert!(!two.render().contains("<nav"));
    let page = two.section("c", "C", ladder().to_html()).render();
    assert_well_formed(&page);
    assert_self_contained(&page);
    for part in
        ["<!DOCTYPE html>", "<html lang=\"en\">", "<title>t</title>", "<a href=\"#c\">C</a>"]
    {
        assert_eq!(page.matches(part).count(), 1, "{part}");
    }
    assert!(page.contains("prefers-color-scheme:dark") && page.contains("default-src 'none'"));
}

#[test]
fn every_class_that_is_used_is_styled() {
    let page = Page::new("t").section("a", "A", ladder().to_html()).render();
    let style = page.split("</style>").next().expect("a style");
    for class in ["bars", "row", "name", "track", "value", "note", "none", "bar", "whisker", "ref"]
    {
        assert!(style.contains(&format!(".{class}")), "{class} has no rule");
    }
}

#[test]
fn bars_have_tooltips_and_reasons() {
    let html = ladder().to_html().to_string();
    assert_eq!(html.matches("role=\"img\"><title>").count(), 2);
    assert!(html.contains("<title>kernel: 0.28 ns, 0.27 ns to 0.3 ns</title>"));
    assert!(html.contains("<div class=\"track none\">no adapter</div>"));
    assert!(html.contains("course: 1.71 µs"));
    assert!(html.contains("class=\"bar good\""));
}

#[test]
fn longer_bars_mean_larger_values() {
    let widths: Vec<f64> = {
        let values = [1e-9, 1e-8, 1e-7].map(|v| Bar::new("b", v));
        let html = BarChart::log("", Unit::Seconds).bars(values).to_html().to_string();
        let after = |part: &str| part.split('%').next().and_then(|n| n.parse().ok());
        html.split(" width=\"").skip(1).filter_map(after).collect()
    };
    assert_eq!(widths.len(), 3);
    // A decade is the same length everywhere.
    assert!((widths[2] - widths[1] - (widths[1] - widths[0])).abs() < 0.03, "{widths:?}");
}

#[test]
fn a_bad_point_breaks_the_line_and_is_counted() {
    let series =
        Series::new("s").points([(1.0, 1.0), (2.0, 2.0), (3.0, f64::NAN), (4.0, 1.0), (5.0, 3.0)]);
    let html = LineChart::new("c").series(series).to_html().to_string();
    assert_eq!(html.matches("<polyline").count(), 2);
    assert_eq!(html.matches("<circle").count(), 4);
    assert!(html.contains("n/a: 1 not shown"));
}

#[test]
fn lines_differ_by_dash_and_marks_by_shape() {
    let points = [(1.0, 1.0), (2.0, 2.0)];
    let chart = LineChart::new("c")
        .series(Series::new("a").points(points))
        .series(Series::new("b").points(points))
        .series(Series::new("c").points(points))
        .series(Series::new("d").points(points).dashed());
    let html = chart.to_html().to_string();
    assert_eq!(html.matches("<circle").count(), 2);
    assert_eq!(html.matches("class=\"dot square s2 turned\"").count(), 2);
    assert_eq!(html.matches("class=\"s3 dashed\"").count(), 1);
    assert_eq!(html.matches("<li>").count(), 4);
}

#[test]
fn hollow_marks_are_outlines_of_the_same_shape_and_colour() {
    let points = [(1.0, 1.0), (2.0, 2.0)];
    let chart = LineChart::new("c")
        .series(Series::new("counts").points(points))
        .series(Series::scatter("does not").points(points).hollow())
        .series(Series::scatter("nor this").points(points).paint(0).hollow());
    let html = chart.to_html().to_string();
    assert_eq!(html.matches("class=\"dot s0\"").count(), 2);
    assert_eq!(html.matches("class=\"dot square s1 hollow\"").count(), 2);
    assert_eq!(html.matches("class=\"dot square s0 turned hollow\"").count(), 2);
    assert_eq!(html.matches("<i class=\"hollow s1\">").count(), 1);
    let page = Page::new("t").section("a", "A", chart.to_html()).render();
    assert!(page.contains(".hollow{") && page.contains(".legend .hollow{"));
}

/// A picture has what the page has, in a file that stands for itself.
#[test]
fn a_picture_has_the_marks_and_lines_of_the_page() {
    let points = [(1.0, 1.0), (2.0, 1.8), (3.0, f64::NAN)];
    let chart = LineChart::new("a < b")
        .note("of a study")
        .y(Axis::linear("speed-up", Unit::Ratio).from_zero())
        .series(Series::new("measured").points(points))
        .series(Series::scatter("crowded").points(points).hollow())
        .series(Series::line("ideal").points(points).dashed());
    let (picture, page) = (chart.to_svg(), chart.to_html().to_string());
    assert_well_formed(&picture);
    let inside = picture.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    assert_ne!(picture, inside, "a file of SVG names what it is");
    assert_self_contained(&inside);
    // One of each is in the key.
    for (part, in_key) in [("<circle", 1), ("class=\"dot square s1 hollow\"", 1), ("<polyline", 2)]
    {
        assert_eq!(picture.matches(part).count(), page.matches(part).count() + in_key, "{part}");
    }
    for text in ["a &lt; b</text>", ">of a study<", ">speed-up<", ">crowded<", ">n/a: 3 not shown"]
    {
        assert!(picture.contains(text), "{text} in {picture}");
    }
    assert_eq!(picture, chart.to_svg());
}

#[test]
fn the_key_of_a_picture_takes_as_many_lines_as_it_needs() {
    let places = |names: &[&str]| {
        let series = |name: &&str| Series::line(*name).points([(0.0, 0.0), (1.0, 1.0)]);
        let chart = names.iter().map(series).fold(LineChart::new("c"), LineChart::series);
        let picture = chart.to_svg();
        let height = picture.split("height=\"").nth(1).and_then(|rest| rest.split('"').next());
        height.unwrap().parse::<f64>().unwrap()
    };
    let long = "a name of which two do not fit beside each other in a line";
    let (none, one, two) = (places(&["a"]), places(&["a", "b"]), places(&[long, long]));
    assert!(one > none && two - one == one - none, "{none} {one} {two}");
}

#[test]
fn labels_of_points_in_one_place_do_not_cover_each_other() {
    let series =
        (0..4).fold(Series::scatter("s"), |s, n| s.labelled(1.0, 1.0, format!("label {n}")));
    let html = LineChart::new("c").series(series).to_html().to_string();
    let mut places: Vec<&str> =
        html.split("class=\"label").skip(1).filter_map(|t| t.split('>').next()).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 4);
}

#[test]
fn history_names_its_points() {
    let chart = LineChart::new("h")
        .categories(["v1", "v2"])
        .series(Series::new("s").points([(0.0, 1.0), (1.0, 2.0)]))
        .marker(1.0, "faster");
    let html = chart.to_html().to_string();
    assert!(html.contains("<title>s: v2, 2</title>") && html.contains(">faster</text>"));
}

#[test]
fn overlapping_spans_get_rows_of_their_own() {
    let lane = Lane::new("l")
        .span(0.0, 10.0, "outer", "")
        .span(1.0, 4.0, "inner", "")
        .span(5.0, 6.0, "inner", "");
    let html = Timeline::new("t").lane(lane).paint("inner", 3).to_html().to_string();
    assert_eq!(html.matches("y=\"3\"").count(), 1);
    assert_eq!(html.matches("class=\"span s3\"").count(), 2);
    assert_eq!(html.matches("y=\"23\"").count(), 2);
}

#[test]
fn the_matrix_tints_by_distance_from_one() {
    let matrix =
        Matrix::new("w", ["a", "b", "c"], Unit::Ratio).row("r", [Some(10.0), Some(0.1), Some(1.0)]);
    let html = matrix.to_html().to_string();
    assert!(html.contains("<b class=\"heat\" style=\"--t:100%\">10×</b>"));
    assert!(html.contains("<b class=\"heat down\" style=\"--t:100%\">0.1×</b>"));
    assert!(html.contains("<b class=\"heat\" style=\"--t:0%\">1×</b>"));
}

#[test]
fn means_leave_out_what_is_missing_and_what_sums_up() {
    let matrix = Matrix::new("w", ["a", "b"], Unit::Ratio)
        .row("r", [Some(2.0), None])
        .row("s", [Some(8.0), Some(4.0)])
        .summary("best", [Some(100.0), Some(100.0)])
        .geometric_means();
    let last = matrix.to_text().lines().last().map(str::to_owned).expect("a last line");
    assert_eq!(
        last.split_whitespace().collect::<Vec<_>>(),
        ["geometric", "mean", "4×", "4×", "4×"]
    );
}

#[test]
fn listings_number_and_mark_their_lines() {
    let listing =
        Listing::new("a.rs").first_line(10).line("x", Mark::Added).line("a\nb", Mark::Same);
    let html = listing.to_html().to_string();
    assert!(html.contains("--from:9") && html.contains("<span class=\"add\">x\n</span>"));
    assert!(html.contains("<span>a b\n</span>"));
}

fn annotated() -> Annotated {
    let slow = SourceLine::new("x[i]").no_cell().cell(0.71, "1").note("bounds").body("why");
    Annotated::new("a b", "a.rs", ["v4", "v3"])
        .line(SourceLine::new("// said"))
        .lines([slow, SourceLine::new("a\nb").cell(0.0, "")])
}

#[test]
fn annotated_lines_have_a_cell_a_column_and_open() {
    let html = annotated().to_html().to_string();
    let row = "<i class=\"no\"></i><i class=\"hot\" style=\"--t:71%\">1</i><code>x[i]</code>\
               <span><b>bounds</b></span>";
    assert!(html.contains("<div><code>// said</code></div>"));
    assert!(html.contains(&format!(
        "<details id=\"a-b-2\"><summary style=\"--m:71%\">{row}</summary><div>why</div></details>"
    )));
    assert!(html.contains("<div><i></i><i class=\"no\"></i><code>a b</code></div>"));
    assert!(html.contains("style=\"--n:2;--l:3\"") && html.contains("<b>v4</b><b>v3</b>"));
    let empty = Annotated::new("", "", [""; 0]).line(SourceLine::new("")).to_html();
    assert!(empty.as_str().contains("<code>\n</code>"), "an empty line is lost when it is copied");
}

#[test]
fn only_pages_with_annotated_source_carry_its_style() {
    let plain = Page::new("t").section("a", "A", "<figure class=\"annotated\"").render();
    let page = Page::new("t").section("a", "A", annotated().to_html()).render();
    let scale = Page::new("t").lead(Annotated::scale([(Some(1.0), "slow")])).render();
    let marked = Page::new("t").footer(Html::marked_lines([("ret", "")])).render();
    assert!(!plain.contains("--yellow"));
    for page in [page, scale, marked] {
        assert!(page.contains("--yellow:#"));
        assert_well_formed(&page);
        assert_self_contained(&page);
    }
}

#[test]
fn annotated_source_of_five_thousand_lines_stays_small() {
    let line = |at: usize| {
        SourceLine::new("    let x = a[i];").cell(0.0, if at.is_multiple_of(2) { "8" } else { "" })
    };
    let html = Annotated::new("f", "", ["v4"]).lines((0..5000).map(line)).to_html();
    assert!(html.as_str().len() < 300_000, "{} bytes", html.as_str().len());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let page = || Page::new("t").section("a", "A", ladder().to_html()).render();
    assert_eq!(page(), page());
}

#[test]
fn a_page_of_thirty_ladders_stays_small() {
    let bars = || {
        (0..8).map(|n| {
            Bar::new(format!("rung {n}"), 1e-9 * f64::from(n + 1)).whisker(1e-9, 2e-9).note("2×")
        })
    };
    let charts = (0..30).map(|_| BarChart::log("heat", Unit::Seconds).bars(bars()).to_html());
    let page = Page::new("t").section("a", "A", Html::concat(charts)).render();
    assert!(page.len() < 300_000, "{} bytes", page.len());
}
