//! Source code beside which columns are tinted, and whose lines open.

use std::fmt::{self, Display, Formatter};

use crate::escape::Escaped;
use crate::html::Html;

/// What marks a page that needs the style of this file.
const FIGURE: &str = "<figure class=\"annotated\"";
const SCALE: &str = "<ul class=\"legend scale\"";
const MARKED: &str = "<pre class=\"marked\"";

/// The style of annotated sources, which only pages that have one carry.
pub(crate) fn style(body: &Html) -> &'static str {
    // Text enters only escaped: a `<` that opens a figure is our own.
    let used = [FIGURE, SCALE, MARKED].iter().any(|mark| body.as_str().contains(mark));
    if used { include_str!("annotated.css") } else { "" }
}

/// Source code with a margin of tinted columns, notes on the right, and lines that open without a
/// script.
///
/// A column stands for one way to look at the code, such as an instruction set. In it a line has a
/// cell: yellow by its weight from 0 to 1, with a word or a figure, or none. Lines wrap where the
/// window is narrow. Numbers are drawn by the style sheet, so copying the code leaves them out.
///
/// A line with a body opens, and can be linked to as `#id-number`. Cells beyond the last column are
/// dropped, and a weight that is not finite is 0.
///
/// ```
/// use tenfold_report::{Annotated, Html, SourceLine};
///
/// let heat = Annotated::new("heat", "heat.rs", ["v4", "v3"])
///     .line(SourceLine::new("for i in 1..n {"))
///     .line(
///         SourceLine::new("    sum += u[i];")
///             .cell(1.0, "1")
///             .cell(0.4, "4")
///             .note("bounds check")
///             .body(Html::paragraph("iterate the slice")),
///     );
/// let html = heat.to_html();
/// assert!(html.as_str().contains("<details id=\"heat-2\">"));
/// assert!(html.to_plain_text().contains("sum += u[i];"));
/// ```
#[must_use]
#[derive(Debug, Clone)]
pub struct Annotated {
    id: String,
    title: String,
    columns: Vec<String>,
    lines: Vec<SourceLine>,
}

impl Annotated {
    /// A source without lines, the beginning of its lines' ids, its title, and the columns' names.
    ///
    /// Other characters of the id than ASCII letters, digits, `-` and `_` become `-`.
    pub fn new(
        id: &str,
        title: impl Into<String>,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Annotated {
        let columns = columns.into_iter().map(Into::into).collect();
        Annotated { id: crate::page::slug(id), title: title.into(), columns, lines: Vec::new() }
    }

    /// Adds the next line.
    pub fn line(mut self, line: SourceLine) -> Annotated {
        self.lines.push(line);
        self
    }

    /// Adds the next lines.
    pub fn lines(mut self, lines: impl IntoIterator<Item = SourceLine>) -> Annotated {
        self.lines.extend(lines);
        self
    }

    /// The source as a `<figure>`.
    pub fn to_html(&self) -> Html {
        let mut out = Html::new();
        // The number of lines is the height, as long as the browser has not drawn the figure.
        let (columns, lines) = (self.columns.len(), self.lines.len());
        out.put(format_args!("{FIGURE} style=\"--n:{columns};--l:{lines}\">"));
        if !self.title.is_empty() {
            out.put(format_args!("<figcaption>{}</figcaption>", Escaped(&self.title)));
        }
        if !self.columns.is_empty() {
            out.put(format_args!("<div class=\"head\">"));
            for column in &self.columns {
                out.put(format_args!("<b>{}</b>", Escaped(column)));
            }
            out.put(format_args!("</div>\n"));
        }
        for (at, line) in self.lines.iter().enumerate() {
            line.put(&mut out, self, at + 1);
        }
        out.with(Html::trusted("</figure>"))
    }

    /// What the tints mean: a swatch of each weight, and of no code at all for `None`.
    ///
    /// ```
    /// use tenfold_report::Annotated;
    ///
    /// let scale = Annotated::scale([(None, "no code"), (Some(0.0), "clean"), (Some(1.0), "slow")]);
    /// assert_eq!(scale.to_plain_text(), "no codecleanslow");
    /// ```
    pub fn scale<L: Into<Html>>(steps: impl IntoIterator<Item = (Option<f64>, L)>) -> Html {
        let mut out = Html::trusted(format!("{SCALE}>"));
        for (weight, label) in steps {
            let cell = weight.map(|weight| Cell { weight, text: String::new() });
            out.put(format_args!("<li>{}{}</li>", Shown(cell.as_ref()), label.into()));
        }
        out.with(Html::trusted("</ul>"))
    }
}

impl Html {
    /// Lines in the fixed-width font, such as instructions; those with a mark stand out, and the
    /// mark stands behind them. A long list scrolls inside.
    ///
    /// ```
    /// use tenfold_report::Html;
    ///
    /// let lines = Html::marked_lines([("mov rax, rbx", ""), ("call exp", "call")]);
    /// assert_eq!(lines.to_plain_text(), "mov rax, rbx\ncall expcall\n");
    /// ```
    pub fn marked_lines<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> Html {
        let mut out = Html::trusted(format!("{MARKED} tabindex=\"0\">"));
        for (line, mark) in lines {
            let line = line.replace(['\n', '\r'], " ");
            if mark.is_empty() {
                out.put(format_args!("{}\n", Escaped(&line)));
            } else {
                let mark = Escaped(mark);
                out.put(format_args!("<mark>{}<b>{mark}</b></mark>\n", Escaped(&line)));
            }
        }
        out.with(Html::trusted("</pre>"))
    }
}

/// A line of an [`Annotated`] source: its code, and what is said of it.
#[must_use]
#[derive(Debug, Clone, Default)]
pub struct SourceLine {
    code: String,
    cells: Vec<Option<Cell>>,
    notes: Html,
    body: Html,
}

#[derive(Debug, Clone)]
struct Cell {
    weight: f64,
    text: String,
}

impl Cell {
    fn percent(&self) -> f64 {
        if self.weight.is_finite() { (self.weight.clamp(0.0, 1.0) * 100.0).round() } else { 0.0 }
    }
}

impl SourceLine {
    /// A line of code about which nothing is said.
    pub fn new(code: impl Into<String>) -> SourceLine {
        SourceLine { code: code.into(), ..SourceLine::default() }
    }

