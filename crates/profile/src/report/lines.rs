//! The lines of functions, with their source: what line_profiler prints.

use std::fmt;

use tenfold_report::{self as html, Column, Html};

use super::analysis::short;
use super::document::{LinePart, LinedFunction, LinesMode, LinesPart, Looks};
use crate::Function;
use crate::units::{Nanoseconds, Percent};

/// The functions whose lines were told apart, those with the most time first. `Display` prints a table
/// for each in line_profiler's manner. `~` stands before times that looks give, `!` before those that
/// are not worth much, and `-` where there was none to see.
#[derive(Debug, Clone)]
#[must_use]
pub struct LineTables {
    part: LinesPart,
    top: usize,
}

/// With fewer looks a line's time is not worth much.
const FEW: u64 = 10;

/// A function whose lines were told apart.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FunctionLines {
    /// Its path.
    pub name: String,
    /// Its source file.
    pub file: String,
    /// Where it begins there.
    pub line: u32,
    /// The time of all of its lines, in nanoseconds; `None` where lines were only counted.
    pub total_ns: Option<f64>,
    /// The lines of its body, with those that have no statement.
    pub lines: Vec<Line>,
}

/// A line of a function.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// Its number in the file.
    pub number: u32,
    /// Its text, when the function was compiled.
    pub text: String,
    /// How often it was begun; `None` where no statement begins on it.
    pub hits: Option<u64>,
    /// For how long it was the current line of the function, with what it called, in nanoseconds.
    pub time_ns: Option<f64>,
    /// That over the time of all lines, from 0 to 1.
    pub share: Option<f64>,
    /// Whether its time is not worth much: it takes less than ten times what timing it costs, or fewer
    /// than ten looks found it.
    pub distorted: bool,
}

impl LineTables {
    pub(crate) fn new(part: LinesPart) -> Self {
        Self { part, top: usize::MAX }
    }

    /// Shows the first so many functions.
    pub fn top(mut self, count: usize) -> Self {
        self.top = count;
        self
    }

    /// The functions, those with the most time first; those with the most hits where there are no
    /// times.
    #[must_use]
    pub fn functions(&self) -> Vec<FunctionLines> {
        let mut order: Vec<&LinedFunction> = self.part.functions.iter().collect();
        let hits = |f: &LinedFunction| {
            f.lines.iter().fold(0_u64, |sum, line| sum.saturating_add(line.hits))
        };
        order.sort_by(|a, b| elapsed(b).total_cmp(&elapsed(a)).then_with(|| hits(b).cmp(&hits(a))));
        order.into_iter().map(|function| self.lined(function)).collect()
    }

