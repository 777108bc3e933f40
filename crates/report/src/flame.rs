//! A tree of costs, drawn from the top down.

use std::fmt::{self, Debug, Formatter};

use crate::Unit;
use crate::escape::Escaped;
use crate::html::Html;
use crate::svg::{self, Percent, Px};

/// A frame of a [`Flame`]: a name, what it cost with all that it called, and what it called.
///
/// ```
/// use tenfold_report::Frame;
/// let root = Frame::new("main", 1.0).child(Frame::new("step", 0.9));
/// # let _ = root;
/// ```
#[must_use]
pub struct Frame {
    name: String,
    value: f64,
    children: Vec<Frame>,
}

impl Frame {
    /// A frame that called nothing yet. `value` includes the children's.
    pub fn new(name: impl Into<String>, value: f64) -> Frame {
        Frame { name: name.into(), value, children: Vec::new() }
    }

    /// Adds what it called.
    pub fn child(mut self, child: Frame) -> Frame {
        self.children.push(child);
        self
    }

    /// Adds all that it called.
    pub fn children(mut self, children: impl IntoIterator<Item = Frame>) -> Frame {
        self.children.extend(children);
        self
    }

    /// What the frame weighs in the drawing: zero when the value is no weight at all.
    fn weight(&self) -> f64 {
        if self.value.is_finite() { self.value.max(0.0) } else { 0.0 }
    }
}

impl Drop for Frame {
    /// Takes the tree apart in a loop: a recursive drop would overflow the stack on deep trees.
    fn drop(&mut self) {
        let mut rest = std::mem::take(&mut self.children);
        while let Some(mut frame) = rest.pop() {
            rest.append(&mut frame.children);
        }
    }
}

impl Debug for Frame {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let count = self.children.len();
        write!(f, "Frame({:?}, {}, {count} children)", self.name, self.value)
    }
}

/// An icicle graph: the root on top, below each frame what it called, as wide as its share.
///
/// Frames below 0.1 % of the root are left out, and so are those more than 64 deep. Where
/// children claim more than their parent has, they are scaled down to fit.
///
/// ```
/// use tenfold_report::{Flame, Frame, Unit};
///
/// let root = Frame::new("main", 2.0).child(Frame::new("kernel", 1.5));
/// let html = Flame::new("where the time went", root, Unit::Seconds).to_html();
/// assert!(html.as_str().contains("<title>kernel: 1.5 s, 75 %</title>"));
/// ```
#[must_use]
#[derive(Debug)]
pub struct Flame {
    title: String,
    note: String,
    root: Frame,
    unit: Unit,
}

const THINNEST: f64 = 0.001;
const DEEPEST: usize = 64;
const ROW: f64 = 22.0;
/// Narrower than this there is no room for a single letter.
const LEGIBLE: f64 = 0.02;

impl Flame {
    /// The graph of a tree.
    pub fn new(title: impl Into<String>, root: Frame, unit: Unit) -> Flame {
        Flame { title: title.into(), note: String::new(), root, unit }
    }

    /// A line below the title.
    pub fn note(mut self, note: impl Into<String>) -> Flame {
        self.note = note.into();
        self
    }

    /// The graph as a `<figure>`.
    pub fn to_html(&self) -> Html {
        let mut out = Html::new();
        svg::open_figure(&mut out, "chart", &self.title, &self.note);
        if self.root.weight() > 0.0 {
            self.icicles(&mut out);
        } else {
            out.push(Html::trusted("<p class=\"empty\">nothing recorded</p>"));
        }
        out.with(Html::trusted("</figure>"))
    }

    fn icicles(&self, out: &mut Html) {
        let (mut boxes, cut) = self.boxes();
        boxes.sort_by_key(|place| place.depth);
        let depth = boxes.last().map_or(0, |place| place.depth) + 1;
        let height = Px(depth as f64 * ROW);
        let (name, total) = (Escaped(&self.root.name), self.unit.format(self.root.value));
        out.put(format_args!("<svg class=\"flame\" role=\"img\" height=\"{height}\">"));
        out.put(format_args!("<title>{name}: {total}, {} frames</title>", boxes.len()));
        for place in &boxes {
            self.icicle(out, place);
        }
        out.put(format_args!("</svg>"));
        if cut > 0 {
            out.put(format_args!(
                "<p class=\"empty\">{cut} frames below 0.1 % or more than {DEEPEST} deep are left \
                 out, with all that they called</p>"
            ));
        }
    }

    /// The frames that are drawn, and how many were cut off.
    fn boxes(&self) -> (Vec<Place<'_>>, usize) {
        let mut places = Vec::new();
        let mut cut = 0;
        let mut open = vec![Place { frame: &self.root, depth: 0, left: 0.0, width: 1.0 }];
        while let Some(place) = open.pop() {
            for child in place.children() {
                if child.width < THINNEST || child.depth >= DEEPEST {
                    cut += 1;
                } else {
                    open.push(child);
                }
            }
            places.push(place);
        }
        (places, cut)
    }

    fn icicle(&self, out: &mut Html, place: &Place<'_>) {
        let Place { frame, depth, left, width } = place;
        let (x, y, across) = (Percent(*left), Px(*depth as f64 * ROW), Percent(*width));
        let (name, value) = (Escaped(&frame.name), self.unit.format(frame.value));
        let share = Unit::Percent.format(frame.weight() / self.root.weight());
        let colour = colour(&frame.name, *depth);
        out.put(format_args!(
            "<svg x=\"{x}\" y=\"{y}\" width=\"{across}\" height=\"21\">\
             <title>{name}: {value}, {share}</title>\
             <rect class=\"icicle {colour}\" width=\"100%\" height=\"100%\"/>"
        ));
        if *width >= LEGIBLE {
            out.put(format_args!("<text x=\"5\" y=\"15\">{name}</text>"));
        }
        out.put(format_args!("</svg>\n"));
    }
}

struct Place<'a> {
    frame: &'a Frame,
    depth: usize,
    left: f64,
    width: f64,
}

impl<'a> Place<'a> {
    fn children(&self) -> impl Iterator<Item = Place<'a>> {
        let children = &self.frame.children;
        // Each weight is divided first: the sum of large ones may overflow.
        let own = self.frame.weight().max(f64::MIN_POSITIVE);
        let claimed: f64 = children.iter().map(|child| child.weight() / own).sum();
        let scale = self.width / claimed.max(1.0);
        let (depth, mut left) = (self.depth + 1, self.left);
        children.iter().map(move |frame| {
            let width = frame.weight() / own * scale;
            let width = if width.is_finite() { width } else { 0.0 };
            let place = Place { frame, depth, left, width };
            left += width;
            place
        })
    }
}

/// The same name has the same colour everywhere; the root has none.
fn colour(name: &str, depth: usize) -> &'static str {
    // FNV-1a, because std's hasher may change between releases and pages should not.
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    match (depth, (hash >> 32) % 6) {
        (0, _) => "neutral",
        (_, 0) => "s0",
        (_, 1) => "s1",
        (_, 2) => "s2",
        (_, 3) => "s3",
        (_, 4) => "s4",
        (_, _) => "s5",
    }
}
