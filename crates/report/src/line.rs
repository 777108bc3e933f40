//! Lines and points over two axes.

mod picture;

use crate::axis::{Axis, Range, Scale};
use crate::escape::Escaped;
use crate::html::Html;
use crate::label::{Labels, Spot};
use crate::series::{Point, Series};
use crate::svg::{self, Percent, Px};
use crate::{Paint, Unit};

/// Lines and points over two axes: scaling, rooflines, history.
///
/// A point that an axis cannot show breaks the line and is counted below the chart.
///
/// ```
/// use tenfold_report::{Axis, LineChart, Series, Unit};
///
/// let chart = LineChart::new("speed-up over cores")
///     .x(Axis::linear("threads", Unit::Plain))
///     .y(Axis::linear("speed-up", Unit::Ratio).from_zero())
///     .series(Series::new("kernel").points([(1.0, 1.0), (2.0, 1.8)]))
///     .series(Series::line("ideal").points([(1.0, 1.0), (2.0, 2.0)]).dashed());
/// assert!(chart.to_html().as_str().contains("<title>kernel: 2, 1.8×</title>"));
/// ```
#[must_use]
#[derive(Debug, Clone, Default)]
pub struct LineChart {
    title: String,
    note: String,
    x: Axis,
    y: Axis,
    categories: Vec<String>,
    series: Vec<Series>,
    markers: Vec<(f64, String)>,
}

/// Space above the plot (for markers), the plot, and the space below it (for the axis).
const TOP: f64 = 20.0;
const HEIGHT: f64 = 260.0;
const BOTTOM: f64 = 44.0;
/// Side of the square that lines are stretched from.
const SQUARE: f64 = 1000.0;

impl LineChart {
    /// A chart with its title, two linear axes and nothing on it.
    pub fn new(title: impl Into<String>) -> LineChart {
        LineChart { title: title.into(), ..LineChart::default() }
    }

    /// A line below the title.
    pub fn note(mut self, note: impl Into<String>) -> LineChart {
        self.note = note.into();
        self
    }

    /// The axis across.
    pub fn x(mut self, axis: Axis) -> LineChart {
        self.x = axis;
        self
    }

    /// The axis upwards.
    pub fn y(mut self, axis: Axis) -> LineChart {
        self.y = axis;
        self
    }

