//! Who did what when, and who told whom.

use std::fmt;

use crate::axis::Range;
use crate::escape::Escaped;
use crate::html::Html;
use crate::svg;
use crate::{Paint, Unit};

/// The class of the figure.
const FIGURE: &str = "chart spacetime";

/// The style of space-time diagrams, which only pages that have one carry.
pub(crate) fn style(body: &Html) -> &'static str {
    // Text enters only escaped: a quote in front of a class is our own.
    let used = body.as_str().contains(&format!("<figure class=\"{FIGURE}\""));
    if used { include_str!("spacetime.css") } else { "" }
}

/// A stretch of time in a lane of a [`SpaceTime`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// When it begins.
    pub start: f64,
    /// When it ends.
    pub end: f64,
    /// Which kind it is, by the number that [`SpaceTime::kind`] has given. Others are not drawn.
    pub kind: usize,
    /// What it is, by the number that [`SpaceTime::label`] has given. For any other it is what its kind says.
    pub label: usize,
}

/// An arrow from a lane to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrow {
    /// The lane and the time where it begins.
    pub from: (usize, f64),
    /// The lane and the time where it ends.
    pub to: (usize, f64),
    /// How much it matters. Those that matter most are drawn.
    pub weight: f64,
}

/// A space-time diagram: a lane for each rank, what it did as bars, messages as arrows between the
/// lanes, and one path through them. It zooms without a script.
///
/// Neighbours thinner than a pixel of the largest zoom are drawn as one, in the colour of the kind that
/// took longest, the fainter the more of its time is between them. Of the arrows, and the pieces of a
/// long path, those that weigh most at their time are drawn, more with each zoom. So the page is bounded
/// by what can be seen, and the line below the title says what was left out. What is not finite, ends
/// before it begins, or names a lane that there is not, is left out too. Many lanes have the axis above
/// them as well.
///
/// ```
/// use tenfold_report::{Arrow, Paint, SpaceTime, Stretch, Unit};
///
/// let mut diagram = SpaceTime::new("two ranks", Unit::Seconds);
/// let (send, recv) = (diagram.kind("send", Paint::Series(0)), diagram.kind("recv", Paint::Series(1)));
/// let line = diagram.label("recv at ring.rs:31");
/// diagram.lane("rank 0", [Stretch { start: 0.0, end: 1e-3, kind: send, label: line }]);
/// diagram.lane("rank 1", [Stretch { start: 0.0, end: 2e-3, kind: recv, label: line }]);
/// diagram.arrow(Arrow { from: (0, 0.0), to: (1, 2e-3), weight: 1.0 });
/// let html = diagram.to_html();
/// assert!(html.as_str().contains("<title>recv at ring.rs:31: 2 ms</title>"));
/// ```
#[derive(Debug, Clone)]
pub struct SpaceTime {
    title: String,
    note: String,
    unit: Unit,
    kinds: Vec<(String, Paint)>,
    labels: Vec<String>,
    lanes: Vec<(String, Vec<Stretch>)>,
    arrows: Vec<Arrow>,
    path: Vec<(usize, f64, f64)>,
}

/// The height of a lane, and of the bars in it, in pixels.
const LANE: usize = 28;
const TALL: usize = 18;
/// The pixels of the largest zoom on a wide screen, and the rectangles that a browser scrolls through with ease.
const FINEST: f64 = 16_000.0;
const MOST_BARS: f64 = 32_000.0;
/// For each zoom, what shows only from there on, what shows only there, and into how many parts the time is cut: an
/// arrow and a piece of the path for each can still be told apart.
const ZOOMS: [(&str, &str, usize); 3] =
    [("", " only1", 100), (" z4", " only4", 400), (" z16", " only16", 1600)];
/// A path of so many pieces is drawn piece by piece, and of more where it is most of the time.
const MOST_PIECES: usize = 400;
/// More lanes have the axis above them too: a screen shows about twice as many.
const MOST_ABOVE_AXIS: usize = 16;

