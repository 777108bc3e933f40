//! The annotation as one page that needs no network.

mod assembly;
mod opened;

use tenfold_report::{Annotated, Column, Html, Page, SourceLine, Table, Tone, Unit};

use crate::legend::{self, SCALE, number_of};
use crate::overview::{self, Overview, Place, badges, beyond, variants};
use crate::{Annotation, Function, Isa, Kind, Line, SourceFile, name};
use assembly::Budget;

/// The lines that are named before all others.
const FIRST_LOOKS: usize = 8;
/// More functions than this are folded.
const FUNCTIONS: usize = 24;
/// More functions than this are counted: nobody reads a table of thousands.
const ROWS: usize = 400;
/// Names of generic functions may fill screens.
const NAME: usize = 300;
/// More badges than this do not fit beside a line.
const BADGES: usize = 4;

/// The document.
pub(crate) fn render(annotation: &Annotation) -> String {
    let overview = Overview::of(annotation);
    let budget = Budget::of(annotation);
    let mut page = Page::new(format!("{}, annotated", overview.binary)).lead(lead(&overview));
    if !overview.heaviest.is_empty() {
        page = page.section("first", "Where to look first", heaviest(annotation, &overview));
    }
    page = page.section("functions", "Functions", functions(annotation, &overview));
    for (at, file) in annotation.files.iter().enumerate() {
        let title = label(annotation, at);
        page = page.section("file", title, listing(annotation, at, file, &budget));
    }
    page.section("words", "What the words mean", words()).footer(footer(annotation)).render()
}

fn lead(overview: &Overview) -> Html {
    let clean = overview.heaviest.is_empty() && overview.lines > 0;
    let tone = if clean { Tone::Good } else { Tone::Warn };
    let mut out = Html::verdict(prose(&overview.sentence()), tone);
    out.push(Annotated::scale(SCALE.map(|(weight, said)| (weight, Html::text(said)))));
    let said = format!("{} {} {}", legend::COLUMNS, legend::CLICK, legend::CAVEAT);
    out.with(small(prose(&said)))
}

/// The heaviest lines, with their code and the first hint.
fn heaviest(annotation: &Annotation, overview: &Overview) -> Html {
    let columns = [Column::text("line"), Column::text("its code, and what to change")];
    let mut table = Table::new(columns);
    for place in overview.heaviest.iter().take(FIRST_LOOKS) {
        let Some((file, line)) = place.find(annotation) else { continue };
        let code = file.text.lines().nth(place.index()).unwrap_or_default().trim();
        let hint = line.hints.first().map_or_else(Html::new, |hint| {
            Html::trusted("<div>").with(prose(hint)).with(Html::trusted("</div>"))
        });
        let link = link(annotation, *place).with(small(few_badges(line).join(", ")));
        table = table.row([link, Html::code(code).with(hint)]);
    }
    let mut out = table.to_html();
    let left = overview.heaviest.len().saturating_sub(FIRST_LOOKS);
    if left > 0 {
        let more = number_of(left, "other line is", "other lines are");
        out.push(Html::paragraph(format!("{more} tinted; the listings have them.")));
    }
    out
}

fn functions(annotation: &Annotation, overview: &Overview) -> Html {
    let table = |functions: &[(&Function, bool)]| {
        let columns =
            [Column::text("function"), Column::text("ISA"), Column::text("what became of it")];
        let shown = functions.iter().take(ROWS);
        let table = shown.fold(Table::new(columns), |table, (function, _)| {
            table.row(function_row(annotation, function))
        });
        let left = functions.len().saturating_sub(ROWS);
        if left == 0 {
            return table.to_html();
        }
        let more = number_of(left, "function is", "functions are");
        let more = format!("{more} left out here; the JSON has all of them.");
        table.to_html().with(Html::paragraph(more))
    };
    let all: Vec<_> = annotation.functions.iter().zip(overview.dirty.iter().copied()).collect();
    if all.len() <= FUNCTIONS {
        return table(&all);
    }
    let (dirty, clean): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, dirty)| *dirty);
    let fold = |functions: &[(&Function, bool)], what: &str| {
        let text = format!("{} {what}", number_of(functions.len(), "function", "functions"));
        Html::details(text, table(functions))
    };
    let (first, rest) = dirty.split_at(dirty.len().min(FUNCTIONS));
    let mut out = if first.is_empty() { Html::new() } else { table(first) };
    if !rest.is_empty() {
        out.push(fold(rest, "more with something found"));
    }
    if !clean.is_empty() {
        out.push(fold(&clean, "with nothing found"));
    }
    out
}

