//! The tables of ranks, of functions and of call paths.

use tenfold_report::{Column, Table};

use super::super::analysis::short;
use super::chain::Chain;
use super::spread::Spread;
use super::{RankPath, Ranks, maximum};
use crate::units::{Nanoseconds, Percent};

/// Paths that take less than this share of what any rank took are left out.
const LEAST: f64 = 0.01;

/// The time of so many ranks: those with most, in their order.
pub(super) fn ranks(ranks: &Ranks, most: usize) -> Table {
    let (total, useful) = (ranks.total_ns(), ranks.useful_ns());
    let shown = slowest(&useful, most);
    let all = ranks.reports.len();
    let mut columns = ["rank", "session", "recorded"].map(Column::number).to_vec();
    if ranks.waits.is_some() {
        columns.extend(["outside of communication", "share"].map(Column::number));
    }
    columns.push(Column::text("program"));
    let mut table = Table::new(columns).caption(match shown.len() < all {
        true => format!("the {} of {all} ranks with most time", shown.len()),
        false => "time of ranks, on all their threads".to_owned(),
    });
    for at in shown {
        let report = &ranks.reports[at];
        let mut cells = vec![
            report.rank().unwrap_or(0).to_string(),
            Nanoseconds(report.document.wall_ns).to_string(),
            Nanoseconds(total[at]).to_string(),
        ];
        if ranks.waits.is_some() {
            let share = if total[at] > 0.0 { useful[at] / total[at] } else { 0.0 };
            cells.extend([Nanoseconds(useful[at]).to_string(), Percent(share).to_string()]);
        }
        cells.push(report.document.program.clone());
        table = table.row(cells);
    }
    table
}

/// The places of those with most useful time, in their order.
pub(super) fn slowest(useful: &[f64], most: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..useful.len()).collect();
    places.sort_by(|a, b| useful[*b].total_cmp(&useful[*a]));
    places.truncate(most);
    places.sort_unstable();
    places
}

/// Functions with self time, by it.
pub(super) fn functions(ranks: &Ranks, most: usize, names_first: bool) -> Table {
    let mut functions = ranks.functions();
    functions.retain(|function| function.self_ns.max_ns > 0.0);
    let all = functions.len();
    let mut table = Table::new(columns("function", names_first)).caption(match most < all {
        true => format!("self time over the ranks, {most} of {all} functions"),
        false => "self time over the ranks".to_owned(),
    });
    for function in functions.iter().take(most) {
        table = table.row(cells(&function.self_ns, short(&function.name), names_first));
    }
    table
}

/// Call paths as a tree, by time with what was called.
pub(super) fn paths(ranks: &Ranks, paths: &[RankPath], most: usize, names_first: bool) -> Table {
    let chains = Chain::all(paths, LEAST * maximum(&ranks.total_ns()));
    let mut caption =
        format!("time with what was called over the ranks, from {} on", Percent(LEAST));
    if most < chains.len() {
        caption += &format!(", {most} of {} lines", chains.len());
    }
    let mut table = Table::new(columns("path", names_first)).caption(caption);
    for chain in chains.iter().take(most) {
        table = table.row(cells(&chain.first.total_ns, chain.line(), names_first));
    }
    table
}

/// With the names last, as on a terminal; or first, for a page, where they must be seen before the rest
/// is scrolled to.
fn columns(name: &str, names_first: bool) -> Vec<Column> {
    let numbers = ["min", "mean", "max", "on rank", "imbalance"].map(Column::number);
    let mut columns: Vec<Column> = numbers.into_iter().chain([Column::text(name)]).collect();
    columns.rotate_right(usize::from(names_first));
    columns
}

fn cells(spread: &Spread, name: String, names_first: bool) -> [String; 6] {
    let mark = if spread.is_chance { "!" } else { "" };
    let mut cells = [
        Nanoseconds(spread.min_ns).to_string(),
        Nanoseconds(spread.mean_ns).to_string(),
        Nanoseconds(spread.max_ns).to_string(),
        spread.max_rank.to_string(),
        format!("{mark}{}", Percent(spread.imbalance())),
        name,
    ];
    cells.rotate_right(usize::from(names_first));
    cells
}