impl SpaceTime {
    /// A diagram without lanes, over an axis in this unit.
    #[must_use]
    pub fn new(title: impl Into<String>, unit: Unit) -> Self {
        Self {
            title: title.into(),
            note: String::new(),
            unit,
            kinds: vec![],
            labels: vec![],
            lanes: vec![],
            arrows: vec![],
            path: vec![],
        }
    }

    /// A line below the title.
    pub fn note(&mut self, note: impl Into<String>) {
        self.note = note.into();
    }

    /// A kind of stretch, with its colour; gives its number.
    pub fn kind(&mut self, name: impl Into<String>, paint: impl Into<Paint>) -> usize {
        self.kinds.push((name.into(), paint.into()));
        self.kinds.len() - 1
    }

    /// What a stretch may be; gives its number.
    pub fn label(&mut self, text: impl Into<String>) -> usize {
        self.labels.push(text.into());
        self.labels.len() - 1
    }

    /// Adds a lane with its stretches, in the order of time.
    pub fn lane(&mut self, name: impl Into<String>, spans: impl IntoIterator<Item = Stretch>) {
        self.lanes.push((name.into(), spans.into_iter().collect()));
    }

    /// Adds an arrow.
    pub fn arrow(&mut self, arrow: Arrow) {
        self.arrows.push(arrow);
    }

    /// Adds the next piece of the path: along this lane, from a time to a time.
    pub fn path(&mut self, lane: usize, start: f64, end: f64) {
        self.path.push((lane, start, end));
    }

    /// The diagram as a `<figure>`.
    pub fn to_html(&self) -> Html {
        let range = self.range();
        let (bars, merged) = self.bars(&range);
        let (arrows, hidden) = self.strongest(&range);
        let mut out = Html::new();
        let note = self.told(merged, hidden);
        svg::open_figure(&mut out, FIGURE, &self.title, &note);
        self.legend(&mut out);
        if self.lanes.iter().all(|(_, spans)| !spans.iter().any(shows)) {
            out.push(Html::trusted("<p class=\"empty\">nothing recorded</p></figure>"));
            return out;
        }
        self.open_frame(&mut out);
        if self.is_tall() {
            self.ticks(&mut out, &range);
        }
        self.drawing(&mut out, &range, &bars, &arrows);
        self.ticks(&mut out, &range);
        out.with(Html::trusted("</div></div></div></form></figure>"))
    }

    fn told(&self, merged: usize, hidden: usize) -> String {
        let mut parts: Vec<String> = vec![];
        parts.extend((!self.note.is_empty()).then(|| self.note.clone()));
        if merged > 0 {
            parts.push(format!("{merged} calls are drawn together with their neighbours"));
        }
        if hidden > 0 {
            parts.push(format!("{hidden} arrows with the shortest waits are left out"));
        }
        if self.is_path_long() {
            parts.push("of the critical path the longest piece at each time is drawn".to_owned());
        }
        parts.join("; ")
    }

    /// Whether the axis below is far from the first lane.
    fn is_tall(&self) -> bool {
        self.lanes.len() > MOST_ABOVE_AXIS
    }

    /// Whether the path has more pieces than can be told apart.
    fn is_path_long(&self) -> bool {
        self.path.len() > MOST_PIECES
    }

    fn legend(&self, out: &mut Html) {
        let kinds =
            self.kinds.iter().map(|(name, paint)| (paint.class().to_owned(), name.as_str()));
        let path = (!self.path.is_empty()).then(|| ("bad".to_owned(), "critical path"));
        svg::legend(out, kinds.chain(path));
    }

    fn range(&self) -> Range {
        let spans = self.lanes.iter().flat_map(|(_, spans)| spans).filter(|span| shows(span));
        let spans = spans.map(|span| (span.start, span.end));
        let path = self.path.iter().map(|(_, start, end)| (*start, *end));
        let path = path.filter(|(start, end)| start.is_finite() && end.is_finite());
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = (spans.chain(path))
            .fold(ends, |(low, high), (start, end)| (low.min(start), high.max(end)));
        if low <= high { Range::exact(low, high) } else { Range::exact(0.0, 1.0) }
    }