    /// Names for `x` = 0, 1, 2, ..., such as commits or dates; where there are many, only some
    /// are written. The axis across becomes linear.
    pub fn categories<C: Into<String>>(mut self, names: impl IntoIterator<Item = C>) -> LineChart {
        self.categories = names.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a series.
    pub fn series(mut self, series: Series) -> LineChart {
        self.series.push(series);
        self
    }

    /// Adds a vertical line with a text, such as a change point.
    pub fn marker(mut self, x: f64, label: impl Into<String>) -> LineChart {
        self.markers.push((x, label.into()));
        self
    }

    /// The chart as a `<figure>`.
    pub fn to_html(&self) -> Html {
        let mut out = Html::new();
        svg::open_figure(&mut out, "chart", &self.title, &self.note);
        self.legend(&mut out);
        if self.series.iter().all(|series| series.points.is_empty()) {
            out.push(Html::trusted("<p class=\"empty\">nothing measured</p>"));
        } else {
            self.plot(&mut out);
        }
        out.with(Html::trusted("</figure>"))
    }

    fn legend(&self, out: &mut Html) {
        let swatch = |(at, series): (usize, &Series)| match (series.line, series.dashed) {
            (true, true) => format!("line dashed {}", paint(series, at)),
            (true, false) => format!("line {}", paint(series, at)),
            _ if series.hollow => format!("hollow {}", paint(series, at)),
            _ => paint(series, at).to_owned(),
        };
        let entries = self.series.iter().enumerate();
        let entries = entries.map(|(at, series)| (swatch((at, series)), &series.name[..]));
        // One series needs no key: the title names it.
        svg::legend(out, entries.filter(|_| self.series.len() > 1));
    }

    fn plot(&self, out: &mut Html) {
        let plane = Plane::new(self);
        let column = plane.column(self.y.unit);
        let roomy = if self.has_labels() { " roomy" } else { "" };
        out.put(format_args!(
            "<div class=\"scroll\" tabindex=\"0\"><div class=\"plot{roomy}\" style=\"--y:{column}px\">"
        ));
        if !self.y.label.is_empty() {
            out.put(format_args!("<div class=\"up\">{}</div>", Escaped(&self.y.label)));
        }
        self.upward_labels(out, &plane);
        self.area(out, &plane);
        out.put(format_args!("</div></div>"));
        if let Some(line) = self.left_out(&plane) {
            out.put(format_args!("<p class=\"empty\">{}</p>", Escaped(&line)));
        }
    }

    /// Labels need room: on a narrow screen such a plot scrolls rather than shrinks.
    fn has_labels(&self) -> bool {
        let mut points = self.series.iter().flat_map(|series| &series.points);
        points.any(|point| !point.label.is_empty())
    }

    fn upward_labels(&self, out: &mut Html, plane: &Plane) {
        let height = Px(TOP + HEIGHT + BOTTOM);
        out.put(format_args!("<svg class=\"ys\" height=\"{height}\" aria-hidden=\"true\">"));
        for (tick, up) in plane.y.ticks() {
            let (y, text) = (Px(height_at(up) + 4.0), self.y.unit.format(tick));
            let text = Escaped(&text);
            out.put(format_args!("<text class=\"tick end\" x=\"100%\" y=\"{y}\">{text}</text>"));
        }
        out.put(format_args!("</svg>"));
    }

    fn area(&self, out: &mut Html, plane: &Plane) {
        let (height, title) = (Px(TOP + HEIGHT + BOTTOM), self.summary());
        let title = Escaped(&title);
        out.put(format_args!(
            "<svg class=\"area\" role=\"img\" height=\"{height}\"><title>{title}</title>"
        ));
        plane.grid(out);
        self.across_labels(out, plane);
        self.marker_lines(out, plane);
        self.lines(out, plane);
        for (at, series) in self.series.iter().enumerate() {
            self.marks(out, plane, at, series);
        }
        self.point_labels(out, plane);
        out.put(format_args!("</svg>"));
    }

    fn summary(&self) -> String {
        let points: usize = self.series.iter().map(|series| series.points.len()).sum();
        let title = if self.title.is_empty() { "chart" } else { &self.title };
        format!("{title}: {} series, {points} points", self.series.len())
    }

    fn across_labels(&self, out: &mut Html, plane: &Plane) {
        let y = TOP + HEIGHT + 18.0;
        if self.categories.is_empty() {
            svg::tick_labels(out, &plane.x, self.x.unit, y);
        } else {
            self.category_labels(out, plane, y);
        }
        if !self.x.label.is_empty() {
            svg::text(out, 0.5, y + 20.0, "tick", &self.x.label);
        }
    }

    fn category_labels(&self, out: &mut Html, plane: &Plane, y: f64) {
        let names = || self.categories.iter().map(|name| shortened(name));
        let longest = names().map(|name| name.chars().count()).max().unwrap_or(0);
        // About as many characters as fit below a plot on a telephone.
        let fitting = (34 / (longest + 1)).clamp(2, 6);
        let every = self.categories.len().div_ceil(fitting).max(1);
        for (index, name) in names().enumerate().step_by(every) {
            if let Some(at) = plane.x.fraction(index as f64) {
                svg::text(out, at, y, "tick", &name);
            }
        }
    }

    fn marker_lines(&self, out: &mut Html, plane: &Plane) {
        for (x, label) in &self.markers {
            let Some(across) = plane.x.fraction(*x) else { continue };
            let (at, top, bottom) = (Percent(across), Px(TOP), Px(TOP + HEIGHT));
            out.put(format_args!(
                "<line class=\"ref\" x1=\"{at}\" x2=\"{at}\" y1=\"{top}\" y2=\"{bottom}\"/>"
            ));
            svg::text(out, across, 12.0, "mark", label);
        }
    }

    /// All lines, in a square that the browser stretches over the plot.
    fn lines(&self, out: &mut Html, plane: &Plane) {
        out.put(format_args!(
            "<svg y=\"{}\" width=\"100%\" height=\"{}\" viewBox=\"0 0 {SQUARE} {SQUARE}\" \
             preserveAspectRatio=\"none\">",
            Px(TOP),
            Px(HEIGHT)
        ));
        for (at, series) in self.series.iter().enumerate().filter(|(_, series)| series.line) {
            let dash = if series.dashed { " dashed" } else { "" };
            for run in runs(plane, series) {
                let class = paint(series, at);
                out.put(format_args!("<polyline class=\"{class}{dash}\" points=\"{run}\"/>"));
            }
        }
        out.put(format_args!("</svg>"));
    }

    fn marks(&self, out: &mut Html, plane: &Plane, at: usize, series: &Series) {
        let class = paint(series, at);
        for point in &series.points {
            let Some((across, up)) = plane.place(point) else { continue };
            let (x, y) = (Percent(across), Px(height_at(up)));
            plane.whisker(out, x, point);
            if series.marks {
                let title = self.tooltip(series, point);
                let hollow = if series.hollow { " hollow" } else { "" };
                let shape = Shape { place: at, class, hollow, x, y };
                shape.put(out, &title);
            }
        }
    }

    fn tooltip(&self, series: &Series, point: &Point) -> String {
        let x = match self.category(point.x) {
            Some(name) => name.clone(),
            None => self.x.unit.format(point.x),
        };
        let name = if point.label.is_empty() { &series.name } else { &point.label };
        let mut title = format!("{name}: {x}, {}", self.y.unit.format(point.y));
        if let Some((low, high)) = point.whisker {
            title += &format!(" ({} to {})", self.y.unit.format(low), self.y.unit.format(high));
        }
        title
    }

    fn category(&self, x: f64) -> Option<&String> {
        self.categories.iter().enumerate().find(|(index, _)| *index as f64 == x).map(|(_, n)| n)
    }

    fn point_labels(&self, out: &mut Html, plane: &Plane) {
        let placed = |point: &Point| {
            plane.place(point).map(|(across, up)| Spot { across, y: height_at(up) })
        };
        let points: Vec<&Point> = self.series.iter().flat_map(|series| &series.points).collect();
        let mut labels = Labels::new(points.iter().filter_map(|point| placed(point)).take(400));
        for point in points.iter().filter(|point| !point.label.is_empty()) {
            if let Some(spot) = placed(point) {
                labels.put(out, spot, &point.label);
            }
        }
    }

    /// What stands below the chart, if it does not show all.
    fn left_out(&self, plane: &Plane) -> Option<String> {
        let points = self.series.iter().flat_map(|series| &series.points);
        let missing = points.filter(|point| plane.place(point).is_none()).count();
        (missing > 0).then(|| {
            format!("n/a: {missing} not shown (not finite, or not positive on a logarithmic axis)")
        })
    }
}

fn paint(series: &Series, at: usize) -> &'static str {
    series.paint.unwrap_or(Paint::Series(at)).class()
}

