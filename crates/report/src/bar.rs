//! Horizontal bars.

use crate::axis::{Axis, Range, Scale};
use crate::escape::Escaped;
use crate::html::Html;
use crate::svg::{self, Percent};
use crate::{Paint, Unit};

/// One bar: a label and a value, or the reason why there is none.
///
/// ```
/// use tenfold_report::Bar;
///
/// let measured = Bar::new("kernel", 0.365e-9).whisker(0.35e-9, 0.41e-9).note("7.7×");
/// let missing = Bar::unavailable("gpu", "no adapter found");
/// # let _ = (measured, missing);
/// ```
#[must_use]
#[derive(Debug, Clone)]
pub struct Bar {
    label: String,
    detail: String,
    value: Result<f64, String>,
    text: Option<String>,
    note: String,
    whisker: Option<(f64, f64)>,
    references: Vec<(String, f64)>,
    paint: Paint,
}

impl Bar {
    /// A bar of this length. A value that the axis cannot show is written `n/a`.
    pub fn new(label: impl Into<String>, value: f64) -> Bar {
        Bar {
            label: label.into(),
            detail: String::new(),
            value: Ok(value),
            text: None,
            note: String::new(),
            whisker: None,
            references: Vec::new(),
            paint: Paint::default(),
        }
    }

    /// A row without a bar: the reason stands in its place, hatched.
    pub fn unavailable(label: impl Into<String>, reason: impl Into<String>) -> Bar {
        Bar { value: Err(reason.into()), ..Bar::new(label, 0.0) }
    }

    /// A second, smaller line below the label.
    pub fn detail(mut self, detail: impl Into<String>) -> Bar {
        self.detail = detail.into();
        self
    }

    /// The value as text, in place of the chart's own formatting.
    pub fn text(mut self, text: impl Into<String>) -> Bar {
        self.text = Some(text.into());
        self
    }

    /// What stands last in the row, such as the speed-up.
    pub fn note(mut self, note: impl Into<String>) -> Bar {
        self.note = note.into();
        self
    }

    /// The interval of the value.
    pub fn whisker(mut self, low: f64, high: f64) -> Bar {
        self.whisker = Some((low, high));
        self
    }

    /// A tick mark in this row, such as what someone else measured.
    pub fn reference(mut self, label: impl Into<String>, value: f64) -> Bar {
        self.references.push((label.into(), value));
        self
    }

    /// The colour.
    pub fn paint(mut self, paint: impl Into<Paint>) -> Bar {
        self.paint = paint.into();
        self
    }

    fn numbers(&self) -> impl Iterator<Item = f64> {
        let (low, high) = self.whisker.unzip();
        let references = self.references.iter().map(|(_, value)| *value);
        self.value.as_ref().ok().copied().into_iter().chain(low).chain(high).chain(references)
    }
}

/// Horizontal bars on a common axis.
///
/// Labels, values and notes are text beside the bars, so they wrap and can be copied. Bars on a
/// linear axis start at zero; on a logarithmic one they start left of the smallest value, and
/// only their ends mean anything.
///
/// ```
/// use tenfold_report::{Bar, BarChart, Unit};
///
/// let chart = BarChart::log("heat 200×200", Unit::Seconds)
///     .note("time for one cell update, less is better")
///     .bar(Bar::new("naive", 2.8e-9).note("1×"))
///     .bar(Bar::new("slices", 0.443e-9).whisker(0.44e-9, 0.46e-9).note("6.3×"))
///     .bar(Bar::unavailable("gpu", "no adapter"))
///     .reference("course", 1.707e-6);
/// let html = chart.to_html();
/// assert!(html.as_str().contains("<title>slices: 0.443 ns, 0.44 ns to 0.46 ns, 6.3×</title>"));
/// ```
#[must_use]
#[derive(Debug, Clone, Default)]
pub struct BarChart {
    title: String,
    note: String,
    axis: Axis,
    bars: Vec<Bar>,
    references: Vec<(String, f64)>,
    legend: Vec<(Paint, String)>,
}

impl BarChart {
    /// Bars on a linear axis that holds zero.
    pub fn linear(title: impl Into<String>, unit: Unit) -> BarChart {
        let axis = Axis::linear("", unit).from_zero();
        BarChart { title: title.into(), axis, ..BarChart::default() }
    }

    /// Bars on a logarithmic axis.
    pub fn log(title: impl Into<String>, unit: Unit) -> BarChart {
        let axis = Axis::log("", unit);
        BarChart { title: title.into(), axis, ..BarChart::default() }
    }

    /// A line below the title: what is measured, and which direction is better.
    pub fn note(mut self, note: impl Into<String>) -> BarChart {
        self.note = note.into();
        self
    }

    /// Adds a bar.
    pub fn bar(mut self, bar: Bar) -> BarChart {
        self.bars.push(bar);
        self
    }

    /// Adds bars.
    pub fn bars(mut self, bars: impl IntoIterator<Item = Bar>) -> BarChart {
        self.bars.extend(bars);
        self
    }

    /// A line through all rows, labelled above them with its value.
    pub fn reference(mut self, label: impl Into<String>, value: f64) -> BarChart {
        self.references.push((label.into(), value));
        self
    }

    /// Says what a colour means.
    pub fn legend(mut self, paint: impl Into<Paint>, label: impl Into<String>) -> BarChart {
        self.legend.push((paint.into(), label.into()));
        self
    }

    /// The chart as a `<figure>`.
    pub fn to_html(&self) -> Html {
        let mut out = Html::new();
        svg::open_figure(&mut out, "chart", &self.title, &self.note);
        let legend = self.legend.iter().map(|(paint, label)| (paint.class().into(), &label[..]));
        svg::legend(&mut out, legend);
        if self.bars.is_empty() {
            out.push(Html::trusted("<p class=\"empty\">nothing measured</p>"));
        } else {
            self.rows(&mut out, &self.range());
        }
        out.with(Html::trusted("</figure>"))
    }

