//! Places in a drawing.
//!
//! Drawings are laid out in per cent across and pixels down, so that the browser stretches the
//! bars to the width that it has and leaves the text at its size: readable on a telephone.

use std::fmt::{self, Display, Formatter};

use crate::Unit;
use crate::axis::Range;
use crate::escape::Escaped;
use crate::html::Html;

/// A fraction of the width as a percentage with at most two decimals (a tenth of a pixel).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Percent(pub(crate) f64);

impl Display for Percent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", short(self.0 * 100.0, 2))
    }
}

/// A length in pixels with at most one decimal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Px(pub(crate) f64);

impl Display for Px {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&short(self.0, 1))
    }
}

fn short(value: f64, decimals: usize) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() { "0".to_owned() } else { text.to_owned() }
}

/// Vertical lines over the whole height, one a tick.
pub(crate) fn grid(out: &mut Html, range: &Range) {
    out.put(format_args!("<g class=\"grid\">"));
    for (_, at) in range.ticks() {
        let at = Percent(at);
        out.put(format_args!("<line x1=\"{at}\" x2=\"{at}\" y2=\"100%\"/>"));
    }
    out.put(format_args!("</g>"));
}

/// Tick labels below a drawing; those at the edges stay inside.
pub(crate) fn tick_labels(out: &mut Html, range: &Range, unit: Unit, y: f64) {
    for (tick, at) in range.ticks() {
        text(out, at, y, "tick", &unit.format(tick));
    }
}

/// Text anchored so that it stays inside near either edge.
pub(crate) fn text(out: &mut Html, at: f64, y: f64, class: &str, text: &str) {
    let anchor = match at {
        at if at < 0.01 => " start",
        at if at > 0.96 => " end",
        _ => "",
    };
    let (at, y, text) = (Percent(at), Px(y), Escaped(text));
    out.put(format_args!("<text x=\"{at}\" y=\"{y}\" class=\"{class}{anchor}\">{text}</text>"));
}

/// Opens a figure with its caption.
pub(crate) fn open_figure(out: &mut Html, class: &str, title: &str, note: &str) {
    out.put(format_args!("<figure class=\"{class}\">"));
    if title.is_empty() && note.is_empty() {
        return;
    }
    out.put(format_args!("<figcaption>{}", Escaped(title)));
    if !note.is_empty() {
        out.put(format_args!("<small>{}</small>", Escaped(note)));
    }
    out.put(format_args!("</figcaption>"));
}

/// What each colour means. `class` says how the swatch is drawn.
pub(crate) fn legend(out: &mut Html, entries: impl Iterator<Item = (String, impl AsRef<str>)>) {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return;
    }
    out.put(format_args!("<ul class=\"legend\">"));
    for (class, label) in entries {
        let label = Escaped(label.as_ref());
        out.put(format_args!("<li><i class=\"{class}\"></i>{label}</li>"));
    }
    out.put(format_args!("</ul>"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_short_and_never_not_a_number() {
        assert_eq!(Percent(1.0 / 3.0).to_string(), "33.33%");
        assert_eq!(Px(12.04).to_string(), "12");
        assert_eq!(Px(-0.01).to_string(), "0");
        assert_eq!(Px(10.0).to_string(), "10");
        assert_eq!(Percent(f64::NAN).to_string(), "0%");
    }
}
