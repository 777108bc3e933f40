//! One series of a line chart.

use crate::Paint;

/// One series of a [`LineChart`](crate::LineChart): points in the order given, joined by a line,
/// drawn as points, or both.
///
/// ```
/// use tenfold_report::Series;
///
/// let ideal = Series::new("ideal").points([(1.0, 1.0), (4.0, 4.0)]).dashed();
/// let rungs = Series::scatter("measured").labelled(0.25, 3.1e9, "heat");
/// # let _ = (ideal, rungs);
/// ```
#[must_use]
#[derive(Debug, Clone)]
pub struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<Point>,
    pub(crate) line: bool,
    pub(crate) marks: bool,
    pub(crate) dashed: bool,
    pub(crate) hollow: bool,
    pub(crate) paint: Option<Paint>,
}

#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) label: String,
    pub(crate) whisker: Option<(f64, f64)>,
}

impl Series {
    /// A line with a mark at every point.
    pub fn new(name: impl Into<String>) -> Series {
        Series {
            name: name.into(),
            points: Vec::new(),
            line: true,
            marks: true,
            dashed: false,
            hollow: false,
            paint: None,
        }
    }

    /// Points without a line.
    pub fn scatter(name: impl Into<String>) -> Series {
        Series { line: false, ..Series::new(name) }
    }

    /// A line without marks, such as a roof.
    pub fn line(name: impl Into<String>) -> Series {
        Series { marks: false, ..Series::new(name) }
    }

    /// A dashed line without marks: what was computed, not measured.
    pub fn dashed(mut self) -> Series {
        (self.dashed, self.marks) = (true, false);
        self
    }

    /// Marks that are outlines: what was measured, but does not count.
    ///
    /// ```
    /// use tenfold_report::{LineChart, Series};
    /// let crowded = Series::scatter("more ranks than cores").point(8.0, 2.1).hollow();
    /// let chart = LineChart::new("speed-up").series(crowded).to_html();
    /// assert!(chart.as_str().contains("class=\"dot s0 hollow\""));
    /// ```
    pub fn hollow(mut self) -> Series {
        self.hollow = true;
        self
    }

    /// The colour; otherwise the series takes its place in the palette.
    pub fn paint(mut self, paint: impl Into<Paint>) -> Series {
        self.paint = Some(paint.into());
        self
    }

    /// Adds a point.
    pub fn point(self, x: f64, y: f64) -> Series {
        self.labelled(x, y, "")
    }

    /// Adds points.
    pub fn points(self, points: impl IntoIterator<Item = (f64, f64)>) -> Series {
        points.into_iter().fold(self, |series, (x, y)| series.point(x, y))
    }

    /// Adds a point with a text beside it.
    pub fn labelled(mut self, x: f64, y: f64, label: impl Into<String>) -> Series {
        self.points.push(Point { x, y, label: label.into(), whisker: None });
        self
    }

    /// Adds a point with the interval of its `y`.
    pub fn whisker(mut self, x: f64, y: f64, low: f64, high: f64) -> Series {
        self.points.push(Point { x, y, label: String::new(), whisker: Some((low, high)) });
        self
    }
}

impl Point {
    pub(crate) fn heights(&self) -> impl Iterator<Item = f64> {
        let (low, high) = self.whisker.unzip();
        std::iter::once(self.y).chain(low).chain(high)
    }
}
