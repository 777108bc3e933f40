//! Tables: as HTML, as aligned text and as Markdown.

use crate::escape::Escaped;
use crate::html::Html;

/// One column of a [`Table`]: its header, and where its cells stand.
#[must_use]
#[derive(Debug, Clone)]
pub struct Column {
    header: String,
    number: bool,
}

impl Column {
    /// A column of text, to the left.
    pub fn text(header: impl Into<String>) -> Column {
        Column { header: header.into(), number: false }
    }

    /// A column of numbers, to the right, in figures of equal width.
    pub fn number(header: impl Into<String>) -> Column {
        Column { header: header.into(), number: true }
    }

    fn class(&self) -> &'static str {
        if self.number { " class=\"num\"" } else { "" }
    }

    fn pad(&self, text: &str, width: usize) -> String {
        if self.number { format!("{text:>width$}") } else { format!("{text:<width$}") }
    }
}

/// A table that scrolls inside its own frame when the screen is narrow.
///
/// Rows that are too short are filled with empty cells, and cells beyond the last column are
/// dropped.
///
/// ```
/// use tenfold_report::{Column, Html, Table};
///
/// let table = Table::new([Column::text("rung"), Column::number("ns")])
///     .row(["naive", "2.80"])
///     .row(["slices", "0.44"]);
/// assert_eq!(table.to_text(), "rung      ns\nnaive   2.80\nslices  0.44\n");
/// assert!(table.to_markdown().starts_with("| rung | ns |\n| --- | ---: |\n"));
/// assert!(table.to_html().as_str().contains("<td class=\"num\">2.80</td>"));
/// ```
#[must_use]
#[derive(Debug, Clone, Default)]
pub struct Table {
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    cells: Vec<Html>,
    summary: bool,
}

impl Table {
    /// A table with these columns and no rows yet.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Table {
        Table { columns: columns.into_iter().collect(), ..Table::default() }
    }

    /// A sentence above the table.
    pub fn caption(mut self, caption: impl Into<String>) -> Table {
        self.caption = caption.into();
        self
    }

    /// Adds a row.
    pub fn row(self, cells: impl IntoIterator<Item = impl Into<Html>>) -> Table {
        self.add(cells, false)
    }

    /// Adds a row that sums up those above, set apart by a rule.
    pub fn summary(self, cells: impl IntoIterator<Item = impl Into<Html>>) -> Table {
        self.add(cells, true)
    }

    fn add(mut self, cells: impl IntoIterator<Item = impl Into<Html>>, summary: bool) -> Table {
        let mut cells: Vec<Html> = cells.into_iter().map(Into::into).collect();
        cells.resize(self.columns.len(), Html::new());
        self.rows.push(Row { cells, summary });
        self
    }

    /// The table in its scrolling frame.
    pub fn to_html(&self) -> Html {
        let mut out = Html::trusted("<div class=\"scroll\" tabindex=\"0\"><table>");
        if !self.caption.is_empty() {
            out.put(format_args!("<caption>{}</caption>", Escaped(&self.caption)));
        }
        out.put(format_args!("<thead><tr>"));
        for column in &self.columns {
            let (class, header) = (column.class(), Escaped(&column.header));
            out.put(format_args!("<th scope=\"col\"{class}>{header}</th>"));
        }
        out.put(format_args!("</tr></thead><tbody>"));
        for row in &self.rows {
            self.html_row(&mut out, row);
        }
        out.with(Html::trusted("</tbody></table></div>"))
    }

    fn html_row(&self, out: &mut Html, row: &Row) {
        out.put(format_args!("<tr{}>", if row.summary { " class=\"sum\"" } else { "" }));
        for (column, cell) in self.columns.iter().zip(&row.cells) {
            out.put(format_args!("<td{}>{cell}</td>", column.class()));
        }
        out.put(format_args!("</tr>\n"));
    }

    /// The table as text for a terminal, in aligned columns two spaces apart.
    ///
    /// Width is counted in characters: text with wide (East Asian) or combining characters
    /// comes out of line.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines = self.plain_rows(one_line);
        let widths = self.widths(&lines);
        let mut out = String::new();
        if !self.caption.is_empty() {
            out.push_str(&one_line(&self.caption));
            out.push('\n');
        }
        for line in &lines {
            let cells = self.columns.iter().zip(line).zip(&widths);
            let padded: Vec<String> = cells.map(|((c, text), w)| c.pad(text, *w)).collect();
            out.push_str(padded.join("  ").trim_end());
            out.push('\n');
        }
        out
    }

    /// The table as GitHub-flavoured Markdown; what would be markup there is escaped.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut lines: Vec<String> =
            self.plain_rows(markdown_cell).iter().map(|cells| markdown_row(cells)).collect();
        let rule = |column: &Column| if column.number { "---:" } else { "---" }.to_owned();
        let rules: Vec<String> = self.columns.iter().map(rule).collect();
        lines.insert(1, markdown_row(&rules));
        if !self.caption.is_empty() {
            lines.insert(0, format!("{}\n", markdown_cell(&self.caption)));
        }
        lines.join("\n") + "\n"
    }

    /// The header and every row as plain text, each cell passed through `clean`.
    fn plain_rows(&self, clean: fn(&str) -> String) -> Vec<Vec<String>> {
        let header = self.columns.iter().map(|column| clean(&column.header)).collect();
        let cells = |row: &Row| row.cells.iter().map(|cell| clean(&cell.to_plain_text())).collect();
        std::iter::once(header).chain(self.rows.iter().map(cells)).collect()
    }

    fn widths(&self, lines: &[Vec<String>]) -> Vec<usize> {
        let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max();
        (0..self.columns.len()).map(|at| width(at).unwrap_or(0)).collect()
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn markdown_row(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

fn markdown_cell(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '[' | ']' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_escapes_what_would_be_markup() {
        let table = Table::new([Column::text("a|b")]).row(["<b>*x*</b>\n`y` \\|"]);
        let md = table.to_markdown();
        assert_eq!(md, "| a\\|b |\n| --- |\n| &lt;b>\\*x\\*&lt;/b> \\`y\\` \\\\\\| |\n");
    }

    #[test]
    fn rows_are_cut_and_filled_to_the_columns() {
        let table =
            Table::new([Column::text("a"), Column::text("b")]).row(["1"]).row(["1", "2", "3"]);
        assert_eq!(table.to_text(), "a  b\n1\n1  2\n");
    }

    #[test]
    fn no_columns_is_no_panic() {
        let table = Table::new([]).row(["1"]).caption("empty");
        assert_eq!(table.to_text(), "empty\n\n\n");
        assert!(table.to_markdown().contains("|  |"));
    }
}