    /// The cell in the next column: its weight, 0 to 1, and a word of three letters at the most.
    pub fn cell(mut self, weight: f64, text: impl Into<String>) -> SourceLine {
        self.cells.push(Some(Cell { weight, text: text.into() }));
        self
    }

    /// No cell in the next column.
    pub fn no_cell(mut self) -> SourceLine {
        self.cells.push(None);
        self
    }

    /// Adds a word or two on the right.
    pub fn note(mut self, note: impl Into<Html>) -> SourceLine {
        self.notes.put(format_args!("<b>{}</b>", note.into()));
        self
    }

    /// What is below the line once it is opened.
    pub fn body(mut self, body: impl Into<Html>) -> SourceLine {
        self.body = body.into();
        self
    }

    fn put(&self, out: &mut Html, source: &Annotated, number: usize) {
        if self.body.is_empty() {
            out.put(format_args!("<div{}>", Tinted(self)));
            self.put_row(out, source.columns.len());
            out.put(format_args!("</div>\n"));
            return;
        }
        out.put(format_args!("<details id=\"{}-{number}\"><summary{}>", source.id, Tinted(self)));
        self.put_row(out, source.columns.len());
        out.put(format_args!("</summary><div>{}</div></details>\n", self.body));
    }

    fn put_row(&self, out: &mut Html, columns: usize) {
        // Where no column has a cell, the style sheet puts the code at its place.
        if self.has_code() {
            let cells = self.cells.iter().map(Option::as_ref).chain(std::iter::repeat(None));
            for cell in cells.take(columns) {
                out.put(format_args!("{}", Shown(cell)));
            }
        }
        // A line break inside one line would shift all numbers below it.
        let code = self.code.replace(['\n', '\r'], " ");
        // An empty line has a break of its own, or it would be lost where the code is copied.
        let code = if code.is_empty() { "\n" } else { &code };
        out.put(format_args!("<code>{}</code>", Escaped(code)));
        if !self.notes.is_empty() {
            out.put(format_args!("<span>{}</span>", self.notes));
        }
    }

    fn has_code(&self) -> bool {
        self.cells.iter().any(Option::is_some)
    }
}

/// The attributes of a line that is tinted as its heaviest cell.
struct Tinted<'a>(&'a SourceLine);

impl Display for Tinted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let heaviest = self.0.cells.iter().flatten().map(Cell::percent).fold(0.0, f64::max);
        if heaviest > 0.0 { write!(f, " style=\"--m:{heaviest}%\"") } else { Ok(()) }
    }
}

struct Shown<'a>(Option<&'a Cell>);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(cell) = self.0 else { return f.write_str("<i class=\"no\"></i>") };
        let (percent, text) = (cell.percent(), Escaped(&cell.text));
        // Letters turn dark where the yellow is bright, also on dark pages.
        let class = if percent >= 60.0 { " class=\"hot\"" } else { "" };
        if percent > 0.0 {
            write!(f, "<i{class} style=\"--t:{percent}%\">{text}</i>")
        } else {
            write!(f, "<i>{text}</i>")
        }
    }
}
