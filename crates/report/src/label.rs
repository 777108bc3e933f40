//! Where the text beside a point goes.

use crate::escape::Escaped;
use crate::html::Html;
use crate::svg::{Percent, Px};

/// Places are judged at this width: plots with labels are drawn hardly narrower.
const WIDTH: f64 = 440.0;
/// A generous average for the small text of charts.
const CHARACTER: f64 = 6.8;

/// Where a point is: a fraction of the width, and pixels down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) across: f64,
    pub(crate) y: f64,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame {
    fn meets(&self, other: &Frame) -> bool {
        let across = self.left < other.right && other.left < self.right;
        across && self.top < other.bottom && other.top < self.bottom
    }
}

/// The frames that are taken: points, and labels placed so far.
#[derive(Debug)]
pub(crate) struct Labels {
    taken: Vec<Frame>,
}

impl Labels {
    pub(crate) fn new(points: impl Iterator<Item = Spot>) -> Labels {
        let frame = |spot: Spot| {
            let x = spot.across * WIDTH;
            Frame { left: x - 4.0, right: x + 4.0, top: spot.y - 4.0, bottom: spot.y + 4.0 }
        };
        Labels { taken: points.map(frame).collect() }
    }

    /// Writes the label at the first free place around the point: right, left, then above and
    /// below; where none is free, to the right all the same.
    pub(crate) fn put(&mut self, out: &mut Html, spot: Spot, text: &str) {
        let length = text.chars().count() as f64 * CHARACTER;
        let downs = [4.0, -9.0, 17.0, -22.0, 30.0];
        let choices = downs.iter().flat_map(|down| [(9.0, *down), (-9.0, *down)]);
        let framed = choices.map(|(aside, down)| (aside, down, frame(spot, aside, down, length)));
        let free = |(_, _, frame): &(f64, f64, Frame)| self.fits(frame);
        let (aside, down, frame) =
            framed.clone().find(free).unwrap_or((9.0, 4.0, frame(spot, 9.0, 4.0, length)));
        self.taken.push(frame);
        let (x, y, text) = (Percent(spot.across), Px(spot.y + down), Escaped(text));
        let (dx, anchor) = (Px(aside), if aside < 0.0 { " end" } else { " start" });
        out.put(format_args!(
            "<text class=\"label{anchor}\" x=\"{x}\" y=\"{y}\" dx=\"{dx}\">{text}</text>"
        ));
    }

    fn fits(&self, frame: &Frame) -> bool {
        let inside = frame.left >= 0.0 && frame.right <= WIDTH;
        inside && !self.taken.iter().any(|taken| taken.meets(frame))
    }
}

fn frame(spot: Spot, aside: f64, down: f64, length: f64) -> Frame {
    let x = spot.across * WIDTH + aside;
    let (left, right) = if aside < 0.0 { (x - length, x) } else { (x, x + length) };
    Frame { left, right, top: spot.y + down - 10.0, bottom: spot.y + down + 3.0 }
}
