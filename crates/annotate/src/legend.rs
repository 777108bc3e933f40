//! What the words and the tints mean: written once, for the page and for the terminal.

use crate::{Cell, Counts, Isa, Kind, Line};

/// The strengths that the legend shows, and what is seen there.
pub(crate) const SCALE: [(Option<f64>, &str); 5] = [
    (None, "no code: never compiled, or optimised away"),
    (Some(0.0), "clean"),
    (Some(0.15), "something slow outside of loops"),
    (Some(0.36), "in an outer loop"),
    (Some(1.0), "in the innermost loop"),
];

/// What a column is, and the figures in it.
pub(crate) const COLUMNS: &str = "Each column is an instruction set that the code was compiled \
    for, the widest first. A figure in it is how many floats an instruction of the line takes at \
    once: 1 is scalar, 8 is a whole AVX-512 register of f64.";

/// What a click does.
pub(crate) const CLICK: &str = "A click on a line opens what was found there, what to change, and \
    its instructions.";

/// That a tint is no time.
pub(crate) const CAVEAT: &str = "The tint is what the compiler left, not how long it takes: a \
    profiler says which of these lines matter.";

/// What remarks are worth.
pub(crate) const ADVISORY: &str = "LLVM's vectoriser, advisory: its place may be that of the \
    iterator's code";

impl Kind {
    /// All of them, in the order in which they are explained.
    pub const ALL: &[Kind] = &[
        Kind::Scalar,
        Kind::Bounds,
        Kind::Panic,
        Kind::Call,
        Kind::Alloc,
        Kind::Div,
        Kind::Spill,
        Kind::Atomic,
    ];

    /// The word on a badge, as `--deny` and the JSON have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Scalar => "scalar",
            Kind::Bounds => "bounds",
            Kind::Panic => "panic",
            Kind::Call => "call",
            Kind::Alloc => "alloc",
            Kind::Div => "div",
            Kind::Spill => "spill",
            Kind::Atomic => "atomic",
        }
    }

    /// What it is, for a reader who has never heard of it.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Kind::Scalar => "floats are computed one by one in a loop that was not vectorised",
            Kind::Bounds => "an index or a range is compared with a length, and may panic",
            Kind::Panic => {
                "another branch to a panic: overflow, division by zero, `unwrap`, a borrow"
            }
            Kind::Call => {
                "a function that was not inlined, so that no loop around it is vectorised"
            }
            Kind::Alloc => "memory is asked from the allocator, or given back to it",
            Kind::Div => {
                "an integer or float division, or a square root: many times the cost of a \
                 multiplication"
            }
            Kind::Spill => "values that found no register go through the stack",
            Kind::Atomic => "a locked instruction or a fence, which waits for the cache line",
        }
    }
}

impl Isa {
    /// All of them, the widest first, as the columns stand.
    pub(crate) const WIDEST_FIRST: [Isa; 3] = [Isa::V4, Isa::V3, Isa::Baseline];

    /// The word at the head of its column.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Isa::Baseline => "base",
            Isa::V3 => "v3",
            Isa::V4 => "v4",
        }
    }

    /// The word in a sentence, as in the JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Isa::Baseline => "baseline",
            Isa::V3 => "v3",
            Isa::V4 => "v4",
        }
    }

    /// What it is.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Isa::Baseline => "base: SSE2, what every x86-64 has, or SSE4",
            Isa::V3 => "v3: AVX, AVX2 and FMA",
            Isa::V4 => "v4: AVX-512",
        }
    }
}

impl Cell {
    /// The weight, also where it is no number.
    pub(crate) fn tint(&self) -> f64 {
        if self.weight.is_finite() { self.weight.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// How many floats an instruction takes at once, where there is float arithmetic: 1 where it is a
    /// finding that they go one by one, whatever else is packed beside them.
    pub(crate) fn lanes(&self) -> String {
        if self.findings.iter().any(|finding| finding.kind == Kind::Scalar) {
            return "1".to_owned();
        }
        match self.counts {
            Counts { packed: 1.., lanes: 2.., .. } => self.counts.lanes.to_string(),
            Counts { scalar: 1.., .. } => "1".to_owned(),
            _ => String::new(),
        }
    }
}

impl Line {
    /// The weight of the heaviest variant.
    pub(crate) fn tint(&self) -> f64 {
        self.cells.values().map(Cell::tint).fold(0.0, f64::max)
    }
}

/// A number of things, with the number also where there is one.
pub(crate) fn number_of(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
