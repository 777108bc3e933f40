//! A chart as a file of its own.

use super::{BOTTOM, HEIGHT, LineChart, Plane, Shape, TOP, paint};
use crate::escape::Escaped;
use crate::html::Html;
use crate::page;
use crate::series::Series;
use crate::svg::{Percent, Px};

/// Of the picture, and the space at its edges.
const WIDTH: f64 = 640.0;
const MARGIN: f64 = 20.0;
/// A line of text.
const LINE: f64 = 20.0;
/// A swatch of the legend with the space behind it, and about what a letter takes.
const SWATCH: f64 = 30.0;
const LETTER: f64 = 6.6;

impl LineChart {
    /// The chart as a picture: a file of SVG for documents that are no [`Page`](crate::Page), 640 pixels wide, with
    /// the colours of a page, light or dark as the reader's system is.
    ///
    /// ```
    /// use tenfold_report::{LineChart, Series};
    ///
    /// let chart = LineChart::new("a < b").series(Series::new("a").points([(1.0, 1.0), (2.0, 1.8)]));
    /// let picture = chart.to_svg();
    /// assert!(picture.starts_with("<svg xmlns=") && picture.contains("a &lt; b"));
    /// ```
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut body = Html::new();
        let mut down = MARGIN + LINE / 2.0;
        for (class, line) in [("title", &self.title), ("tick start", &self.note)] {
            if !line.is_empty() {
                text(&mut body, class, down, line);
                down += LINE;
            }
        }
        down = self.key(&mut body, down);
        if !self.y.label.is_empty() {
            text(&mut body, "tick start", down, &self.y.label);
        }
        let plane = Plane::new(self);
        let column = plane.column(self.y.unit).0 + MARGIN;
        open(&mut body, 0.0, down, column - SPACE);
        self.upward_labels(&mut body, &plane);
        body.push(Html::trusted("</svg>"));
        open(&mut body, column, down, WIDTH - column - MARGIN);
        self.area(&mut body, &plane);
        body.push(Html::trusted("</svg>"));
        down += TOP + HEIGHT + BOTTOM;
        if let Some(line) = self.left_out(&plane) {
            text(&mut body, "tick start", down + LINE / 2.0, &line);
            down += LINE;
        }
        document(&self.summary(), down + MARGIN / 2.0, &body)
    }

    /// What each series looks like, in as many lines as it takes; gives where the next line is.
    fn key(&self, out: &mut Html, mut down: f64) -> f64 {
        // One series needs no key: the title names it.
        if self.series.len() < 2 {
            return down;
        }
        let mut across = MARGIN;
        for (at, series) in self.series.iter().enumerate() {
            let width = SWATCH + series.name.chars().count() as f64 * LETTER + MARGIN;
            if across > MARGIN && across + width > WIDTH {
                (across, down) = (MARGIN, down + LINE);
            }
            open(out, across, down, width);
            swatch(out, at, series);
            let name = Escaped(&series.name);
            out.put(format_args!("<text x=\"{SWATCH}\" y=\"0\">{name}</text></svg>"));
            across += width;
        }
        down + LINE
    }
}

/// The space between the labels and the plot.
const SPACE: f64 = 8.0;

/// A line as it is drawn, or a mark.
fn swatch(out: &mut Html, at: usize, series: &Series) {
    let class = paint(series, at);
    if series.line {
        let dash = if series.dashed { " dashed" } else { "" };
        out.put(format_args!("<polyline class=\"{class}{dash}\" points=\"0,-4 22,-4\"/>"));
    }
    if series.marks {
        let hollow = if series.hollow { " hollow" } else { "" };
        // Of no width nothing would be drawn; what overflows is shown.
        open(out, 11.0, -4.0, 1.0);
        Shape { place: at, class, hollow, x: Percent(0.0), y: Px(0.0) }.put(out, &series.name);
        out.push(Html::trusted("</svg>"));
    }
}

fn text(out: &mut Html, class: &str, down: f64, line: &str) {
    let (x, y, line) = (Px(MARGIN), Px(down), Escaped(line));
    out.put(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{line}</text>"));
}

/// A part of the picture. Its width stands in its style, too: that of a page makes drawings as wide as there is room,
/// and not all browsers ask it for parts.
fn open(out: &mut Html, across: f64, down: f64, width: f64) {
    let (x, y, width) = (Px(across), Px(down), Px(width));
    out.put(format_args!("<svg x=\"{x}\" y=\"{y}\" width=\"{width}\" style=\"width:{width}px\">"));
}

fn document(title: &str, height: f64, body: &Html) -> String {
    let (width, height, title) = (Px(WIDTH), Px(height), Escaped(title));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" style=\"width:{width}px;background:var(--top);font-family:system-ui,sans-serif\" \
         role=\"img\" aria-label=\"{title}\"><style>{}text.title{{font-weight:650;font-size:14px}}</style>{body}</svg>\n",
        page::STYLE
    )
}
