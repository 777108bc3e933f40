//! Figures of the book: each is looked up in the record that is named with it, or behind it in its section.
//!
//! A record of text has a figure as it stands. One in JSON has more digits, and nanoseconds of one
//! operation: it has a figure if one of its times, of an operation or of an answer, is rounded to it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::book::{chapters, records};
use crate::workspace::read;

/// Figures of no record: where they stand, and whose they are.
const OTHERS: &[(&str, &str, &str)] = &[
    ("introduction.md", "90 %", "the saying"),
    ("introduction.md", "10 %", "the saying"),
    (
        "measure.md",
        "2 %",
        "how much of its time a sample may wait: `Sample::DISTURBED` of tenfold-profile",
    ),
];

const UNITS: [(&str, f64); 4] = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)];

/// A number with the word behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Figure {
    digits: String,
    unit: String,
}

impl Figure {
    fn text(&self) -> String {
        format!("{} {}", self.digits, self.unit).trim().to_owned()
    }

    /// A figure has a fraction or a unit; other numbers count or name something.
    fn is_measured(&self) -> bool {
        let is_time = UNITS.iter().any(|(name, _)| *name == self.unit);
        self.digits.contains('.') || is_time || self.is_no_time()
    }

    /// Whether its unit is none of time.
    fn is_no_time(&self) -> bool {
        let units = ["%", "times", "kB", "MB", "GB", "KiB", "MiB", "GiB", "GB/s", "GFLOP/s"];
        units.contains(&self.unit.as_str())
    }

    /// Whether it is one of the course's: a number with the unit that it has there, or, as in "546 ms in place of
    /// 2.78", without one.
    fn is_in(&self, course: &[Figure]) -> bool {
        let has_unit = UNITS.iter().any(|(name, _)| *name == self.unit) || self.is_no_time();
        let is_same = |other: &Figure| other.unit == self.unit || !has_unit;
        course.iter().any(|other| other.digits == self.digits && is_same(other))
    }

    /// Whether so many nanoseconds are rounded to it; without a unit it is in nanoseconds.
    fn rounds(&self, ns: f64) -> bool {
        let unit = UNITS.iter().find(|(name, _)| *name == self.unit).map_or(1.0, |(_, ns)| *ns);
        let decimals = self.digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        !self.is_no_time() && format!("{:.decimals$}", ns / unit) == self.digits
    }
}

/// The numbers of a text.
fn numbers(text: &str) -> Vec<Figure> {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    let mut found = vec![];
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        let end = number.find(|c| !is_digit(c)).unwrap_or(number.len());
        let digits = number[..end].trim_end_matches('.');
        rest = &number[end..];
        let unit =
            rest.trim_start().split(|c: char| c.is_whitespace() || ",;:)".contains(c)).next();
        let unit = unit.unwrap_or_default().trim_end_matches('.').to_owned();
        // `f64` and `x86` are names.
        if !before.ends_with(|c: char| c.is_ascii_alphabetic()) {
            found.push(Figure { digits: digits.to_owned(), unit });
        }
    }
    found
}

/// What a record knows.
#[derive(Debug, Default)]
struct Known {
    /// Numbers as they stand.
    texts: BTreeSet<String>,
    /// Times in nanoseconds, of one operation and of one answer.
    ns: Vec<f64>,
}

impl Known {
    fn add(&mut self, path: &str) {
        let text = read(path);
        if path.ends_with(".json") {
            self.add_document(&serde_json::from_str(&text).unwrap());
        } else {
            self.texts.extend(numbers(&text).into_iter().map(|figure| figure.digits));
        }
    }

    fn add_document(&mut self, document: &Value) {
        for workload in document["workloads"].as_array().into_iter().flatten() {
            let label = workload["label"].as_str().unwrap_or_default();
            self.texts.extend(numbers(label).into_iter().map(|figure| figure.digits));
            let ops = workload["ops"].as_f64().unwrap_or(1.0);
            let rungs = workload["rungs"].as_array().into_iter().flatten();
            let times = rungs.filter_map(|rung| rung["best_ns_per_op"].as_f64());
            self.ns.extend(
                times.flat_map(|ns| [ns, ns * ops, three_digits(ns), three_digits(ns * ops)]),
            );
        }
    }

    fn has(&self, figure: &Figure) -> bool {
        self.texts.contains(&figure.digits) || self.ns.iter().any(|&ns| figure.rounds(ns))
    }
}

/// Rounded as reports do, before it is rounded again.
fn three_digits(ns: f64) -> f64 {
    format!("{ns:.2e}").parse().unwrap_or(ns)
}

/// What stands between two blank lines: prose without code, or the cells of a table.
#[derive(Debug, Default)]
struct Block {
    prose: String,
    cells: Vec<String>,
}

/// The sections of a chapter, as their blocks.
fn sections(chapter: &str) -> Vec<Vec<Block>> {
    let mut sections = vec![vec![Block::default()]];
    let mut in_code = false;
    for line in chapter.lines() {
        let blocks = sections.last_mut().unwrap();
        let block = blocks.last_mut().unwrap();
        if line.starts_with("```") {
            in_code = !in_code;
        } else if in_code {
        } else if line.starts_with("## ") {
            sections.push(vec![Block::default()]);
        } else if line.is_empty() {
            blocks.push(Block::default());
        } else if let Some(row) = line.strip_prefix("| ") {
            block.cells.extend(row.split('|').map(|cell| cell.trim().to_owned()));
        } else if !line.starts_with(['#', '|', '<', '!']) {
            block.prose += &format!("{line}\n");
        }
    }
    sections
}

