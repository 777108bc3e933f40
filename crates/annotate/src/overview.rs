//! What is said of all lines together, and of a line in a few words.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::legend::number_of;
use crate::name::last_segment;
use crate::{Annotation, Finding, Isa, Kind, Line, SourceFile};

/// A line of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// An index into the annotation's files.
    pub(crate) file: usize,
    /// From 1.
    pub(crate) line: u32,
}

impl Place {
    /// What was found there.
    pub(crate) fn find(self, annotation: &Annotation) -> Option<(&SourceFile, &Line)> {
        let file = annotation.files.get(self.file)?;
        Some((file, file.lines.get(&self.line)?))
    }

    /// The line's place in the text, from 0.
    pub(crate) fn index(self) -> usize {
        usize::try_from(self.line.saturating_sub(1)).unwrap_or(usize::MAX)
    }
}

/// The sums over an annotation.
#[derive(Debug)]
pub(crate) struct Overview {
    /// The binary's own name.
    pub(crate) binary: String,
    /// Lines that have code.
    pub(crate) lines: usize,
    /// Those of them that are not clean, the heaviest first.
    pub(crate) heaviest: Vec<Place>,
    /// Of each function, whether something is found in it.
    pub(crate) dirty: Vec<bool>,
}

impl Overview {
    pub(crate) fn of(annotation: &Annotation) -> Overview {
        let name = annotation.binary.file_name().unwrap_or(annotation.binary.as_os_str());
        let mut heaviest = Vec::new();
        let mut dirty = vec![false; annotation.functions.len()];
        let mut lines = 0;
        for (file, source) in annotation.files.iter().enumerate() {
            for (number, line) in &source.lines {
                lines += 1;
                if line.tint() > 0.0 {
                    heaviest.push((Place { file, line: *number }, line.tint(), burden(line)));
                    mark(line, &mut dirty);
                }
            }
        }
        // Stable: of equal ones, the first in the files stays first.
        heaviest
            .sort_by(|a, b| b.1.partial_cmp(&a.1).unwrap_or(Ordering::Equal).then(b.2.cmp(&a.2)));
        Overview {
            binary: name.to_string_lossy().into_owned(),
            lines,
            heaviest: heaviest.into_iter().map(|(place, ..)| place).collect(),
            dirty,
        }
    }

    /// The sentence that the page and the text begin with.
    pub(crate) fn sentence(&self) -> String {
        let functions = number_of(self.dirty.len(), "function", "functions");
        let lines = number_of(self.lines, "line", "lines");
        if self.lines == 0 {
            return "No line has code.".to_owned();
        }
        let tinted = self.heaviest.len();
        if tinted == 0 {
            return format!("Clean: nothing slow in {lines} with code, of {functions}.");
        }
        let dirty = self.dirty.iter().filter(|dirty| **dirty).count();
        let verb = if tinted == 1 { "is" } else { "are" };
        match dirty {
            0 => format!("{tinted} of {lines} with code {verb} tinted."),
            _ => format!("{tinted} of {lines} with code {verb} tinted, in {dirty} of {functions}."),
        }
    }
}

/// The instruction sets that a file was compiled for, as the columns stand.
pub(crate) fn variants(file: &SourceFile) -> Vec<Isa> {
    let has = |isa: &Isa| file.lines.values().any(|line| line.cells.contains_key(isa));
    Isa::WIDEST_FIRST.into_iter().filter(has).collect()
}

/// The lines of a file that its text does not have, since it changed after it was compiled.
pub(crate) fn beyond(file: &SourceFile) -> impl Iterator<Item = (&u32, &Line)> {
    let last = u32::try_from(file.text.lines().count()).unwrap_or(u32::MAX);
    file.lines.iter().filter(move |(number, _)| !(1..=last).contains(*number))
}

/// That there are such lines.
pub(crate) fn stale(lines: usize) -> String {
    let lines = number_of(lines, "line with code lies", "lines with code lie");
    format!("{lines} outside of the text: the source has changed since the binary was built")
}

/// What breaks a tie between lines of the same weight.
fn burden(line: &Line) -> u32 {
    let of = |cell: &crate::Cell| {
        cell.findings.iter().map(|finding| finding.count).fold(0, u32::saturating_add)
    };
    line.cells.values().map(of).max().unwrap_or(0)
}

fn mark(line: &Line, dirty: &mut [bool]) {
    let instructions = line.cells.values().flat_map(|cell| &cell.assembly);
    for instruction in instructions.filter(|instruction| instruction.kind.is_some()) {
        if let Some(dirty) = dirty.get_mut(instruction.function) {
            *dirty = true;
        }
    }
}