    /// The share of the whole below which neighbours are merged.
    fn thin(&self) -> f64 {
        (1.0 / FINEST).max(self.lanes.len() as f64 / MOST_BARS)
    }

    /// The bars of each lane, and how many stretches have none of their own.
    fn bars(&self, range: &Range) -> (Vec<Vec<Bar>>, usize) {
        let thin = self.thin();
        let lanes: Vec<Vec<Bar>> = (self.lanes.iter())
            .map(|(_, spans)| bars(range, thin, self.kinds.len(), spans))
            .collect();
        let merged = lanes.iter().flatten().map(|bar| bar.count - 1).sum();
        (lanes, merged)
    }

    /// The arrows to draw, each from which zoom on, and how many others there are. The heaviest in each part of the
    /// time comes first.
    fn strongest(&self, range: &Range) -> (Vec<(Arrow, usize)>, usize) {
        let lanes = self.lanes.len();
        let holds = |arrow: &&Arrow| {
            let ends = [arrow.from, arrow.to];
            ends.iter().all(|(lane, time)| *lane < lanes && time.is_finite())
        };
        let mut arrows: Vec<&Arrow> = self.arrows.iter().filter(holds).collect();
        arrows.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let mut taken = ZOOMS.map(|(_, _, parts)| vec![false; parts + 1]);
        let mut chosen = vec![];
        for arrow in &arrows {
            let place = range.fraction(arrow.to.1).unwrap_or(0.0);
            let is_free = |zoom: &usize| !taken[*zoom][part(place, ZOOMS[*zoom].2)];
            if let Some(zoom) = (0..ZOOMS.len()).find(is_free) {
                taken[zoom][part(place, ZOOMS[zoom].2)] = true;
                chosen.push((**arrow, zoom));
            }
        }
        let hidden = arrows.len() - chosen.len();
        (chosen, hidden)
    }

    fn open_frame(&self, out: &mut Html) {
        // A form of its own keeps the buttons of several diagrams apart.
        out.put(format_args!("<form><div class=\"zoom\">zoom"));
        for zoom in [1, 4, 16] {
            let checked = if zoom == 1 { " checked" } else { "" };
            out.put(format_args!(
                "<label><input type=\"radio\" name=\"zoom\" value=\"{zoom}\"{checked}> {zoom}×</label>"
            ));
        }
        let tall = if self.is_tall() { " tall" } else { "" };
        out.put(format_args!("</div><div class=\"frame{tall}\"><ol>"));
        for (name, _) in &self.lanes {
            out.put(format_args!("<li>{}</li>", Escaped(name)));
        }
        out.put(format_args!("</ol><div class=\"scroller\" tabindex=\"0\"><div class=\"sheet\">"));
    }

    fn drawing(&self, out: &mut Html, range: &Range, bars: &[Vec<Bar>], arrows: &[(Arrow, usize)]) {
        let height = self.lanes.len() * LANE;
        out.put(format_args!("<svg role=\"img\" height=\"{height}\"><title>"));
        out.put(format_args!("{}</title>", Escaped(&self.title)));
        out.put(format_args!(
            "<defs><marker id=\"tip\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" markerWidth=\"6\" \
             markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\"/></marker></defs>"
        ));
        for (lane, bars) in bars.iter().enumerate() {
            let y = lane * LANE + (LANE - TALL) / 2;
            out.put(format_args!(
                "<rect class=\"lane\" y=\"{y}\" width=\"100%\" height=\"{TALL}\"></rect>\n"
            ));
            bars.iter().for_each(|bar| self.bar(out, bar, y));
        }
        svg::grid(out, range);
        arrows.iter().for_each(|(arrow, zoom)| draw_arrow(out, range, arrow, ZOOMS[*zoom].0));
        if self.is_path_long() {
            ZOOMS.iter().for_each(|(_, only, parts)| self.draw_stripes(out, range, only, *parts));
        } else {
            self.draw_path(out, range);
        }
        out.put(format_args!("</svg>"));
    }

