//! Functions with known defects, and their clean twins.
//!
//! A comment `//~ scalar bounds` behind a line of `tests/planted` names what has to be found there, in
//! an innermost loop. `outer` before a kind: in a loop that has others in it. `pale`: outside of
//! loops. `a|b`: one of the two. `a?`: may be found. `a@baseline`: if compiled for it. On lines
//! without a comment nothing may be found in a loop.
//!
//! What is left is the compiler's choice: the marks are those of rustc 1.95, each held against
//! `objdump -d` and `addr2line -i`. Another compiler may vectorise more; then a mark goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tenfold_annotate::{Annotation, Finding, Kind, Line};

use crate::program::{PLAIN, compile, read};

/// Where in the loops a defect stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Pale,
    Outer,
    Inner,
}

/// What a comment says of its line.
#[derive(Debug, Default)]
struct Marks {
    /// One kind of each must be found.
    wanted: Vec<(Place, Vec<Kind>)>,
    /// What else may be.
    allowed: Vec<Kind>,
}

fn kind(name: &str) -> Kind {
    let found = Kind::ALL.iter().find(|kind| kind.word() == name);
    *found.unwrap_or_else(|| panic!("`{name}` is no kind"))
}

impl Marks {
    fn read(line: &str, variant: &str) -> Self {
        let mut marks = Self::default();
        let mut place = Place::Inner;
        let words = line.split_once("//~").map_or("", |(_, words)| words);
        for word in words.split_whitespace() {
            let word = match word.split_once('@') {
                Some((word, only)) if only == variant => word,
                Some(_) => continue,
                None => word,
            };
            match (word, word.strip_suffix('?')) {
                ("pale", _) => place = Place::Pale,
                ("outer", _) => place = Place::Outer,
                (_, Some(name)) => marks.allowed.push(kind(name)),
                _ => marks.wanted.push((place, word.split('|').map(kind).collect())),
            }
        }
        marks
    }

    /// What is wrong with what was found on the line.
    fn faults(&self, line: Option<&Line>) -> Vec<String> {
        let found: Vec<&Finding> = line
            .iter()
            .flat_map(|line| line.cells.values())
            .flat_map(|cell| &cell.findings)
            .collect();
        let is_there = |place: Place, kinds: &[Kind]| {
            let mut of = found.iter().filter(|finding| kinds.contains(&finding.kind));
            match place {
                Place::Pale => of.any(|finding| finding.depth == 0),
                Place::Outer => {
                    let mut of = of.filter(|finding| finding.depth > 0).peekable();
                    of.peek().is_some() && of.all(|finding| !finding.innermost)
                }
                Place::Inner => of.any(|finding| finding.depth > 0 && finding.innermost),
            }
        };
        let missing = self.wanted.iter().filter(|(place, kinds)| !is_there(*place, kinds));
        let missing = missing.map(|(place, kinds)| format!("no {kinds:?} ({place:?})"));
        let in_loops =
            |kinds: &(Place, Vec<Kind>), of| kinds.0 != Place::Pale && kinds.1.contains(&of);
        let is_known =
            |of| self.allowed.contains(&of) || self.wanted.iter().any(|kinds| in_loops(kinds, of));
        let extra = found.iter().filter(|finding| finding.depth > 0 && !is_known(finding.kind));
        let extra = extra.map(|f| format!("{:?} {}: {}", f.kind, f.depth, f.what));
        missing.chain(extra).collect()
    }
}

/// What was held against what.
#[derive(Debug, Default)]
struct Tally {
    functions: usize,
    defects: usize,
    clean: usize,
    missed: Vec<String>,
    flagged: Vec<String>,
    /// The weights of lines with one mark alone, of a check.
    weights: BTreeMap<Place, Vec<f64>>,
}

