//! The analysis as text.

use std::fmt;

use super::verdict::time;
use super::{Analysis, RankTime};

/// Lines of tables, which are long only where programs are.
const MOST_LINES: usize = 10;
const MOST_RANKS: usize = 64;

impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let efficiency = self.efficiency;
        writeln!(f, "{}\n", self.verdict)?;
        writeln!(
            f,
            "{} ranks, {} calls, {}; {} if messages took no time",
            self.ranks.len(),
            self.calls,
            time(self.runtime_ns),
            time(self.ideal_ns)
        )?;
        writeln!(
            f,
            "parallel efficiency {:.2} = load balance {:.2} × serialisation {:.2} × transfer {:.2}",
            efficiency.parallel(),
            efficiency.load_balance,
            efficiency.serialisation,
            efficiency.transfer
        )?;
        f.write_str(&table("", &self.rank_rows()))?;
        f.write_str(&table("critical path", &self.path_rows()))?;
        f.write_str(&table("waits", &self.wait_rows()))?;
        f.write_str(&table("calls", &self.line_rows()))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}

pub(super) type Rows = Vec<Vec<String>>;

fn row<const N: usize>(cells: [&dyn fmt::Display; N]) -> Vec<String> {
    cells.iter().map(ToString::to_string).collect()
}

impl Analysis {
    /// Each with its header, numbers last.
    pub(super) fn rank_rows(&self) -> Rows {
        let header =
            row([&"rank", &"useful", &"late sender", &"late receiver", &"collective", &"transfer"]);
        let of = |rank: &RankTime| {
            let times = [
                rank.useful_ns,
                rank.late_sender_ns,
                rank.late_receiver_ns,
                rank.collective_ns,
                rank.transfer_ns,
            ];
            std::iter::once(rank.rank.to_string()).chain(times.map(time)).collect()
        };
        let rows = self.ranks.iter().take(MOST_RANKS).map(of);
        std::iter::once(header).chain(rows).collect()
    }

    pub(super) fn path_rows(&self) -> Rows {
        let whole = self.ideal_ns.max(1) as f64;
        let rows = self.path_shares.iter().take(MOST_LINES).map(|share| {
            let place = share.place.as_deref().unwrap_or("the end");
            let percent = format!("{:.1} %", 100.0 * share.ns as f64 / whole);
            row([&format!("rank {}, work before {place}", share.rank), &time(share.ns), &percent])
        });
        std::iter::once(row([&"", &"time", &"share"])).chain(rows).collect()
    }

    pub(super) fn wait_rows(&self) -> Rows {
        let rows = self.waits.iter().take(MOST_LINES).map(|wait| {
            let waits = format!("{} at {}", wait.call, wait.place);
            let late = format!("{} at {}", wait.late_call, wait.late_place);
            row([&wait.kind.name(), &waits, &late, &time(wait.ns), &wait.calls])
        });
        let header = row([&"", &"waits", &"comes late", &"time", &"calls"]);
        std::iter::once(header).chain(rows).collect()
    }

    pub(super) fn line_rows(&self) -> Rows {
        let rows = self.lines.iter().take(MOST_LINES).map(|line| {
            let what = format!("{} at {}", line.call, line.place);
            let (took, waited) = (time(line.ns), time(line.waiting_ns));
            row([&what, &took, &waited, &line.calls, &line.sent_bytes])
        });
        let header = row([&"", &"time", &"of it waiting", &"calls", &"bytes sent"]);
        std::iter::once(header).chain(rows).collect()
    }
}

/// Whether a column with this cell in its first row is one of numbers.
pub(super) fn is_number(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit())
}

/// Cells in columns two spaces apart, those that are numbers to the right; nothing if there is only a header.
fn table(title: &str, rows: &Rows) -> String {
    let Some(header) = rows.first().filter(|_| rows.len() > 1) else { return String::new() };
    let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..header.len()).map(|column| wide(column).unwrap_or(0)).collect();
    let mut out = format!("\n{title}{}", if title.is_empty() { "" } else { "\n" });
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let to_right = is_number(&rows[1][column]);
            if to_right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
