//! What ran when, lane by lane.

use std::collections::HashMap;

use crate::axis::{Range, Scale};
use crate::bar::axis_row;
use crate::escape::Escaped;
use crate::html::Html;
use crate::svg::{self, Percent, Px};
use crate::{Paint, Unit};

/// One lane of a [`Timeline`]: a rank, a thread, a device.
///
/// ```
/// use tenfold_report::Lane;
/// let lane = Lane::new("rank 0").span(0.0, 0.8, "compute", "step 1");
/// # let _ = lane;
/// ```
#[must_use]
#[derive(Debug, Clone, Default)]
pub struct Lane {
    label: String,
    spans: Vec<Span>,
}

#[derive(Debug, Clone)]
struct Span {
    start: f64,
    end: f64,
    key: String,
    label: String,
}

impl Lane {
    /// A lane without spans.
    pub fn new(label: impl Into<String>) -> Lane {
        Lane { label: label.into(), spans: Vec::new() }
    }

    /// Adds a span. `key` says what kind it is, and so its colour; `label` is what it is.
    ///
    /// A span whose ends are not finite, or that ends before it starts, is counted but not drawn.
    pub fn span(
        mut self,
        start: f64,
        end: f64,
        key: impl Into<String>,
        label: impl Into<String>,
    ) -> Lane {
        self.spans.push(Span { start, end, key: key.into(), label: label.into() });
        self
    }
}

impl Span {
    fn shows(&self) -> bool {
        Scale::Linear.holds(self.start) && Scale::Linear.holds(self.end) && self.start <= self.end
    }
}

/// Lanes of spans over one axis of time.
///
/// Spans that overlap within a lane are drawn below one another. Neighbours that are thinner
/// than a thousandth of the whole are drawn as one, in the colour of the kind that took longest, so
/// that the size of the page is bounded by what can be seen.
///
/// ```
/// use tenfold_report::{Lane, Timeline};
///
/// let timeline = Timeline::new("two ranks")
///     .lane(Lane::new("rank 0").span(0.0, 2e-3, "compute", "stencil"))
///     .lane(Lane::new("rank 1").span(0.0, 1e-3, "compute", "stencil").span(1e-3, 2e-3, "wait", "recv"));
/// assert!(timeline.to_html().as_str().contains("<title>recv (wait): 1 ms at 1 ms</title>"));
/// ```
#[must_use]
#[derive(Debug, Clone)]
pub struct Timeline {
    title: String,
    note: String,
    unit: Unit,
    lanes: Vec<Lane>,
    paints: Vec<(String, Paint)>,
}

/// Spans thinner than this share of the whole are candidates for merging.
const THIN: f64 = 0.001;
/// Rows of overlapping spans drawn in one lane.
const DEEPEST: usize = 12;
const ROW: f64 = 20.0;

impl Timeline {
    /// A time line in seconds, without lanes.
    pub fn new(title: impl Into<String>) -> Timeline {
        Timeline {
            title: title.into(),
            note: String::new(),
            unit: Unit::Seconds,
            lanes: Vec::new(),
            paints: Vec::new(),
        }
    }

    /// A line below the title.
    pub fn note(mut self, note: impl Into<String>) -> Timeline {
        self.note = note.into();
        self
    }

    /// What the axis counts, in place of seconds.
    pub fn unit(mut self, unit: Unit) -> Timeline {
        self.unit = unit;
        self
    }

    /// The colour of a kind; otherwise kinds take the palette in order of appearance.
    pub fn paint(mut self, key: impl Into<String>, paint: impl Into<Paint>) -> Timeline {
        self.paints.push((key.into(), paint.into()));
        self
    }

    /// Adds a lane.
    pub fn lane(mut self, lane: Lane) -> Timeline {
        self.lanes.push(lane);
        self
    }

    /// The time line as a `<figure>`.
    pub fn to_html(&self) -> Html {
        let mut out = Html::new();
        svg::open_figure(&mut out, "chart", &self.title, &self.note);
        let keys = self.keys();
        svg::legend(&mut out, keys.iter().map(|(key, paint)| (paint.class().into(), *key)));
        let spans = || self.lanes.iter().flat_map(|lane| &lane.spans);
        match spans().any(Span::shows) {
            true => self.rows(&mut out, &keys),
            false => out.push(Html::trusted("<p class=\"empty\">nothing recorded</p>")),
        }
        let missing = spans().filter(|span| !span.shows()).count();
        if missing > 0 {
            out.put(format_args!(
                "<p class=\"empty\">n/a: {missing} without a start and an end</p>"
            ));
        }
        out.with(Html::trusted("</figure>"))
    }

    /// The kinds in order of appearance, each with its colour.
    fn keys(&self) -> Vec<(&str, Paint)> {
        let chosen: HashMap<&str, Paint> = self.paints.iter().map(|(k, p)| (&k[..], *p)).collect();
        let mut places = HashMap::new();
        let mut keys = Vec::new();
        for span in self.lanes.iter().flat_map(|lane| &lane.spans) {
            let next = places.len();
            let key = span.key.as_str();
            places.entry(key).or_insert_with(|| {
                keys.push((key, chosen.get(key).copied().unwrap_or(Paint::Series(next))));
            });
        }
        keys
    }

