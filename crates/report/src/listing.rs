//! Source code with numbers and marks.

use crate::escape::Escaped;
use crate::html::Html;

/// What is said of a line of a [`Listing`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Mark {
    /// Nothing: it is as it was.
    #[default]
    Same,
    /// The line is new.
    Added,
    /// The line is gone; it has no number.
    Removed,
    /// The line weighs this much, 0 to 1, shown as a tint.
    Tint(f64),
}

impl Mark {
    fn attributes(self) -> String {
        match self {
            Mark::Same => String::new(),
            Mark::Added => " class=\"add\"".to_owned(),
            Mark::Removed => " class=\"del\"".to_owned(),
            Mark::Tint(strength) if strength > 0.0 => {
                let tint = (strength.min(1.0) * 100.0).round();
                format!(" class=\"tint\" style=\"--t:{tint}%\"")
            }
            Mark::Tint(_) => String::new(),
        }
    }
}

/// Source code with line numbers and a mark per line; long lines scroll inside.
///
/// Numbers are drawn by the style sheet, so copying the code leaves them out.
///
/// ```
/// use tenfold_report::{Listing, Mark};
///
/// let listing = Listing::new("slices.rs")
///     .line("fn step(next: &mut [f64]) {", Mark::Same)
///     .noted("    next.fill(0.0);", Mark::Tint(0.8), "80 %")
///     .line("}", Mark::Same);
/// assert!(listing.to_html().as_str().contains("<i>80 %</i>"));
/// ```
#[must_use]
#[derive(Debug, Clone)]
pub struct Listing {
    title: String,
    first: usize,
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    code: String,
    mark: Mark,
    note: String,
}

impl Listing {
    /// A listing without lines; the title names the file, and may be empty.
    pub fn new(title: impl Into<String>) -> Listing {
        Listing { title: title.into(), first: 1, lines: Vec::new() }
    }

    /// The number of the first line, in place of 1.
    pub fn first_line(mut self, number: usize) -> Listing {
        self.first = number;
        self
    }

    /// Adds a line with its mark.
    pub fn line(self, code: impl Into<String>, mark: Mark) -> Listing {
        self.noted(code, mark, "")
    }

    /// Adds a line with its mark and a note before it, such as its share of the time.
    pub fn noted(
        mut self,
        code: impl Into<String>,
        mark: Mark,
        note: impl Into<String>,
    ) -> Listing {
        self.lines.push(Line { code: code.into(), mark, note: note.into() });
        self
    }

    /// Adds every line of a text, unmarked.
    pub fn source(self, text: &str) -> Listing {
        text.lines().fold(self, |listing, line| listing.line(line, Mark::Same))
    }

    /// The listing as a `<figure>`.
    pub fn to_html(&self) -> Html {
        let mut out = Html::trusted("<figure class=\"listing\">");
        if !self.title.is_empty() {
            out.put(format_args!("<figcaption>{}</figcaption>", Escaped(&self.title)));
        }
        // The counter is raised before each line, so it starts one lower.
        let before = self.first.saturating_sub(1);
        let notes = if self.lines.iter().all(|line| line.note.is_empty()) { "" } else { " noted" };
        out.put(format_args!(
            "<pre class=\"code{notes}\" tabindex=\"0\" style=\"--from:{before}\"><code>"
        ));
        for line in &self.lines {
            line.put(&mut out, !notes.is_empty());
        }
        out.with(Html::trusted("</code></pre></figure>"))
    }
}

impl Line {
    fn put(&self, out: &mut Html, noted: bool) {
        out.put(format_args!("<span{}>", self.mark.attributes()));
        if noted {
            out.put(format_args!("<i>{}</i>", Escaped(&self.note)));
        }
        // A line break inside one line would shift all numbers below it.
        let code = self.code.replace(['\n', '\r'], " ");
        out.put(format_args!("{}\n</span>", Escaped(&code)));
    }
}
