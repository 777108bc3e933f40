//! A report for a terminal.

use tenfold_report::{Column, Table, Unit};

use super::bootstrap::Estimate;
use super::figure::Figure;
use super::fit::Fit;
use super::report::Report;
use super::study::Kind;
use super::verdict::with_interval;

impl Report<'_> {
    /// All figures in a table, the fit, what must be known, and the verdict as the last line.
    pub(crate) fn text(&self) -> String {
        let mut text =
            format!("{}, {}\n\n{}\n", self.study.title, self.kind(), self.table().to_text());
        if let Some(splits) = self.split_table() {
            text += &format!("{}\n", splits.to_text());
        }
        for line in self.fit.iter().map(Fit::words).chain(self.notes.iter().cloned()) {
            text += &format!("{line}\n");
        }
        text + self.verdict() + "\n"
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.study.kind {
            Kind::Strong => "strong scaling",
            Kind::Weak => "weak scaling",
        }
    }

    /// A row a point.
    pub(super) fn table(&self) -> Table {
        // What they say first: a narrow screen shows the left side.
        let names =
            ["p", "T", "S", "E", "Karp-Flatt", "ranks", "threads", "nodes", "cores", "samples"];
        let table = Table::new(names.map(Column::number));
        self.figures.iter().fold(table, |table, figure| table.row(row(figure)))
    }

    /// Where the time went, of the points of which that is known.
    pub(super) fn split_table(&self) -> Option<Table> {
        let mut rows = self.splits().peekable();
        rows.peek()?;
        let names = ["p", "compute", "communication", "wait"];
        let table = Table::new(names.map(Column::number));
        Some(rows.fold(table, |table, (figure, shares)| {
            let cells = shares.map(|(_, share)| Unit::Percent.format(share));
            table.row(std::iter::once(p(figure)).chain(cells))
        }))
    }

    /// The shares of the points of which they are known.
    pub(super) fn splits(&self) -> impl Iterator<Item = (&Figure<'_>, [(&'static str, f64); 3])> {
        self.figures.iter().filter_map(|figure| Some((figure, figure.point.split?.shares()?)))
    }
}

impl Fit {
    /// The law, the serial part, what it allows, and how well it fits.
    pub(super) fn words(&self) -> String {
        let serial = share(&self.serial);
        let off = self.off.map_or_else(
            || "of one point, so that it cannot be off".to_owned(),
            |off| format!("off by {} at most", Unit::Percent.format(rounded(off))),
        );
        match self.kind {
            Kind::Strong => format!("Amdahl: serial part {serial}{}; {off}", self.bound()),
            Kind::Weak => format!("Gustafson: serial part {serial}; {off}"),
        }
    }

    /// What no number of cores exceeds, where there is a serial part for certain.
    fn bound(&self) -> String {
        if self.serial.low() <= 0.0 {
            return String::new();
        }
        format!(", so that no p is faster than {}", Unit::Ratio.format(1.0 / self.serial.value))
    }
}

fn row(figure: &Figure<'_>) -> [String; 10] {
    let point = figure.point;
    let plain = |estimate: &Estimate| with_interval(estimate, Unit::Plain);
    [
        p(figure),
        with_interval(&figure.time, Unit::Seconds),
        plain(&figure.speedup),
        plain(&figure.efficiency),
        figure.karp_flatt.as_ref().map_or_else(|| "-".to_owned(), share),
        point.ranks.to_string(),
        point.threads_per_rank.to_string(),
        point.nodes.to_string(),
        point.cores.to_string(),
        point.seconds.len().to_string(),
    ]
}

/// A share that is about 0 is written as 0, not as what rounding has left of it.
fn share(estimate: &Estimate) -> String {
    with_interval(&estimate.map(rounded), Unit::Plain)
}

fn rounded(share: f64) -> f64 {
    // Not -0.
    (share * 1e4).round() / 1e4 + 0.0
}

/// The number of a point, marked where it has too few cores.
fn p(figure: &Figure<'_>) -> String {
    format!("{}{}", if figure.crowded { "*" } else { "" }, figure.point.workers())
}