    fn range(&self) -> Range {
        let lines = self.references.iter().map(|(_, value)| *value);
        self.axis.fit(self.bars.iter().flat_map(Bar::numbers).chain(lines))
    }

    fn rows(&self, out: &mut Html, range: &Range) {
        out.put(format_args!("<div class=\"bars\">"));
        self.reference_labels(out, range);
        for bar in &self.bars {
            self.row(out, range, bar);
        }
        axis_row(out, range, self.axis.unit);
        out.put(format_args!("</div>"));
    }

    /// One line of text a reference, so that labels never run into each other.
    fn reference_labels(&self, out: &mut Html, range: &Range) {
        let placed =
            self.references.iter().filter_map(|(label, v)| Some((label, *v, range.fraction(*v)?)));
        for (label, value, at) in placed {
            out.put(format_args!(
                "<div class=\"row ruler\"><div class=\"track\"><svg aria-hidden=\"true\">"
            ));
            svg::text(out, at, 12.0, "mark", &self.reference_text(label, value));
            out.put(format_args!("</svg></div></div>"));
        }
    }

    fn reference_text(&self, label: &str, value: f64) -> String {
        format!("{label}: {}", self.axis.unit.format(value))
    }

    fn row(&self, out: &mut Html, range: &Range, bar: &Bar) {
        out.put(format_args!("<div class=\"row\"><div class=\"name\">{}", Escaped(&bar.label)));
        if !bar.detail.is_empty() {
            out.put(format_args!("<small>{}</small>", Escaped(&bar.detail)));
        }
        for (label, value) in &bar.references {
            let text = self.reference_text(label, *value);
            out.put(format_args!("<small>{}</small>", Escaped(&text)));
        }
        out.put(format_args!("</div>"));
        match &bar.value {
            Ok(value) => self.track(out, range, bar, *value),
            Err(reason) => {
                out.put(format_args!("<div class=\"track none\">{}</div>", Escaped(reason)));
            }
        }
        let (text, note) = (self.value_text(bar), Escaped(&bar.note));
        let text = Escaped(&text);
        out.put(format_args!(
            "<div class=\"value\">{text}</div><div class=\"note\">{note}</div></div>"
        ));
    }

    fn track(&self, out: &mut Html, range: &Range, bar: &Bar, value: f64) {
        let title = self.tooltip(bar);
        let title = Escaped(&title);
        out.put(format_args!("<div class=\"track\"><svg role=\"img\"><title>{title}</title>"));
        svg::grid(out, range);
        let from = if self.axis.scale == Scale::Log { Some(0.0) } else { range.fraction(0.0) };
        if let (Some(from), Some(to)) = (from, range.fraction(value)) {
            let (x, width) = (Percent(from.min(to)), Percent((to - from).abs()));
            let class = bar.paint.class();
            out.put(format_args!("<rect class=\"bar {class}\" x=\"{x}\" y=\"50%\" width=\"{width}\" height=\"14\" rx=\"3\"/>"));
        }
        whisker(out, range, bar);
        self.reference_lines(out, range, bar);
        out.put(format_args!("</svg></div>"));
    }

    fn reference_lines(&self, out: &mut Html, range: &Range, bar: &Bar) {
        let through = self.references.iter().map(|(label, value)| ("ref", label, *value));
        let own = bar.references.iter().map(|(label, value)| ("ref own", label, *value));
        for (class, label, value) in through.chain(own) {
            let Some(at) = range.fraction(value).map(Percent) else { continue };
            let text = self.reference_text(label, value);
            let text = Escaped(&text);
            out.put(format_args!("<line class=\"{class}\" x1=\"{at}\" x2=\"{at}\" y2=\"100%\"><title>{text}</title></line>"));
        }
    }

    fn value_text(&self, bar: &Bar) -> String {
        match (&bar.text, &bar.value) {
            (Some(text), _) => text.clone(),
            (None, Ok(value)) if self.axis.scale.holds(*value) => self.axis.unit.format(*value),
            (None, Ok(_)) => "n/a".to_owned(),
            (None, Err(_)) => "–".to_owned(),
        }
    }

    fn tooltip(&self, bar: &Bar) -> String {
        let mut title = format!("{}: {}", bar.label, self.value_text(bar));
        if let Some((low, high)) = bar.whisker {
            let (low, high) = (self.axis.unit.format(low), self.axis.unit.format(high));
            title += &format!(", {low} to {high}");
        }
        if !bar.note.is_empty() {
            title += &format!(", {}", bar.note);
        }
        title
    }
}

fn whisker(out: &mut Html, range: &Range, bar: &Bar) {
    let Some((low, high)) = bar.whisker else { return };
    let (Some(low), Some(high)) = (range.fraction(low), range.fraction(high)) else { return };
    let (low, high) = (Percent(low), Percent(high));
    out.put(format_args!(
        "<g class=\"whisker\"><line x1=\"{low}\" x2=\"{high}\" y1=\"50%\" y2=\"50%\"/>"
    ));
    for end in [low, high] {
        out.put(format_args!("<line x1=\"{end}\" x2=\"{end}\" y1=\"36%\" y2=\"64%\"/>"));
    }
    out.put(format_args!("</g>"));
}

/// The last row: tick labels below the tracks.
pub(crate) fn axis_row(out: &mut Html, range: &Range, unit: Unit) {
    out.put(format_args!(
        "<div class=\"row ruler\"><div class=\"track\"><svg aria-hidden=\"true\">"
    ));
    svg::tick_labels(out, range, unit, 14.0);
    out.put(format_args!("</svg></div></div>"));
}