/// The records of a block: its own, or those that are named next, or else before, in its section.
fn named(section: &[Block], at: usize) -> Vec<String> {
    let order = (at..section.len()).chain((0..at).rev());
    let named = order.map(|index| records(&section[index].prose).collect::<Vec<_>>());
    named.into_iter().find(|named| !named.is_empty()).unwrap_or_default()
}

/// Prose without code, the targets of links, and the names of processors.
fn plain(prose: &str) -> String {
    // Every other part is code.
    let outside: String = prose.split('`').step_by(2).collect();
    let mut text = String::new();
    for (index, part) in outside.split("](").enumerate() {
        text += if index == 0 { part } else { part.split_once(')').map_or("", |(_, rest)| rest) };
    }
    // The number of a step in a list.
    let lines = text.lines().map(|line| match line.split_once(". ") {
        Some((number, rest)) if number.parse::<u32>().is_ok() => rest,
        _ => line,
    });
    lines
        .collect::<Vec<_>>()
        .join("\n")
        .replace("Zen 3", "Zen")
        .replace("Zen 4", "Zen")
        .replace("Zen 5", "Zen")
}

/// How many figures a block of a section has, and those of them that nothing knows.
fn unknown(section: &[Block], at: usize, name: &str, course: &[Figure]) -> (usize, Vec<String>) {
    let (block, named) = (&section[at], named(section, at));
    let mut known = Known::default();
    named.iter().for_each(|record| known.add(record));
    let in_prose = numbers(&plain(&block.prose));
    let cells = block.cells.iter().filter(|cell| cell.starts_with(|c: char| c.is_ascii_digit()));
    let in_cells = cells.filter_map(|cell| numbers(cell).into_iter().next());
    let (mut count, mut lost) = (0, vec![]);
    let figures = in_prose.into_iter().chain(in_cells);
    for figure in figures.filter(|figure| !named.is_empty() || figure.is_measured()) {
        count += 1;
        let is_other = OTHERS.iter().any(|(of, text, _)| *of == name && *text == figure.text());
        let is_course = named.is_empty() && figure.is_in(course);
        if !known.has(&figure) && !is_other && !is_course {
            lost.push(figure.text());
        }
    }
    (count, lost)
}

#[test]
fn figures_are_those_of_the_records_named() {
    let exercises = read("docs/src/exercises.md");
    let course = numbers(&exercises);
    let mut total = 0;
    // The cluster's chapter has options and exit codes, and the table of exercises the course's figures.
    let is_told = |path: &&String| !path.ends_with("exercises.md") && !path.ends_with("cluster.md");
    for path in chapters().iter().filter(is_told) {
        let name = path.rsplit('/').next().unwrap();
        for section in sections(&read(path)) {
            for at in 0..section.len() {
                let (count, lost) = unknown(&section, at, name, &course);
                let lost = lost.join(", ");
                assert!(lost.is_empty(), "{path}: no record that is named there has {lost}");
                total += count;
            }
        }
    }
    assert!(total > 90, "{total}");
}

#[test]
fn figures_are_found_and_looked_up() {
    let digits = |text: &str| numbers(text).iter().map(Figure::text).collect::<Vec<_>>();
    assert_eq!(digits("-73.39 % of f64, 2000 x 2000."), ["73.39 %", "2000 x", "2000"]);
    let figure =
        |digits: &str, unit: &str| Figure { digits: digits.to_owned(), unit: unit.to_owned() };
    assert!(
        figure("267", "ms").rounds(267_474_200.0) && !figure("268", "ms").rounds(267_474_200.0)
    );
    assert!(figure("3.09", "").rounds(3.0933) && !figure("3.10", "").rounds(3.0933));
    let mut known = Known::default();
    known.add_document(&serde_json::json!({"workloads": [
        {"label": "fib(40)", "ops": 10.0, "rungs": [{"best_ns_per_op": 0.577}, {}]}
    ]}));
    assert!(known.has(&figure("0.577", "")) && known.has(&figure("5.77", "ns")));
    assert!(known.has(&figure("40", "")) && !known.has(&figure("57.7", "ns")));
    let text = "1. a `b 7 ms`\n[c](d3.md) 4 ms Zen 4\n\n| 5 ms | x |\n```\n6 ms\n```\n## e\n8\n";
    let sections = sections(text);
    assert_eq!(digits(&plain(&sections[0][0].prose)), ["4 ms"]);
    assert_eq!((sections[0][1].cells[0].as_str(), sections[1][0].prose.as_str()), ("5 ms", "8\n"));
    let (count, lost) = unknown(&sections[0], 0, "x.md", &[]);
    assert_eq!((count, lost), (1, vec![String::from("4 ms")]));
    let (count, lost) = unknown(&sections[0], 1, "x.md", &numbers("5 s"));
    assert_eq!((count, lost), (1, vec![String::from("5 ms")]), "of a table, and of no record");
    let course = numbers("4 ranks, 546 ms, 2.78 ms");
    assert!(figure("546", "ms").is_in(&course) && figure("2.78", "One").is_in(&course));
    assert!(!figure("4", "ms").is_in(&course) && !figure("546", "us").is_in(&course));
    let block = |prose: &str| Block { prose: prose.to_owned(), cells: vec![] };
    let section = ["a", "`benches/record/b.txt`", "c", "`benches/record/d.txt`", "e"].map(block);
    let of = |at| named(&section, at).concat();
    assert_eq!(
        [of(0), of(2), of(4)].map(|name| name[15..].to_owned()),
        ["b.txt", "d.txt", "d.txt"]
    );
    assert!(named(&section[..1], 0).is_empty());
}