    fn rows(&self, out: &mut Html, keys: &[(&str, Paint)]) {
        let paints: HashMap<&str, Paint> = keys.iter().copied().collect();
        let range = self.range();
        out.put(format_args!("<div class=\"bars lanes\">"));
        for lane in &self.lanes {
            self.row(out, &range, &paints, lane);
        }
        axis_row(out, &range, self.unit);
        out.put(format_args!("</div>"));
    }

    fn range(&self) -> Range {
        let spans = self.lanes.iter().flat_map(|lane| &lane.spans).filter(|span| span.shows());
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) =
            spans.fold(ends, |(low, high), span| (low.min(span.start), high.max(span.end)));
        Range::exact(low, high)
    }

    fn row(&self, out: &mut Html, range: &Range, paints: &HashMap<&str, Paint>, lane: &Lane) {
        let (blocks, depth) = blocks(range, lane);
        let height = Px(depth as f64 * ROW + 6.0);
        let name = Escaped(&lane.label);
        out.put(format_args!("<div class=\"row\"><div class=\"name\">{name}</div>"));
        out.put(format_args!(
            "<div class=\"track\" style=\"height:{height}px\"><svg role=\"img\">"
        ));
        out.put(format_args!("<title>{name}: {} spans</title>", lane.spans.len()));
        svg::grid(out, range);
        for block in &blocks {
            self.block(out, paints, block);
        }
        out.put(format_args!("</svg></div></div>\n"));
    }

    fn block(&self, out: &mut Html, paints: &HashMap<&str, Paint>, block: &Block<'_>) {
        let class = paints.get(block.key()).copied().unwrap_or_default().class();
        let (x, y) = (Percent(block.left), Px(block.row as f64 * ROW + 3.0));
        // Nothing that took time disappears.
        let width = Percent((block.right - block.left).max(0.0005));
        let title = self.tooltip(block);
        let title = Escaped(&title);
        out.put(format_args!(
            "<rect class=\"span {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"18\">\
             <title>{title}</title></rect>"
        ));
    }

    fn tooltip(&self, block: &Block<'_>) -> String {
        let busy: f64 = block.shares.iter().map(|share| share.busy).sum();
        let (busy, start) = (self.unit.format(busy), self.unit.format(block.start));
        match (&block.shares[..], block.label) {
            ([Share { key, count: 1, .. }], "") => format!("{key}: {busy} at {start}"),
            ([Share { key, count: 1, .. }], label) => format!("{label} ({key}): {busy} at {start}"),
            (shares, _) => {
                let parts: Vec<String> =
                    shares.iter().map(|share| format!("{} × {}", share.count, share.key)).collect();
                format!("{}: {busy} from {start}", parts.join(", "))
            }
        }
    }
}

/// One rectangle: a span, or several thin neighbours.
struct Block<'a> {
    left: f64,
    right: f64,
    row: usize,
    start: f64,
    label: &'a str,
    shares: Vec<Share<'a>>,
}

/// What one kind of span has in a rectangle.
struct Share<'a> {
    key: &'a str,
    count: usize,
    busy: f64,
}

impl<'a> Block<'a> {
    fn new(span: &'a Span, left: f64, right: f64, row: usize) -> Block<'a> {
        let share = Share { key: &span.key, count: 1, busy: span.end - span.start };
        Block { left, right, row, start: span.start, label: &span.label, shares: vec![share] }
    }

    fn is_thin(&self) -> bool {
        self.right - self.left < THIN
    }

    fn takes(&self, next: &Block<'_>) -> bool {
        self.is_thin() && next.is_thin() && next.left - self.right < THIN
    }

    fn merge(&mut self, next: Block<'a>) {
        self.right = self.right.max(next.right);
        for share in next.shares {
            match self.shares.iter_mut().find(|own| own.key == share.key) {
                Some(own) => {
                    own.count += share.count;
                    own.busy += share.busy;
                }
                None => self.shares.push(share),
            }
        }
    }

    /// The kind that took longest.
    fn key(&self) -> &'a str {
        let longest = self.shares.iter().max_by(|a, b| a.busy.total_cmp(&b.busy));
        longest.map_or("", |share| share.key)
    }
}

/// The rectangles of a lane, and over how many rows they go.
fn blocks<'a>(range: &Range, lane: &'a Lane) -> (Vec<Block<'a>>, usize) {
    let mut spans: Vec<&Span> = lane.spans.iter().filter(|span| span.shows()).collect();
    // Of two that start together the longer is the outer one.
    spans.sort_by(|a, b| a.start.total_cmp(&b.start).then(b.end.total_cmp(&a.end)));
    let mut ends: Vec<f64> = Vec::new();
    let mut last: Vec<Block<'a>> = Vec::new();
    let mut done = Vec::new();
    for span in spans {
        let (Some(left), Some(right)) = (range.fraction(span.start), range.fraction(span.end))
        else {
            continue;
        };
        let row = free_row(&mut ends, span);
        let block = Block::new(span, left, right, row);
        match last.get_mut(row) {
            Some(open) if open.takes(&block) => open.merge(block),
            Some(open) => done.push(std::mem::replace(open, block)),
            None => last.push(block),
        }
    }
    done.extend(last);
    (done, ends.len().max(1))
}

/// The first row that is free again when the span starts.
fn free_row(ends: &mut Vec<f64>, span: &Span) -> usize {
    let free = ends.iter().position(|end| *end <= span.start);
    let row = free.unwrap_or(ends.len().min(DEEPEST - 1));
    match ends.get_mut(row) {
        Some(end) => *end = end.max(span.end),
        None => ends.push(span.end),
    }
    row
}