    fn bar(&self, out: &mut Html, bar: &Bar, y: usize) {
        let Some((name, paint)) = self.kinds.get(bar.kind) else { return };
        let (class, x) = (paint.class(), Place(bar.left));
        let width = Place((bar.right - bar.left).max(0.5 / FINEST));
        let busy = self.unit.format(bar.busy);
        out.put(format_args!(
            "<rect class=\"span {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{TALL}\""
        ));
        if bar.count > 1 && bar.right > bar.left {
            // What is between them shows through.
            let share = (bar.covered / (bar.right - bar.left)).clamp(0.1, 1.0);
            out.put(format_args!(" opacity=\"{share:.2}\""));
        }
        out.put(format_args!("><title>"));
        match (bar.count, self.labels.get(bar.label)) {
            (1, Some(label)) => {
                out.put(format_args!("{}: {busy}", Escaped(label)));
            }
            (1, None) => out.put(format_args!("{}: {busy}", Escaped(name))),
            (count, _) => {
                out.put(format_args!("{count} calls, most {}: {busy}", Escaped(name)));
            }
        }
        out.put(format_args!("</title></rect>\n"));
    }

    /// The path as lines along lanes and between them.
    fn draw_path(&self, out: &mut Html, range: &Range) {
        let mut drawn: Option<(usize, f64)> = None;
        for (lane, left, right) in self.pieces(range) {
            let (x1, x2, y) = (Place(left), Place(right), middle(lane));
            if let Some((from, to)) = drawn.filter(|(from, _)| *from != lane) {
                let (x1, x2, y1) = (Place(to), Place(left), middle(from));
                out.put(format_args!(
                    "<line class=\"jump\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y}\"/>\n"
                ));
            }
            out.put(format_args!(
                "<line class=\"path\" x1=\"{x1}\" y1=\"{y}\" x2=\"{x2}\" y2=\"{y}\"/>\n"
            ));
            drawn = Some((lane, right));
        }
    }

    fn pieces(&self, range: &Range) -> impl Iterator<Item = (usize, f64, f64)> {
        let here = self.path.iter().filter(|(lane, ..)| *lane < self.lanes.len());
        here.filter_map(|(lane, start, end)| {
            Some((*lane, range.fraction(*start)?, range.fraction(*end)?))
        })
    }

    /// The path as lines along the lanes where it is longest in each part of the time.
    fn draw_stripes(&self, out: &mut Html, range: &Range, class: &str, parts: usize) {
        let mut shares = vec![0.0; parts * self.lanes.len()];
        for (lane, left, right) in self.pieces(range) {
            for at in part(left, parts)..=part(right, parts).min(parts - 1) {
                let ends = [at, at + 1].map(|end| end as f64 / parts as f64);
                shares[at * self.lanes.len() + lane] +=
                    (right.min(ends[1]) - left.max(ends[0])).max(0.0);
            }
        }
        let longest = |shares: &[f64]| {
            let all = shares.iter().enumerate().filter(|(_, share)| **share > 0.0);
            all.max_by(|a, b| a.1.total_cmp(b.1)).map(|(lane, _)| lane)
        };
        let lanes: Vec<Option<usize>> =
            shares.chunks(self.lanes.len().max(1)).map(longest).collect();
        let mut at = 0;
        for same in lanes.chunk_by(|a, b| a == b) {
            let [x1, x2] = [at, at + same.len()].map(|end| Place(end as f64 / parts as f64));
            at += same.len();
            if let Some(y) = same[0].map(middle) {
                out.put(format_args!(
                    "<line class=\"path{class}\" x1=\"{x1}\" y1=\"{y}\" x2=\"{x2}\" y2=\"{y}\"/>\n"
                ));
            }
        }
    }

    /// The axis. Where there is more room there are more ticks.
    fn ticks(&self, out: &mut Html, range: &Range) {
        out.put(format_args!("<svg height=\"20\">"));
        svg::tick_labels(out, range, self.unit, 14.0);
        let ticks: Vec<(f64, f64)> = range.ticks().collect();
        for pair in ticks.windows(2) {
            for part in 1..20_u32 {
                let share = f64::from(part) / 20.0;
                let between = |(from, to): (f64, f64)| from + (to - from) * share;
                let (value, at) =
                    (between((pair[0].0, pair[1].0)), between((pair[0].1, pair[1].1)));
                let class = if part.is_multiple_of(5) { "tick z4" } else { "tick z16" };
                svg::text(out, at, 14.0, class, &self.unit.format(value));
            }
        }
        out.put(format_args!("</svg>"));
    }
}