    /// The function of this name, or whose name ends in `::` and it.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<FunctionLines> {
        let named = |full: &str| {
            full.strip_suffix(name).is_some_and(|path| path.is_empty() || path.ends_with("::"))
        };
        self.functions().into_iter().find(|function| named(&function.name))
    }

    fn lined(&self, function: &LinedFunction) -> FunctionLines {
        let total = elapsed(function);
        let has_times = self.part.mode != LinesMode::Counts;
        let indent = indent(&function.source);
        let lines = (function.first..).zip(function.source.lines()).map(|(number, text)| {
            let part = function.lines.iter().find(|line| line.line == number);
            let time_ns = part.filter(|_| has_times).map(|line| line.elapsed_ns);
            Line {
                number,
                text: text.get(indent..).unwrap_or(text.trim_start()).trim_end().to_owned(),
                hits: part.map(|line| line.hits),
                time_ns,
                share: time_ns.filter(|_| total > 0.0).map(|ns| ns / total),
                distorted: part.is_some_and(|line| self.is_distorted(line)),
            }
        });
        // Braces that stand alone at both ends tell nothing.
        let is_brace = |line: &Line| line.hits.is_none() && ["{", "}"].contains(&&*line.text);
        let mut lines: Vec<Line> = lines.collect();
        lines.pop_if(|line| is_brace(line));
        lines.drain(..usize::from(lines.first().is_some_and(is_brace)));
        FunctionLines {
            name: function.name.clone(),
            file: function.file.clone(),
            line: function.line,
            total_ns: has_times.then_some(total),
            lines,
        }
    }

    /// Whether the time of a line is not worth much.
    fn is_distorted(&self, line: &LinePart) -> bool {
        match self.part.mode {
            LinesMode::Counts => false,
            LinesMode::Sample => line.samples < FEW,
            LinesMode::Time => is_short(line, self.part.mark_ns),
        }
    }

    fn headline(&self) -> String {
        match (self.part.mode, self.part.looks) {
            (LinesMode::Time, _) => format!(
                "lines by the clock, without the {} that reading it costs each time",
                Nanoseconds(self.part.mark_ns)
            ),
            (_, Some(Looks { hz, expected, taken, merged, outside })) => format!(
                "lines by {taken} looks at {hz} Hz, of {expected:.0} expected, {merged} merged; {outside} \
                 times a thread was outside of them"
            ),
            _ => "lines by counts".to_owned(),
        }
    }

    /// The numbers of a line as they are printed, without its text.
    fn cells(&self, line: &Line) -> Vec<String> {
        let mut cells = vec![line.number.to_string()];
        cells.push(line.hits.map_or_else(String::new, |hits| hits.to_string()));
        if self.part.mode == LinesMode::Counts {
            return cells;
        }
        let mark = match (line.distorted, self.part.mode) {
            (true, LinesMode::Sample) => "!~",
            (true, _) => "!",
            (false, LinesMode::Sample) => "~",
            (false, _) => "",
        };
        let time = |ns: f64| format!("{mark}{}", Nanoseconds(ns));
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let times = match (line.hits.unwrap_or(0), line.time_ns) {
            (0, _) | (_, None) => [const { String::new() }; 3],
            // So short that nobody saw it.
            (_, Some(0.0)) => ["-"; 3].map(str::to_owned),
            (hits, Some(ns)) => [
                time(ns),
                time(ns / hits as f64),
                line.share.map_or_else(String::new, |share| Percent(share).to_string()),
            ],
        };
        cells.extend(times);
        cells
    }

    fn columns(&self) -> &'static [&'static str] {
        match self.part.mode {
            LinesMode::Counts => &["line", "hits"],
            _ => &["line", "hits", "time", "per hit", "% time"],
        }
    }

    /// The tables for a page, with a bar behind each line's text: its share of the time, or of hits
    /// where there are no times.
    pub(crate) fn to_html(&self) -> Html {
        let tables = self.functions().into_iter().take(self.top).map(|function| {
            let columns = self.columns().iter().copied().map(Column::number);
            let columns = columns.chain([Column::text("source")]);
            let mut table = html::Table::new(columns).caption(title(&function));
            let most = function.lines.iter().filter_map(|line| line.hits).max().unwrap_or(0);
            for line in &function.lines {
                let numbers = self.cells(line).into_iter().map(|cell| Html::text(&cell));
                table = table.row(numbers.chain([bar(line, most)]));
            }
            table.to_html()
        });
        Html::paragraph(self.headline()).with(Html::concat(tables))
    }
}

/// Ranks' lines, or those of files, added up: hits, times and samples of functions that are the same to
/// the letter. Where not all were measured in the same way only hits are left.
pub(crate) fn merged(parts: &[&LinesPart]) -> Option<LinesPart> {
    let (first, rest) = parts.split_first()?;
    let mut all = (*first).clone();
    for part in rest {
        if part.mode != all.mode {
            all.mode = LinesMode::Counts;
        }
        all.mark_ns = all.mark_ns.max(part.mark_ns);
        all.looks = both(all.looks, part.looks);
        part.functions.iter().for_each(|function| add(&mut all.functions, function));
    }
    if all.mode == LinesMode::Counts {
        all.looks = None;
        all.mark_ns = 0.0;
    }
    Some(all)
}

fn both(a: Option<Looks>, b: Option<Looks>) -> Option<Looks> {
    let (a, b) = (a?, b?);
    Some(Looks {
        hz: a.hz.min(b.hz),
        expected: a.expected + b.expected,
        taken: a.taken + b.taken,
        merged: a.merged + b.merged,
        outside: a.outside + b.outside,
    })
}

fn add(to: &mut Vec<LinedFunction>, function: &LinedFunction) {
    let key =
        |f: &LinedFunction| (f.name.clone(), f.file.clone(), f.line, f.first, f.source.clone());
    let Some(known) = to.iter_mut().find(|known| key(known) == key(function)) else {
        return to.push(function.clone());
    };
    for line in &function.lines {
        match known.lines.iter_mut().find(|known| known.line == line.line) {
            Some(known) => {
                known.hits += line.hits;
                known.elapsed_ns += line.elapsed_ns;
                known.samples += line.samples;
            }
            None => known.lines.push(*line),
        }
    }
    known.lines.sort_by_key(|line| line.line);
}

fn elapsed(function: &LinedFunction) -> f64 {
    // The sum of nothing is -0.
    function.lines.iter().map(|line| line.elapsed_ns).fold(0.0, |sum, ns| sum + ns)
}

