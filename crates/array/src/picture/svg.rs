//! For browsers.

use std::fmt::Write;
use std::sync::Arc;

use tenfold_report::Html;

use super::layers::layers;
use super::{lines, nodes};
use crate::node::{Node, Op};

/// The size of a node's box and of the space around it, in pixels.
const BOX: (f64, f64) = (190.0, 58.0);
const SPACE: (f64, f64) = (24.0, 34.0);

const STYLE: &str = "<style>\
    svg{color-scheme:light dark;font:12px system-ui,sans-serif;background:#fff;color:#1a1a1a}\
    rect{fill:#eef3fb;stroke:#5b7db8}.leaf rect{fill:#eaf6ec;stroke:#4d9a5c}.reduce rect{fill:#fdf3e3;stroke:#c08a2e}\
    .error rect{fill:#fde8e8;stroke:#c0392b}text{fill:currentColor;text-anchor:middle}.name{font-weight:600}\
    path{stroke:#8a8f98;fill:none}\
    @media(prefers-color-scheme:dark){svg{background:#16181d;color:#e6e6e6}rect{fill:#1f2a3d}.leaf rect{fill:#1d3023}\
    .reduce rect{fill:#35291a}.error rect{fill:#3b1d1d}}\
    </style>";

pub(super) fn svg(root: &Arc<Node>) -> String {
    let nodes = nodes(root);
    let inputs: Vec<Vec<usize>> = nodes.iter().map(|(_, inputs)| inputs.clone()).collect();
    let rows = layers(&inputs);
    let widest = rows.iter().map(Vec::len).max().unwrap_or(1);
    let (width, height) = (across(widest), down(rows.len()));
    let mut centres = vec![(0.0, 0.0); nodes.len()];
    for (y, row) in rows.iter().enumerate() {
        let left = (width - across(row.len())) / 2.0;
        for (x, &node) in row.iter().enumerate() {
            centres[node] = (left + across(x) + BOX.0 / 2.0, down(y) + BOX.1 / 2.0);
        }
    }
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"the graph of an array expression\">{STYLE}"
    );
    for (node, inputs) in inputs.iter().enumerate() {
        for &input in inputs {
            edge(&mut text, centres[input], centres[node]);
        }
    }
    for ((node, _), centre) in nodes.iter().zip(centres) {
        draw(&mut text, node, centre);
    }
    text + "</svg>\n"
}

#[expect(clippy::cast_precision_loss, reason = "a picture of 2^53 nodes would not be looked at")]
fn across(boxes: usize) -> f64 {
    SPACE.0 + boxes as f64 * (BOX.0 + SPACE.0)
}

#[expect(clippy::cast_precision_loss, reason = "as above")]
fn down(boxes: usize) -> f64 {
    SPACE.1 + boxes as f64 * (BOX.1 + SPACE.1)
}

/// A line from the lower side of a box to the upper side of another.
fn edge(text: &mut String, from: (f64, f64), to: (f64, f64)) {
    let (x, y) = (from.0, from.1 + BOX.1 / 2.0);
    let (end, below) = (to.0, to.1 - BOX.1 / 2.0);
    let half = (y + below) / 2.0;
    // Writing to a text cannot fail.
    let _ = write!(text, "<path d=\"M{x} {y}C{x} {half} {end} {half} {end} {below}\"/>");
}

fn draw(text: &mut String, node: &Node, (x, y): (f64, f64)) {
    let class = match node.op {
        Op::Source(_) | Op::Memory(_) => "leaf",
        Op::Reduce { .. } => "reduce",
        Op::Invalid(_) => "error",
        _ => "op",
    };
    let (left, top) = (x - BOX.0 / 2.0, y - BOX.1 / 2.0);
    let (wide, high) = BOX;
    let origin = Html::text(&format!("{}:{}", node.origin.file(), node.origin.line()));
    let _ = write!(
        text,
        "<g class=\"{class}\"><title>{}</title><rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{high}\" rx=\"6\"/>",
        origin.as_str()
    );
    for (line, (what, class)) in lines(node).iter().zip(["name", "type", "chunks"]).enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "three lines")]
        let at = top + 18.0 + 16.0 * line as f64;
        let what = Html::text(&cut(what));
        let _ =
            write!(text, "<text class=\"{class}\" x=\"{x}\" y=\"{at}\">{}</text>", what.as_str());
    }
    text.push_str("</g>");
}

/// As much of a line as fits into a box.
fn cut(line: &str) -> String {
    const MOST: usize = 27;
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
