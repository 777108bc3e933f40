//! Hostile text in every place that takes text.

use tenfold_report::*;

use crate::markup::{assert_self_contained, assert_well_formed};

const HOSTILE: &str =
    "\"><script>alert('x')</script><b onclick=\"y\">&lt;\0\u{1b}]\u{7f}</style></svg>--> é";

fn blocks() -> Html {
    let blocks = [
        Html::text(HOSTILE),
        Html::heading(HOSTILE),
        Html::paragraph(HOSTILE),
        Html::code(HOSTILE),
        Html::list([HOSTILE]),
        Html::details(HOSTILE, HOSTILE),
        Html::badge(HOSTILE, Tone::Bad),
        Html::verdict(HOSTILE, Tone::Warn),
        Html::command(HOSTILE),
        Html::card(HOSTILE, HOSTILE),
        Html::facts([(HOSTILE, HOSTILE)]),
        Html::figures([(HOSTILE, HOSTILE)]),
        Html::columns([HOSTILE]),
        png_image(HOSTILE.as_bytes(), HOSTILE, 10),
    ];
    blocks.iter().collect()
}

fn tables() -> [Html; 5] {
    let columns = [Column::text(HOSTILE), Column::number(HOSTILE)];
    let table = Table::new(columns).caption(HOSTILE).row([HOSTILE; 2]).summary([HOSTILE; 2]);
    let matrix = Matrix::new(HOSTILE, [HOSTILE], Unit::Ratio)
        .caption(HOSTILE)
        .row(HOSTILE, [Some(2.0)])
        .labelled_row(HOSTILE, [(Some(3.0), HOSTILE)]);
    let listing = Listing::new(HOSTILE).noted(HOSTILE, Mark::Tint(1.0), HOSTILE).source(HOSTILE);
    let line = SourceLine::new(HOSTILE).cell(1.0, HOSTILE).note(HOSTILE).body(HOSTILE);
    let source = Annotated::new(HOSTILE, HOSTILE, [HOSTILE]).line(line).to_html();
    let lines = Html::marked_lines([(HOSTILE, HOSTILE), (HOSTILE, "")]);
    let said = Annotated::scale([(None, HOSTILE)]).with(lines);
    [table.to_html(), matrix.to_html(), listing.to_html(), source, said]
}

fn lines() -> LineChart {
    LineChart::new(HOSTILE)
        .note(HOSTILE)
        .x(Axis::linear(HOSTILE, Unit::Plain))
        .y(Axis::linear(HOSTILE, Unit::Si("<&\">")))
        .categories([HOSTILE])
        .marker(0.0, HOSTILE)
        .series(Series::new(HOSTILE).labelled(0.0, 1.0, HOSTILE).point(1.0, 2.0))
        .series(Series::line(HOSTILE).points([(0.0, 1.0), (1.0, 1.0)]).dashed())
}

fn charts() -> [Html; 4] {
    let bars = BarChart::log(HOSTILE, Unit::Si("<&\">"))
        .note(HOSTILE)
        .legend(0, HOSTILE)
        .reference(HOSTILE, 2.0)
        .bar(
            Bar::new(HOSTILE, 1.0)
                .detail(HOSTILE)
                .text(HOSTILE)
                .note(HOSTILE)
                .reference(HOSTILE, 3.0),
        )
        .bar(Bar::unavailable(HOSTILE, HOSTILE));
    let timeline = Timeline::new(HOSTILE)
        .note(HOSTILE)
        .lane(Lane::new(HOSTILE).span(0.0, 1.0, HOSTILE, HOSTILE).span(2.0, 3.0, HOSTILE, ""));
    let tree = Frame::new(HOSTILE, 1.0).child(Frame::new(HOSTILE, 0.5));
    let flame = Flame::new(HOSTILE, tree, Unit::Seconds).note(HOSTILE);
    [bars.to_html(), lines().to_html(), timeline.to_html(), flame.to_html()]
}

#[test]
fn hostile_text_stays_text_everywhere() {
    let body = blocks().with(Html::concat(tables())).with(Html::concat(charts()));
    let page = Page::new(HOSTILE)
        .lead(HOSTILE)
        .footer(HOSTILE)
        .section(HOSTILE, HOSTILE, body)
        .section(HOSTILE, HOSTILE, HOSTILE)
        .section("", "", "")
        .render();
    assert_well_formed(&page);
    assert!(!page.contains("<script") && !page.contains("<b onclick"));
    assert_eq!(page.matches("</style>").count(), 1);
    let picture = lines().to_svg();
    assert_well_formed(&picture);
    assert!(!picture.contains("<script") && !picture.contains("<b onclick"));
    assert_eq!(picture.matches("</style>").count(), 1);
}

#[test]
fn each_part_is_well_formed_by_itself() {
    for part in [blocks()].iter().chain(&tables()).chain(&charts()) {
        assert_well_formed(part.as_str());
        assert_self_contained(part.as_str());
    }
}

#[test]
fn hostile_text_comes_back_as_plain_text() {
    let text = "<script>\"a\" & 'b'</script>";
    let table = Table::new([Column::text("t")]).row([text]);
    assert_eq!(table.to_text(), format!("t\n{text}\n"));
    assert!(!table.to_markdown().contains("<script"));
}