/// One rectangle: a stretch, or several thin neighbours.
#[derive(Debug, Clone, Copy)]
struct Bar {
    left: f64,
    right: f64,
    kind: usize,
    label: usize,
    busy: f64,
    /// The share of the whole that its stretches have; the rest of its width is between them.
    covered: f64,
    count: usize,
}

fn shows(span: &Stretch) -> bool {
    span.start.is_finite() && span.end.is_finite() && span.start <= span.end
}

/// The rectangles of a lane. `kinds` is how many kinds there are.
fn bars(range: &Range, thin: f64, kinds: usize, spans: &[Stretch]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = vec![];
    // Of the last rectangle: how long each kind took.
    let mut busy = vec![0.0; kinds];
    for span in spans.iter().filter(|span| shows(span) && span.kind < kinds) {
        let (Some(left), Some(right)) = (range.fraction(span.start), range.fraction(span.end))
        else {
            continue;
        };
        let Stretch { kind, label, .. } = *span;
        let bar = Bar {
            left,
            right,
            kind,
            label,
            busy: span.end - span.start,
            covered: right - left,
            count: 1,
        };
        match bars.last_mut() {
            Some(open) if joins(open, &bar, thin) => {
                open.right = open.right.max(right);
                open.busy += bar.busy;
                open.covered += bar.covered;
                open.count += 1;
                busy[kind] += bar.busy;
                open.kind = if busy[kind] > busy[open.kind] { kind } else { open.kind };
            }
            _ => {
                busy.fill(0.0);
                busy[kind] = bar.busy;
                bars.push(bar);
            }
        }
    }
    bars
}

/// Whether both together are too thin to be told apart.
fn joins(open: &Bar, next: &Bar, thin: f64) -> bool {
    next.right - open.left < thin
}

fn middle(lane: usize) -> usize {
    lane * LANE + LANE / 2
}

/// In which of so many parts of the whole this is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction from 0 to 1 of what a screen shows"
)]
fn part(fraction: f64, parts: usize) -> usize {
    (fraction * parts as f64) as usize
}

fn draw_arrow(out: &mut Html, range: &Range, arrow: &Arrow, class: &str) {
    let ((from, start), (to, end)) = (arrow.from, arrow.to);
    let (Some(x1), Some(x2)) = (range.fraction(start), range.fraction(end)) else { return };
    let (x1, x2, y1, y2) = (Place(x1), Place(x2), middle(from), middle(to));
    out.put(format_args!(
        "<line class=\"arrow{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" marker-end=\"url(#tip)\"/>\n"
    ));
}

