//! Writes a page with one of each drawing: `cargo run --example ladder_page -- ladder.html`.
#![expect(clippy::print_stdout, reason = "an example tells where its page is")]

use tenfold_report::*;

fn main() -> std::io::Result<()> {
    let ladder = BarChart::log("heat 200×200", Unit::Seconds)
        .note("one cell update on one core, less is better")
        .legend(0, "tenfold")
        .legend(1, "a peer")
        .bar(Bar::new("naive", 2.8e-9).whisker(2.7e-9, 3.1e-9).note("1×"))
        .bar(Bar::new("slices", 0.443e-9).whisker(0.44e-9, 0.47e-9).note("6.3×"))
        .bar(Bar::new("another library", 0.72e-9).detail("its documented way").paint(1))
        .bar(Bar::unavailable("gpu", "no adapter was found"))
        .reference("the course", 1.707e-6);
    let scaling = LineChart::new("speed-up over threads")
        .x(Axis::linear("threads", Unit::Plain))
        .y(Axis::linear("speed-up", Unit::Ratio).from_zero())
        .series(Series::new("measured").points([(1.0, 1.0), (2.0, 1.9), (4.0, 3.1), (8.0, 3.9)]))
        .series(Series::line("ideal").points([(1.0, 1.0), (8.0, 8.0)]).dashed());
    let matrix = Matrix::new("workload", ["slices", "kernel"], Unit::Ratio)
        .row("heat", [Some(6.3), Some(11.2)])
        .row("julia", [Some(0.9), None])
        .geometric_means();
    let listing = Listing::new("slices.rs")
        .line("for (new, old) in next.iter_mut().zip(row) {", Mark::Added)
        .line("    *new = 0.25 * old;", Mark::Same)
        .line("}", Mark::Same);
    let annotated = Annotated::new("naive", "naive.rs", ["v4", "v3"])
        .line(SourceLine::new("for i in 1..n - 1 {").cell(0.0, "").cell(0.0, ""))
        .line(
            SourceLine::new("    next[i] = 0.5 * (u[i - 1] + u[i + 1]);")
                .cell(0.4, "8")
                .cell(1.0, "1")
                .note("2 bounds")
                .body(Html::marked_lines([("cmp rcx, rax", ""), ("jae 0x1c40", "bounds")])),
        )
        .line(SourceLine::new("}"));
    let ranks = Timeline::new("one step on three ranks")
        .lane(Lane::new("rank 0").span(0.0, 1.8e-3, "compute", "rows 0 to 99"))
        .lane(Lane::new("rank 1").span(0.0, 1.1e-3, "compute", "rows 100 to 199"))
        .lane(Lane::new("rank 2").span(0.2e-3, 1.8e-3, "wait", "halo from rank 1"));
    let tree = Frame::new("main", 1.0)
        .children([Frame::new("step", 0.8).child(Frame::new("stencil", 0.7))]);
    let html = Page::new("The ladder, by example")
        .lead(Html::verdict("every rung gave the right answer", Tone::Good))
        .section("ladder", "Ladder", ladder.to_html().with(listing.to_html()))
        .section("source", "Source", annotated.to_html())
        .section("matrix", "All workloads", matrix.to_html())
        .section("scaling", "Scaling", scaling.to_html())
        .section("ranks", "Ranks", ranks.to_html())
        .section("calls", "Calls", Flame::new("calls", tree, Unit::Seconds).to_html())
        .render();

    assert!(html.len() < 32_000, "{} bytes", html.len());
    assert!(!html.contains("http:") && !html.contains("https:") && !html.contains("<script"));
    let default = || std::env::temp_dir().join("ladder.html");
    let path = std::env::args_os().nth(1).map_or_else(default, Into::into);
    std::fs::write(&path, html)?;
    println!("{}", path.display());
    Ok(())
}
