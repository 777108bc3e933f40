//! The instructions of a line, as many as the page has room for.

use crate::{Annotation, Cell, Instruction};

/// The most rows of instructions on a page; one takes some 50 bytes.
const PAGE: usize = 40_000;
/// The most rows of a cell, tried from the first on until all cells fit on the page.
const CELL: [usize; 7] = [240, 120, 60, 30, 15, 8, 4];
/// How many rows around an offending one help to read it.
const AROUND: usize = 2;
/// Deeper loops are drawn like this one.
const DEEPEST: u32 = 6;
/// Names of generic functions may fill screens.
const NAME: usize = 160;

/// How many rows each cell may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    rows: usize,
}

impl Budget {
    pub(super) fn of(annotation: &Annotation) -> Budget {
        let lines = annotation.files.iter().flat_map(|file| file.lines.values());
        let cells: Vec<usize> =
            lines.flat_map(|line| line.cells.values().map(|cell| cell.assembly.len())).collect();
        let fits =
            |rows: &&usize| cells.iter().map(|cell| (*cell).min(**rows)).sum::<usize>() <= PAGE;
        Budget { rows: CELL.iter().find(fits).copied().unwrap_or(CELL[CELL.len() - 1]) }
    }
}

/// A row of the page.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) mark: &'static str,
}

impl Row {
    fn plain(text: String) -> Row {
        Row { text, mark: "" }
    }
}

/// The rows of a cell: a name where another function begins, and what is left out.
pub(super) fn rows(annotation: &Annotation, cell: &Cell, budget: &Budget) -> Vec<Row> {
    let kept = kept(&cell.assembly, budget.rows);
    let mut rows = Vec::new();
    let (mut function, mut left_out) = (None, 0_usize);
    for (instruction, kept) in cell.assembly.iter().zip(kept) {
        if !kept {
            left_out += 1;
            continue;
        }
        if left_out > 0 {
            rows.push(Row::plain(format!("⋯ {left_out} more")));
        }
        if function != Some(instruction.function) {
            rows.push(Row::plain(format!("{}:", name(annotation, instruction.function))));
        } else if instruction.gap && left_out == 0 {
            rows.push(Row::plain("⋯".to_owned()));
        }
        (function, left_out) = (Some(instruction.function), 0);
        rows.push(row(instruction));
    }
    if left_out > 0 {
        rows.push(Row::plain(format!("⋯ {left_out} more")));
    }
    rows
}

fn row(instruction: &Instruction) -> Row {
    let bars = "│ ".repeat(usize::try_from(instruction.depth.min(DEEPEST)).unwrap_or(0));
    Row {
        text: format!("{:6x}  {bars}{}", instruction.address, instruction.text),
        mark: instruction.kind.map_or("", |kind| kind.word()),
    }
}

fn name(annotation: &Annotation, function: usize) -> String {
    let name = annotation.functions.get(function).map_or("", |function| function.name.as_str());
    crate::name::cut(name, NAME)
}

/// Which instructions are shown: the offending ones, what is around them, and then the first.
fn kept(assembly: &[Instruction], most: usize) -> Vec<bool> {
    let mut kept = vec![assembly.len() <= most; assembly.len()];
    if assembly.len() <= most {
        return kept;
    }
    let offending: Vec<usize> =
        (0..assembly.len()).filter(|at| assembly[*at].kind.is_some()).collect();
    let around = offending.iter().flat_map(|at| at.saturating_sub(AROUND)..=at + AROUND);
    let order = offending.iter().copied().chain(around).chain(0..assembly.len());
    let mut left = most;
    for at in order {
        if left == 0 {
            break;
        }
        if let Some(kept) = kept.get_mut(at).filter(|kept| !**kept) {
            *kept = true;
            left -= 1;
        }
    }
    kept
}