impl Tally {
    fn file(&mut self, path: &Path, annotation: &Annotation, variant: &str) {
        let text = fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        assert_eq!(annotation.files.len(), 1, "{name}");
        let lines = &annotation.files[0].lines;
        for (number, source) in (1..).zip(text.lines()) {
            let line = lines.get(&number);
            let marks = Marks::read(source, variant);
            let faults = marks.faults(line).join("; ");
            let fault = format!("{name}:{number}: {faults} | {}\n", source.trim());
            self.defects += usize::from(!marks.wanted.is_empty());
            self.clean += usize::from(marks.wanted.is_empty() && line.is_some());
            match (faults.is_empty(), marks.wanted.is_empty()) {
                (true, _) => self.weigh(&marks, line),
                (false, true) => self.flagged.push(fault),
                (false, false) => self.missed.push(fault),
            }
        }
        self.functions(&text, &name, annotation);
    }

    fn weigh(&mut self, marks: &Marks, line: Option<&Line>) {
        if let ([(place, kinds)], Some(line), true) =
            (&marks.wanted[..], line, marks.allowed.is_empty())
            && kinds[..] == [Kind::Bounds]
        {
            let weights = line.cells.values().map(|cell| cell.weight);
            self.weights.entry(*place).or_default().push(weights.fold(0.0, f64::max));
        }
    }

    /// A function that is not in the binary would be clean.
    fn functions(&mut self, text: &str, name: &str, annotation: &Annotation) {
        let is_start = |line: &str| line.trim_start().starts_with("pub fn ");
        let starts = (1_u32..).zip(text.lines()).filter(|(_, line)| is_start(line));
        let starts: Vec<u32> = starts.map(|(number, _)| number).collect();
        for (at, &start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(u32::MAX);
            let mut inside = annotation.files[0].lines.range(start..end);
            self.functions += 1;
            if inside.next().is_none() {
                self.missed.push(format!("{name}:{start}: the function has no code\n"));
            }
        }
    }

    fn judge(&self) {
        let table = format!("{}{}", self.missed.concat(), self.flagged.concat());
        let (missed, flagged) = (self.missed.len(), self.flagged.len());
        let Self { functions, defects, clean, .. } = self;
        let counts = format!(
            "{functions} functions: {missed} of {defects} lines with defects not as they are, \
             {flagged} of {clean} clean lines flagged\n"
        );
        assert!(*functions >= 100 && *defects >= 100 && *clean >= 100, "{counts}");
        assert!(missed == 0 && flagged == 0, "{counts}{table}");
        let weights = |place| self.weights[&place].iter().copied();
        let (least, most) = (
            |place| weights(place).fold(9.0, f64::min),
            |place| weights(place).fold(0.0, f64::max),
        );
        assert!(most(Place::Pale) < least(Place::Outer), "{:?}", self.weights);
        assert!(most(Place::Outer) < least(Place::Inner), "{:?}", self.weights);
    }
}

fn planted() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/planted");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn hold(variant: &str, flags: &[&str]) {
    let folder = TempDir::new().unwrap();
    let flags = [&PLAIN, flags].concat();
    let mut tally = Tally::default();
    for source in planted() {
        let binary = compile(&source, folder.path(), &flags);
        let annotation = read(&binary, &source).unwrap();
        tally.file(&source, &annotation, variant);
    }
    tally.judge();
}

#[test]
fn every_defect_is_found_and_no_clean_line_flagged() {
    hold("baseline", &[]);
}

#[test]
fn the_same_with_wider_registers() {
    hold("v3", &["-Ctarget-cpu=x86-64-v3"]);
}

#[test]
fn mangled_names_of_either_kind_are_understood() {
    hold("baseline", &["-Csymbol-mangling-version=v0"]);
}

#[test]
fn marks_are_read() {
    let marks = Marks::read("x(); //~ scalar call|alloc pale bounds spill? div@v3", "baseline");
    let wanted = [
        (Place::Inner, vec![Kind::Scalar]),
        (Place::Inner, vec![Kind::Call, Kind::Alloc]),
        (Place::Pale, vec![Kind::Bounds]),
    ];
    assert_eq!(marks.wanted, wanted);
    assert_eq!(marks.allowed, [Kind::Spill]);
    assert_eq!(Marks::read("x(); //~ div@v3", "v3").wanted.len(), 1);
    assert_eq!(marks.faults(None).len(), 3);
    assert!(Marks::read("x(); // fine", "v3").faults(None).is_empty());
}