fn function_row(annotation: &Annotation, function: &Function) -> [Html; 3] {
    let place = Place { file: function.file, line: function.line };
    // Bytes of one function are far below 2^53.
    let bytes = Unit::Bytes.format(function.bytes as f64);
    let below = small(link(annotation, place).with(format!(", {bytes}")));
    [
        breakable(&name::cut(&function.name, NAME), "::").with(below),
        Html::text(function.isa.word()),
        prose(&function.summary),
    ]
}

/// A name that may be broken after its segments.
fn breakable(name: &str, end: &str) -> Html {
    let mut out = Html::new();
    for (at, part) in name.split_inclusive(end).enumerate() {
        if at > 0 {
            out.push(Html::trusted("<wbr>"));
        }
        out.push(part);
    }
    out
}

/// A file's name without the folders that all files are in.
fn label(annotation: &Annotation, file: usize) -> &str {
    let name = annotation.files.get(file).map_or("", |file| file.name.as_str());
    let shared = annotation.files.iter().map(|file| shared(name, &file.name)).min();
    name.get(shared.unwrap_or(0)..).unwrap_or(name)
}

/// The bytes of the folders that two names begin with.
fn shared(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b);
    same.zip(1..).filter(|((byte, _), _)| *byte == b'/').map(|(_, bytes)| bytes).last().unwrap_or(0)
}

fn listing(annotation: &Annotation, at: usize, file: &SourceFile, budget: &Budget) -> Html {
    let isas: Vec<Isa> = variants(file);
    let id = format!("f{at}");
    let lines = file.text.lines().zip(1_u32..).map(|(code, number)| {
        let line = SourceLine::new(code);
        match file.lines.get(&number) {
            Some(found) => annotated(annotation, line, found, &isas, budget),
            None => line,
        }
    });
    let columns = isas.iter().map(|isa| isa.word());
    Annotated::new(&id, &file.name, columns)
        .lines(lines)
        .to_html()
        .with(stale(annotation, file, budget))
}

/// The lines that the text does not have.
fn stale(annotation: &Annotation, file: &SourceFile, budget: &Budget) -> Html {
    let lines = beyond(file).count();
    if lines == 0 {
        return Html::new();
    }
    let folds = beyond(file).map(|(number, line)| {
        let summary = format!("line {number}: {}", badges(line).join(", "));
        Html::details(summary, opened::body(annotation, line, budget))
    });
    let warning = Html::verdict(overview::stale(lines), Tone::Warn);
    let folds = Html::concat(folds);
    warning.with(Html::details(number_of(lines, "line", "lines"), folds))
}

fn annotated(
    annotation: &Annotation,
    line: SourceLine,
    found: &Line,
    isas: &[Isa],
    budget: &Budget,
) -> SourceLine {
    let line = isas.iter().fold(line, |line, isa| match found.cells.get(isa) {
        Some(cell) => line.cell(cell.tint(), cell.lanes()),
        None => line.no_cell(),
    });
    let line = few_badges(found).into_iter().fold(line, SourceLine::note);
    line.body(opened::body(annotation, found, budget))
}

/// As many badges as fit beside a line.
fn few_badges(line: &Line) -> Vec<String> {
    let mut few = badges(line);
    if few.len() > BADGES {
        few.truncate(BADGES);
        few.push("…".to_owned());
    }
    few
}

/// `heat.rs:41`, a link where the line is in the listing.
fn link(annotation: &Annotation, place: Place) -> Html {
    let Place { file, line } = place;
    let text = breakable(label(annotation, file), "/").with(format!(":{line}"));
    match place.find(annotation) {
        Some((source, _)) if line > 0 && place.index() < source.text.lines().count() => {
            Html::trusted(format!("<a href=\"#f{file}-{line}\">{text}</a>"))
        }
        _ => text,
    }
}

fn words() -> Html {
    let table = Kind::ALL
        .iter()
        .fold(Table::new([Column::text("word"), Column::text("what it is")]), |table, kind| {
            table.row([Html::code(kind.word()), prose(kind.meaning())])
        });
    let isas = Isa::WIDEST_FIRST.map(|isa| isa.meaning());
    table.to_html().with(Html::list(isas))
}

fn footer(annotation: &Annotation) -> Html {
    let binary = annotation.binary.to_string_lossy();
    Html::text("read from ").with(Html::code(&binary)).with(", as it was linked")
}

/// What stands beside something else, or below it.
fn small(said: impl Into<Html>) -> Html {
    Html::trusted("<small>").with(said).with(Html::trusted("</small>"))
}

/// Text in which what stands between backticks is code.
pub(crate) fn prose(text: &str) -> Html {
    let parts = text.split('`').enumerate();
    let odd = text.matches('`').count() % 2 == 1;
    if odd {
        return Html::text(text);
    }
    let part = |(at, part): (usize, &str)| {
        if at % 2 == 1 { Html::code(part) } else { Html::text(part) }
    };
    Html::concat(parts.map(part))
}

#[cfg(test)]
mod tests;