/// A fraction of the width as a percentage, to a fraction of a pixel at the largest zoom.
struct Place(f64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}%", self.0 * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagram(spans: usize) -> SpaceTime {
        let mut diagram = SpaceTime::new("t", Unit::Seconds);
        let kinds = [diagram.kind("send", 0), diagram.kind("recv", 1)];
        let label = diagram.label("call at a.rs:1");
        for lane in 0..2 {
            let span = |at: usize| Stretch {
                start: at as f64,
                end: at as f64 + if at.is_multiple_of(2) { 0.2 } else { 0.6 },
                kind: kinds[at % 2],
                label,
            };
            diagram.lane(format!("rank {lane}"), (0..spans).map(span));
        }
        diagram
    }

    #[test]
    fn what_fits_is_drawn_one_by_one() {
        let html = diagram(100).to_html().to_string();
        assert_eq!(html.matches("<rect class=\"span s0\"").count(), 100);
        assert_eq!(html.matches("call at a.rs:1: 600 ms").count(), 100);
        assert!(!html.contains("neighbours"));
    }

    #[test]
    fn what_does_not_fit_is_merged_in_the_colour_of_most() {
        let html = diagram(200_000).to_html().to_string();
        let bars = html.matches("<rect class=\"span s1\"").count();
        assert!((10_000..=40_000).contains(&bars), "{bars}");
        assert!(!html.contains("<rect class=\"span s0\""));
        // 0.8 of each 2.
        assert!(html.matches("opacity=\"0.4").count() > bars / 2);
        let told = format!("{} calls are drawn together with their neighbours", 400_000 - bars);
        assert!(html.contains(&told));
    }

    #[test]
    fn moments_at_one_time_are_one_bar() {
        let mut diagram = SpaceTime::new("t", Unit::Seconds);
        let kind = diagram.kind("send", 0);
        let at = |time| Stretch { start: time, end: time, kind, label: 0 };
        diagram.lane("rank 0", [at(0.0), at(1.0), at(1.0), at(2.0)]);
        let html = diagram.to_html().to_string();
        assert!(html.contains("<title>2 calls, most send: 0 s</title>"), "{html}");
        assert!(!html.contains("opacity") && !html.contains("NaN"), "{html}");
    }

    #[test]
    fn the_heaviest_arrows_are_drawn() {
        let mut diagram = diagram(10);
        for weight in 0..3_000 {
            let weight = f64::from(weight);
            diagram.arrow(Arrow { from: (0, 0.0), to: (1, 9.0 + weight / 1e6), weight });
        }
        diagram.arrow(Arrow { from: (7, 0.0), to: (1, 9.0), weight: 1e9 });
        diagram.arrow(Arrow { from: (0, f64::NAN), to: (1, 9.0), weight: 1e9 });
        let html = diagram.to_html().to_string();
        for class in ["arrow", "arrow z4", "arrow z16"] {
            assert_eq!(html.matches(&format!("<line class=\"{class}\"")).count(), 1, "{class}");
        }
        assert!(html.contains("2997 arrows with the shortest waits are left out"));
    }

    #[test]
    fn the_path_changes_lanes() {
        let mut diagram = diagram(10);
        diagram.path(0, 0.0, 4.0);
        diagram.path(1, 4.5, 9.0);
        diagram.path(9, 0.0, 1.0);
        let html = diagram.to_html().to_string();
        assert_eq!(html.matches("<line class=\"path\"").count(), 2);
        assert_eq!(html.matches("<line class=\"jump\"").count(), 1);
        assert!(html.contains("critical path") && !html.contains("longest piece"));
    }

    #[test]
    fn many_lanes_have_the_axis_above_them_too() {
        for (lanes, axes) in [(16, 1), (17, 2)] {
            let mut diagram = diagram(10);
            (2..lanes).for_each(|lane| diagram.lane(format!("rank {lane}"), []));
            let html = diagram.to_html().to_string();
            assert_eq!(html.matches("<svg height=\"20\">").count(), axes);
            assert_eq!(html.matches("class=\"frame tall\"").count(), axes - 1);
        }
    }

    #[test]
    fn a_long_path_is_drawn_where_it_is_most_of_the_time() {
        let mut diagram = diagram(10);
        for at in 0..1_000_u32 {
            let start = f64::from(at) / 1_000.0 * 9.0;
            diagram.path(usize::from(!at.is_multiple_of(3)), start, start + 0.009);
        }
        let html = diagram.to_html().to_string();
        // In the whole, ten pieces a part: lane 1 has most of each.
        assert_eq!(html.matches("<line class=\"path only1\"").count(), 1);
        assert!(html.matches("<line class=\"path only16\"").count() > 500);
        assert!(html.contains("of the critical path the longest piece at each time is drawn"));
        assert!(!html.contains("class=\"jump\""));
    }

    #[test]
    fn what_has_no_place_is_left_out() {
        let mut empty = SpaceTime::new("<t>", Unit::Seconds);
        empty.lane("<r>", [Stretch { start: f64::NAN, end: 1.0, kind: 0, label: 0 }]);
        let html = empty.to_html().to_string();
        assert!(html.contains("nothing recorded") && !html.contains("<t>"));
    }
}
