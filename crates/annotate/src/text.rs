//! The annotation for a terminal.

use std::fmt::{self, Display, Formatter};

use crate::legend::{self, SCALE, number_of};
use crate::name::{cut, short};
use crate::overview::{self, Overview, beyond, found, variants};
use crate::{Annotation, Cell, Function, Isa, Line, SourceFile};

/// Columns of the terminal that are used.
const WIDTH: usize = 100;
/// Of more functions than this only those with something found are named.
const FUNCTIONS: usize = 24;
/// Where findings and hints begin.
const INDENT: usize = 6;

/// The text; with colour, the columns are backgrounds in ANSI sequences.
pub(crate) fn render(annotation: &Annotation, colour: bool) -> String {
    let overview = Overview::of(annotation);
    let mut out = String::new();
    wrapped(&mut out, 0, "", &format!("{}: {}", overview.binary, overview.sentence()));
    functions(&mut out, annotation, &overview);
    for file in &annotation.files {
        listing(&mut out, file, colour);
    }
    if !overview.heaviest.is_empty() {
        legend_below(&mut out, colour);
    }
    out
}

fn functions(out: &mut String, annotation: &Annotation, overview: &Overview) {
    let all = annotation.functions.iter().zip(&overview.dirty);
    let few = annotation.functions.len() <= FUNCTIONS;
    let mut left_out = 0;
    for (function, dirty) in all {
        if !few && !dirty {
            left_out += 1;
            continue;
        }
        let Function { name, file, line: number, isa, summary, .. } = function;
        let file = annotation.files.get(*file).map_or("", |file| file.name.as_str());
        let name = short(name);
        line(out, "");
        wrapped(out, 0, "", &format!("{name} ({}) {file}:{number}", isa.name()));
        wrapped(out, INDENT, "", summary);
    }
    if left_out > 0 {
        line(out, "");
        let functions = number_of(left_out, "other function", "other functions");
        line(out, &format!("{functions} with nothing found"));
    }
}

fn listing(out: &mut String, file: &SourceFile, colour: bool) {
    let isas = variants(file);
    let texts: Vec<&str> = file.text.lines().collect();
    let tinted: Vec<_> = file.lines.iter().filter(|(_, line)| line.tint() > 0.0).collect();
    if !tinted.is_empty() {
        line(out, "");
        let columns: String = isas.iter().map(|isa| format!("{:^5}", isa.word())).collect();
        let width = isas.len() * 5 + 6;
        let name = cut(&clean(&file.name), WIDTH.saturating_sub(width + 2));
        line(out, &format!("{columns:<width$}  {name}"));
    }
    let clean = file.lines.len() - tinted.len();
    for (number, found) in tinted {
        let at = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let text = texts.get(at).copied().unwrap_or_default();
        source_line(out, (*number, text), found, &isas, colour);
    }
    line(out, "");
    let verb = if clean == 1 { "is" } else { "are" };
    let lines = number_of(clean, "line", "lines");
    wrapped(out, 0, "", &format!("{}: {lines} with code {verb} clean", file.name));
    let stale = beyond(file).count();
    if stale > 0 {
        wrapped(out, 0, "", &format!("{}: {}", file.name, overview::stale(stale)));
    }
}

/// A line of source with its cells, and below it what was found and what to change.
fn source_line(
    out: &mut String,
    (number, text): (u32, &str),
    found_there: &Line,
    isas: &[Isa],
    colour: bool,
) {
    for isa in isas {
        match found_there.cells.get(isa) {
            Some(cell) => out.push_str(&Shade { cell, colour }.to_string()),
            None => out.push_str("     "),
        }
    }
    let room = WIDTH.saturating_sub(isas.len() * 5 + 8);
    line(out, &format!("{number:>6}  {}", cut(clean(text).trim_end(), room)));
    let indent = isas.len() * 5 + INDENT;
    for found in found(found_there) {
        wrapped(out, indent, "! ", &format!("{}{}", found.variants(found_there), found.sentence()));
    }
    for hint in &found_there.hints {
        wrapped(out, indent, "> ", hint);
    }
    for remark in &found_there.remarks {
        wrapped(out, indent, "~ ", remark);
    }
}

fn legend_below(out: &mut String, colour: bool) {
    line(out, "");
    for (weight, said) in SCALE.iter().filter(|(weight, _)| weight.is_some()) {
        let cell = Cell { weight: weight.unwrap_or_default(), ..Cell::default() };
        out.push_str(&Shade { cell: &cell, colour }.to_string());
        line(out, &format!(" {said}"));
    }
    wrapped(out, 0, "! ", "what was found");
    wrapped(out, 0, "> ", "what to change");
    wrapped(out, 0, "~ ", &format!("why it was not vectorised ({})", legend::ADVISORY));
    wrapped(out, 0, "", legend::COLUMNS);
    wrapped(out, 0, "", legend::CAVEAT);
}

/// A cell, five characters wide.
struct Shade<'a> {
    cell: &'a Cell,
    colour: bool,
}

impl Display for Shade<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (tint, lanes) = (self.cell.tint(), self.cell.lanes());
        if self.colour {
            // Of the 256 colours, yellows from pale to full; black letters on all of them.
            let yellow = match tint {
                t if t <= 0.0 => return write!(f, "{lanes:^5}"),
                t if t < 0.2 => 230,
                t if t < 0.5 => 229,
                t if t < 0.75 => 227,
                _ => 220,
            };
            return write!(f, "\x1b[30;48;5;{yellow}m{lanes:^4}\x1b[0m ");
        }
        let shade = match tint {
            t if t <= 0.0 => '·',
            t if t < 0.2 => '░',
            t if t < 0.5 => '▒',
            t if t < 0.75 => '▓',
            _ => '█',
        };
        write!(f, " {shade}{lanes:<3}")
    }
}

/// Adds a line, in which nothing moves the cursor or ends the line.
fn line(out: &mut String, text: &str) {
    out.push_str(clean(text).trim_end());
    out.push('\n');
}

/// Text from elsewhere may hold what a terminal obeys.
fn clean(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' => "    ".to_owned(),
        c if c.is_control() => char::REPLACEMENT_CHARACTER.to_string(),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// Adds a paragraph behind an indent and a sign, broken between words.
fn wrapped(out: &mut String, indent: usize, sign: &str, text: &str) {
    let room = WIDTH.saturating_sub(indent + sign.len()).max(20);
    let mut rows = vec![String::new()];
    for word in text.split_whitespace().flat_map(|word| pieces(word, room)) {
        let row = rows
            .last_mut()
            .filter(|row| row.is_empty() || row.chars().count() + 1 + word.chars().count() <= room);
        match row {
            Some(row) if row.is_empty() => row.push_str(&word),
            Some(row) => {
                row.push(' ');
                row.push_str(&word);
            }
            None => rows.push(word),
        }
    }
    for (at, row) in rows.iter().enumerate() {
        let sign = if at == 0 { sign.to_owned() } else { " ".repeat(sign.len()) };
        line(out, &format!("{}{sign}{row}", " ".repeat(indent)));
    }
}

/// A word that is longer than a row, in rows.
fn pieces(word: &str, room: usize) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    characters.chunks(room).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests;