/// A finding that several variants of a line may share.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) isas: BTreeSet<Isa>,
    /// The most that one variant has.
    count: u32,
}

/// What is found in a line, the heaviest first, each with the variants that have it.
pub(crate) fn found(line: &Line) -> Vec<Found<'_>> {
    let mut all: Vec<Found<'_>> = Vec::new();
    for isa in Isa::WIDEST_FIRST {
        for finding in line.cells.get(&isa).into_iter().flat_map(|cell| &cell.findings) {
            let same = |found: &&mut Found<'_>| {
                let other = found.finding;
                (other.kind, other.depth, other.innermost, &other.what, &other.callee)
                    == (
                        finding.kind,
                        finding.depth,
                        finding.innermost,
                        &finding.what,
                        &finding.callee,
                    )
            };
            match all.iter_mut().find(same) {
                Some(found) => found.join(finding, isa),
                None => {
                    let isas = BTreeSet::from([isa]);
                    all.push(Found { finding, isas, count: finding.count });
                }
            }
        }
    }
    all.sort_by_key(|found| urgency(found.finding));
    all
}

/// What comes first, also where variants differ: innermost loops before others, and what keeps a loop
/// from being vectorised before what is slow in it.
fn urgency(finding: &Finding) -> (bool, bool, usize) {
    use Kind::{Alloc, Atomic, Bounds, Call, Div, Panic, Scalar, Spill};
    let order = [Alloc, Call, Bounds, Scalar, Div, Panic, Atomic, Spill];
    let kind = order.iter().position(|kind| *kind == finding.kind).unwrap_or(order.len());
    (finding.depth == 0, !finding.innermost, kind)
}

/// What is found in a line, in a word or two each: `2 bounds`, `exp`.
pub(crate) fn badges(line: &Line) -> Vec<String> {
    let mut words: Vec<(Kind, String, u32)> = Vec::new();
    let word_of = |finding: &Finding| match &finding.callee {
        Some(callee) if finding.kind == Kind::Call => last_segment(callee),
        _ => finding.kind.word().to_owned(),
    };
    for found in found(line) {
        let word = word_of(found.finding);
        if !words.iter().any(|(kind, known, _)| *kind == found.kind() && *known == word) {
            words.push((found.kind(), word, 0));
        }
    }
    for cell in line.cells.values() {
        for (kind, word, most) in &mut words {
            let of_kind = cell.findings.iter().filter(|finding| finding.kind == *kind);
            let alike = of_kind.filter(|finding| word_of(finding) == *word);
            *most = alike.map(|finding| finding.count).fold(0, u32::saturating_add).max(*most);
        }
    }
    let badge = |(kind, word, count): (Kind, String, u32)| match (kind, count) {
        (Kind::Scalar, _) | (_, 0 | 1) => word,
        (Kind::Call, count) => format!("{count} × {word}"),
        (_, count) => format!("{count} {word}"),
    };
    words.into_iter().map(badge).collect()
}

impl Found<'_> {
    fn join(&mut self, finding: &Finding, isa: Isa) {
        self.count = self.count.max(finding.count);
        self.isas.insert(isa);
    }

    pub(crate) fn kind(&self) -> Kind {
        self.finding.kind
    }

    /// Whether its description has a word.
    pub(crate) fn says(&self, word: &str) -> bool {
        self.finding.what.contains(word)
    }

    /// The function that is called; empty where it is not known.
    pub(crate) fn callee(&self) -> &str {
        self.finding.callee.as_deref().unwrap_or_default()
    }

    /// Whether it is in a loop.
    pub(crate) fn is_in_loop(&self) -> bool {
        self.finding.depth > 0
    }

    /// The whole: `2 × bounds check, in the innermost of 2 loops`.
    pub(crate) fn sentence(&self) -> String {
        let place = match (self.finding.depth, self.finding.innermost) {
            (0, _) => "outside of loops".to_owned(),
            (1, true) => "in a loop".to_owned(),
            (depth, true) => format!("in the innermost of {depth} loops"),
            (1, false) => "in a loop that has loops in it".to_owned(),
            (depth, false) => format!("in {depth} loops, which have others in them"),
        };
        let times = if self.count > 1 { format!("{} × ", self.count) } else { String::new() };
        format!("{times}{}, {place}", self.finding.what)
    }

    /// `v4, v3: `, and nothing where all variants of the line have it.
    pub(crate) fn variants(&self, line: &Line) -> String {
        if self.isas.len() == line.cells.len() {
            return String::new();
        }
        let names: Vec<&str> = self.isas.iter().rev().map(|isa| isa.name()).collect();
        format!("{}: ", names.join(", "))
    }
}
