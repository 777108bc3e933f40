//! What is found: the annotation of files, their lines and functions.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

/// What the compiler left in the chosen source files.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Annotation {
    /// The binary that was read.
    #[serde(serialize_with = "crate::json::path")]
    pub binary: PathBuf,
    /// The files that have code in it, by path.
    pub files: Vec<SourceFile>,
    /// The compiled functions with code of these files, in the order of their first line, and of
    /// one line baseline first.
    pub functions: Vec<Function>,
}

impl Annotation {
    /// One page of HTML that needs no network and no script: every source file with a column for
    /// each instruction set, and lines that open to what was found, what to change and the
    /// instructions.
    ///
    /// Same annotation, same bytes. Of the instructions of a page some 40,000 are kept, the
    /// offending ones first, and it says how many are left out.
    #[must_use]
    pub fn to_html(&self) -> String {
        crate::page::render(self)
    }

    /// Text for a terminal of 100 columns: a summary of each function, and the tinted lines of each
    /// file with what was found and what to change. With `colour`, the columns are coloured by ANSI
    /// sequences; without, they are shades.
    #[must_use]
    pub fn to_text(&self, colour: bool) -> String {
        crate::text::render(self, colour)
    }

    /// One line of JSON, an object with `"version": 1` and the fields of [`Annotation`]; the text
    /// of the files is left out. Paths that are no UTF-8 have U+FFFD in place of what is not.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::json::render(self)
    }
}

/// A source file, and what was found in its lines.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SourceFile {
    /// Where it lies.
    #[serde(serialize_with = "crate::json::path")]
    pub path: PathBuf,
    /// How messages name it: relative to the current folder, where it lies below.
    pub name: String,
    /// Its text.
    #[serde(skip)]
    pub text: String,
    /// The lines that have code, by number, from 1.
    pub lines: BTreeMap<u32, Line>,
}

/// A line that has code: what it is in every variant.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Line {
    /// A cell for each instruction set that the line was compiled for.
    pub cells: BTreeMap<Isa, Cell>,
    /// What to change, without repetition.
    pub hints: Vec<String>,
    /// What LLVM's vectoriser said of the line; advisory.
    pub remarks: Vec<String>,
}

/// What one variant of a line consists of, all functions that it was inlined into together.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Cell {
    /// The instructions counted by what they do.
    pub counts: Counts,
    /// What is slow, the heaviest first.
    pub findings: Vec<Finding>,
    /// How strongly the line is tinted, 0 (clean) to 1.
    pub weight: f64,
    /// The line's instructions by address; a gap between two is a row with `gap` set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assembly: Vec<Instruction>,
}

/// Numbers of instructions of a line by what they do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// All of them.
    pub instructions: u32,
    /// Arithmetic on several floats at once.
    pub packed: u32,
    /// The most floats that one of the packed ones takes, such as 8 for f64 in 64 bytes.
    pub lanes: u32,
    /// Arithmetic on one float.
    pub scalar: u32,
    /// Branches to a bounds check's panic.
    pub bounds: u32,
    /// Branches to another panic: overflow, division by zero, unwrap.
    pub panics: u32,
    /// Calls that were not inlined, but for those below and panics.
    pub calls: u32,
    /// Calls into the allocator.
    pub allocations: u32,
    /// Integer divisions.
    pub integer_divisions: u32,
    /// Float divisions and square roots.
    pub float_divisions: u32,
    /// Registers stored to the stack and loaded from there.
    pub spills: u32,
    /// Locked instructions and fences.
    pub atomics: u32,
}

/// A defect of a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// What exactly, for people: ``call of `exp` (libm)``, `bounds check`, `division by f64`.
    pub what: String,
    /// The function that was called, demangled, where it is a call and could be named.
    pub callee: Option<String>,
    /// How often the line has it.
    pub count: u32,
    /// How many loops are around it, counted from the function that holds it; 0 is outside of any.
    pub depth: u32,
    /// Whether it stands in an innermost loop.
    pub innermost: bool,
}

/// The kinds of [`Finding`], which are also what `--deny` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Float arithmetic one by one in a loop that was not vectorised.
    Scalar,
    /// A bounds check.
    Bounds,
    /// Another check that may panic.
    Panic,
    /// A call that was not inlined.
    Call,
    /// A call into the allocator.
    Alloc,
    /// An integer or float division.
    Div,
    /// Registers that went through the stack.
    Spill,
    /// An atomic operation.
    Atomic,
}

/// The instruction sets that code is compiled for, as the x86-64 levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Isa {
    /// SSE2: what every x86-64 has.
    Baseline,
    /// AVX2 and FMA.
    V3,
    /// AVX-512.
    V4,
}

/// A compiled function with code of the chosen files: one entry per symbol.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Function {
    /// Its name, demangled, without the hash.
    pub name: String,
    /// The chosen file that its first line of code there is in: an index into `files`.
    pub file: usize,
    /// Its first line of code in that file.
    pub line: u32,
    /// The instruction set that it needs.
    pub isa: Isa,
    /// Where its code begins.
    pub address: u64,
    /// How many bytes it takes.
    pub bytes: u64,
    /// Its loops, outer ones first.
    pub loops: Vec<Loop>,
    /// In one line: `vectorised 8 x f64, 2 bounds checks in the inner loop at line 41`.
    pub summary: String,
}

/// A loop of a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Loop {
    /// How many loops it is in, itself counted.
    pub depth: u32,
    /// Whether no other loop is in it.
    pub innermost: bool,
    /// The chosen file and line that it begins at, if it has code there.
    pub line: Option<(usize, u32)>,
    /// The floats that its packed arithmetic takes at once; 0 if it is not vectorised.
    pub lanes: u32,
    /// The width of these floats in bits, 32 or 64; 0 if it is not vectorised.
    pub bits: u32,
    /// What its code consists of, inner loops left out.
    pub counts: Counts,
}

/// An instruction of a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Instruction {
    /// Where it is.
    pub address: u64,
    /// The instruction in Intel's syntax, calls and jumps with the names of their targets.
    pub text: String,
    /// Which function of [`Annotation::functions`] holds it.
    pub function: usize,
    /// How many loops are around it.
    pub depth: u32,
    /// What is found wrong with it.
    pub kind: Option<Kind>,
    /// Whether other lines' code stands between it and the one before.
    pub gap: bool,
}
