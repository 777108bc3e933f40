//! A table tinted by its values.

use crate::axis::Scale;
use crate::escape::Escaped;
use crate::html::Html;
use crate::{Column, Table, Unit, geometric_mean};

/// A heat map: rows and columns with a name, and in each cell a factor.
///
/// The tint grows with the logarithm of the value: above 1 in one colour, below 1 in another,
/// at 1 in none. Cells without a value show a dash.
///
/// ```
/// use tenfold_report::{Matrix, Unit};
///
/// let matrix = Matrix::new("workload", ["slices", "kernel"], Unit::Ratio)
///     .row("heat", [Some(6.0), Some(12.0)])
///     .row("julia", [Some(1.5), None])
///     .geometric_means();
/// assert!(matrix.to_text().ends_with("     3×     12×           4.76×\n"));
/// ```
#[must_use]
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    corner: String,
    caption: String,
    unit: Unit,
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    label: String,
    cells: Vec<Cell>,
    summary: bool,
}

#[derive(Debug, Clone, Default)]
struct Cell {
    value: Option<f64>,
    text: String,
}

const DASH: &str = "–";
const MEAN: &str = "geometric mean";

impl Matrix {
    /// A matrix with what its rows are, the names of its columns, and how values are written.
    pub fn new<C: Into<String>>(
        corner: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
        unit: Unit,
    ) -> Matrix {
        let columns = columns.into_iter().map(Into::into).collect();
        Matrix { corner: corner.into(), unit, columns, ..Matrix::default() }
    }

    /// A sentence above the matrix.
    pub fn caption(mut self, caption: impl Into<String>) -> Matrix {
        self.caption = caption.into();
        self
    }

    /// Adds a row of values, written in the matrix's unit.
    pub fn row(
        self,
        label: impl Into<String>,
        values: impl IntoIterator<Item = Option<f64>>,
    ) -> Matrix {
        let cells = self.cells(values);
        self.add(label.into(), cells, false)
    }

    /// Adds a row of values, each with its own text.
    pub fn labelled_row<T: Into<String>>(
        self,
        label: impl Into<String>,
        cells: impl IntoIterator<Item = (Option<f64>, T)>,
    ) -> Matrix {
        let cell = |(value, text): (Option<f64>, T)| Cell { value, text: text.into() };
        self.add(label.into(), cells.into_iter().map(cell).collect(), false)
    }

    /// Adds a row that sums up those above, set apart by a rule; means leave it out.
    pub fn summary(
        self,
        label: impl Into<String>,
        values: impl IntoIterator<Item = Option<f64>>,
    ) -> Matrix {
        let cells = self.cells(values);
        self.add(label.into(), cells, true)
    }

    /// Adds a last row and a last column with the geometric means of the values that are there.
    ///
    /// Means over different sets of cells do not compare; where cells are missing, say so.
    pub fn geometric_means(mut self) -> Matrix {
        let width = self.columns.len();
        let down: Vec<Option<f64>> = (0..width).map(|at| self.column_mean(at)).collect();
        for row in &mut self.rows {
            let mean = mean(row.cells.iter().map(|cell| cell.value));
            row.cells.resize(width, Cell::default());
            row.cells.push(Cell { value: mean, text: label(self.unit, mean) });
        }
        let all = mean(
            self.plain_rows().flat_map(|row| row.cells.iter().take(width).map(|cell| cell.value)),
        );
        self.columns.push(MEAN.to_owned());
        self.summary(MEAN, down.into_iter().chain([all]))
    }

    fn plain_rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.summary)
    }

    fn column_mean(&self, at: usize) -> Option<f64> {
        mean(self.plain_rows().filter_map(|row| row.cells.get(at).map(|cell| cell.value)))
    }

    fn cells(&self, values: impl IntoIterator<Item = Option<f64>>) -> Vec<Cell> {
        let cell = |value| Cell { value, text: label(self.unit, value) };
        values.into_iter().map(cell).collect()
    }

    fn add(mut self, label: String, mut cells: Vec<Cell>, summary: bool) -> Matrix {
        cells.resize(self.columns.len(), Cell::default());
        self.rows.push(Row { label, cells, summary });
        self
    }

    /// The matrix as a tinted table.
    pub fn to_html(&self) -> Html {
        self.table(Matrix::tinted).to_html()
    }

    /// The matrix as aligned text; widths count characters, see [`Table::to_text`].
    #[must_use]
    pub fn to_text(&self) -> String {
        self.table(|cell, _| Html::text(text(cell))).to_text()
    }

    /// The matrix as a Markdown table.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        self.table(|cell, _| Html::text(text(cell))).to_markdown()
    }

    fn table(&self, show: impl Fn(&Cell, f64) -> Html) -> Table {
        let deepest = self.deepest();
        let columns = self.columns.iter().map(Column::number);
        let columns = std::iter::once(Column::text(&self.corner)).chain(columns);
        let empty = Table::new(columns).caption(&self.caption);
        self.rows.iter().fold(empty, |table, row| {
            let cells = row.cells.iter().map(|cell| show(cell, deepest));
            let cells = std::iter::once(Html::text(&row.label)).chain(cells);
            if row.summary { table.summary(cells) } else { table.row(cells) }
        })
    }

    /// The largest distance from 1, which gets the full tint.
    fn deepest(&self) -> f64 {
        let depths = self.rows.iter().flat_map(|row| &row.cells).filter_map(depth);
        depths.map(f64::abs).fold(0.0, f64::max)
    }

    fn tinted(cell: &Cell, deepest: f64) -> Html {
        let text = Escaped(text(cell));
        match depth(cell) {
            Some(depth) if deepest > 0.0 => {
                let class = if depth < 0.0 { "heat down" } else { "heat" };
                // A percentage, to be mixed into the surface by the style sheet.
                let tint = (depth.abs() / deepest * 100.0).round();
                Html::trusted(format!("<b class=\"{class}\" style=\"--t:{tint}%\">{text}</b>"))
            }
            Some(_) => Html::trusted(format!("<b class=\"heat\">{text}</b>")),
            None => Html::trusted(format!("<span class=\"gap\">{text}</span>")),
        }
    }
}

/// How far the value is from 1, in decades.
fn depth(cell: &Cell) -> Option<f64> {
    cell.value.filter(|v| Scale::Log.holds(*v)).map(f64::log10)
}

fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    geometric_mean(values.flatten())
}

fn label(unit: Unit, value: Option<f64>) -> String {
    value.map(|value| unit.format(value)).unwrap_or_default()
}

fn text(cell: &Cell) -> &str {
    if cell.text.is_empty() { DASH } else { &cell.text }
}