/// Whether a line takes less than ten times what timing it costs.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn is_short(line: &LinePart, mark_ns: f64) -> bool {
    line.hits > 0 && line.elapsed_ns < Function::DISTORTED * mark_ns * line.hits as f64
}

/// What all lines but the first, which begins with the brace, and the last one are indented by.
fn indent(source: &str) -> usize {
    let mut lines: Vec<&str> = source.lines().skip(1).filter(|l| !l.trim().is_empty()).collect();
    lines.pop_if(|line| line.trim() == "}");
    lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0)
}

fn title(function: &FunctionLines) -> String {
    let FunctionLines { name, file, line, total_ns, .. } = function;
    let time = total_ns.map_or_else(String::new, |ns| format!(": {}", Nanoseconds(ns)));
    format!("{}, {file}:{line}{time}", short(name))
}

/// A line's text on a bar as long as its share.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn bar(line: &Line, most: u64) -> Html {
    let by_hits = line.hits.filter(|_| most > 0).map(|hits| hits as f64 / most as f64);
    let share = line.time_ns.map_or(by_hits, |_| line.share).unwrap_or(0.0);
    let heat = format!("rgba(230,90,20,.35) {0:.1}%,transparent {0:.1}%", 100.0 * share);
    Html::trusted(format!(
        "<code style=\"display:block;white-space:pre;background:linear-gradient(to right,{heat})\">{}\
         </code>",
        Html::text(&line.text)
    ))
}

impl fmt::Display for LineTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        for function in self.functions().into_iter().take(self.top) {
            writeln!(f, "\n{}", title(&function))?;
            let mut table = html::Table::new(self.columns().iter().copied().map(Column::number));
            for line in &function.lines {
                table = table.row(self.cells(line));
            }
            let text = table.to_text();
            let width = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            let sources = std::iter::once("source").chain(function.lines.iter().map(|l| &*l.text));
            for (numbers, source) in text.lines().zip(sources) {
                writeln!(f, "{}", format!("{numbers:width$}  {source}").trim_end())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(mode: LinesMode, hits: u64) -> LinesPart {
        let line = |line| LinePart { line, hits, elapsed_ns: hits as f64, samples: hits };
        let function = LinedFunction {
            name: "a::f".to_owned(),
            file: "a.rs".to_owned(),
            line: 1,
            first: 1,
            source: "{\n    x();\n    y();\n}".to_owned(),
            lines: vec![line(2), line(3)],
        };
        LinesPart { mode, mark_ns: 0.0, looks: None, functions: vec![function] }
    }

    #[test]
    fn what_is_merged_adds_up() {
        let (one, two) = (part(LinesMode::Time, 1), part(LinesMode::Time, 2));
        let all = merged(&[&one, &two, &one]).unwrap();
        assert_eq!(all, part(LinesMode::Time, 4));
        assert_eq!(merged(&[&two, &all]), merged(&[&all, &two]));
        let mut other = part(LinesMode::Time, 1);
        other.functions[0].source += " ";
        assert_eq!(merged(&[&one, &other]).unwrap().functions.len(), 2);
        assert_eq!(merged(&[]), None);
    }

    #[test]
    fn times_of_some_are_no_times_of_all() {
        let all = merged(&[&part(LinesMode::Time, 1), &part(LinesMode::Counts, 2)]).unwrap();
        let function = LineTables::new(all).function("f").unwrap();
        assert_eq!(function.total_ns, None);
        let hits: Vec<Option<u64>> = function.lines.iter().map(|line| line.hits).collect();
        assert_eq!(hits, [Some(3), Some(3)]);
    }

    #[test]
    fn what_few_looks_found_is_marked() {
        for (looks, mark) in [(9, "!~"), (10, "~")] {
            let tables = LineTables::new(part(LinesMode::Sample, looks));
            let lines = tables.function("f").unwrap().lines;
            assert!(lines.iter().all(|line| line.distorted == (looks < 10)));
            assert!(tables.to_string().contains(&format!("  {mark}{looks}.")), "{tables}");
        }
    }

    #[test]
    fn the_text_keeps_its_shape() {
        let source = "{\n        if a {\n            b\n        }\n    }";
        let mut part = part(LinesMode::Counts, 1);
        source.clone_into(&mut part.functions[0].source);
        let text = LineTables::new(part).to_string();
        let expected = "lines by counts\n\na::f, a.rs:1\nline  hits  source\n   2     1  if a {\n   \
                        3     1      b\n   4        }\n";
        assert_eq!(text, expected);
    }
}