fn height_at(up: f64) -> f64 {
    TOP + (1.0 - up) * HEIGHT
}

fn shortened(name: &str) -> String {
    let mut short: String = name.chars().take(12).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

/// The points of each unbroken run of a line, as SVG writes them.
fn runs(plane: &Plane, series: &Series) -> Vec<String> {
    let place = |point: &Point| {
        let (across, up) = plane.place(point)?;
        Some(format!("{},{}", Px(across * SQUARE), Px((1.0 - up) * SQUARE)))
    };
    let places: Vec<Option<String>> = series.points.iter().map(place).collect();
    let runs = places.split(Option::is_none).map(|run| run.iter().flatten());
    runs.map(|run| run.map(String::as_str).collect::<Vec<_>>().join(" "))
        .filter(|run| run.contains(' '))
        .collect()
}

/// The two fitted axes.
struct Plane {
    x: Range,
    y: Range,
}

impl Plane {
    fn new(chart: &LineChart) -> Plane {
        let points = || chart.series.iter().flat_map(|series| &series.points);
        let markers = chart.markers.iter().map(|(x, _)| *x);
        let x = match chart.categories.len() {
            0 => chart.x.fit(points().map(|point| point.x).chain(markers)),
            count => {
                let last = points().map(|p| p.x).filter(|x| Scale::Linear.holds(*x));
                let ends = [-0.5, count as f64 - 0.5];
                let (low, high) =
                    last.fold((ends[0], ends[1]), |(low, high), x| (low.min(x), high.max(x)));
                Range::exact(low, high)
            }
        };
        Plane { x, y: chart.y.fit(points().flat_map(Point::heights)) }
    }

    fn place(&self, point: &Point) -> Option<(f64, f64)> {
        Some((self.x.fraction(point.x)?, self.y.fraction(point.y)?))
    }

    /// Width of the column of labels beside the plot: the longest one, at the size they have.
    fn column(&self, unit: Unit) -> Px {
        let lengths = self.y.ticks().map(|(tick, _)| unit.format(tick).chars().count());
        Px(lengths.max().unwrap_or(0) as f64 * 7.2 + 12.0)
    }

    fn grid(&self, out: &mut Html) {
        out.put(format_args!("<g class=\"grid\">"));
        for (_, up) in self.y.ticks() {
            let y = Px(height_at(up));
            out.put(format_args!("<line x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>"));
        }
        out.put(format_args!("</g>"));
    }

    fn whisker(&self, out: &mut Html, x: Percent, point: &Point) {
        let Some((low, high)) = point.whisker else { return };
        let (Some(low), Some(high)) = (self.y.fraction(low), self.y.fraction(high)) else { return };
        let (low, high) = (Px(height_at(low)), Px(height_at(high)));
        out.put(format_args!(
            "<line class=\"whisker\" x1=\"{x}\" x2=\"{x}\" y1=\"{low}\" y2=\"{high}\"/>"
        ));
    }
}

/// A mark: circle, square, diamond in turn, so that colour is not the only difference.
struct Shape {
    place: usize,
    class: &'static str,
    hollow: &'static str,
    x: Percent,
    y: Px,
}

impl Shape {
    fn put(&self, out: &mut Html, title: &str) {
        let (class, hollow, title) = (self.class, self.hollow, Escaped(title));
        let (x, y) = (self.x, self.y);
        if self.place.is_multiple_of(3) {
            out.put(format_args!(
                "<circle class=\"dot {class}{hollow}\" cx=\"{x}\" cy=\"{y}\" r=\"4.5\">\
                 <title>{title}</title></circle>"
            ));
        } else {
            let turned = if self.place % 3 == 2 { " turned" } else { "" };
            out.put(format_args!(
                "<rect class=\"dot square {class}{turned}{hollow}\" x=\"{x}\" y=\"{y}\" width=\"8\" \
                 height=\"8\"><title>{title}</title></rect>"
            ));
        }
    }
}
