//! An annotation by hand, for the tests of what is made of one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{
    Annotation, Cell, Counts, Finding, Function, Instruction, Isa, Kind, Line, SourceFile,
};

pub(crate) const SOURCE: &str = r#"//! Heat on a plate, and what goes wrong in it.

/// One step; rows are vectors of their own.
pub fn step(u: &[Vec<f64>], next: &mut [Vec<f64>], k: f64) {
    for i in 1..u.len() - 1 {
        let row = &u[i];
        for j in 1..row.len() - 1 {
            next[i][j] = row[j] + k * (u[i - 1][j] + u[i + 1][j] - 4.0 * row[j]);
        }
    }
}

/// The same on flat rows.
#[inline]
pub fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

pub fn energy(x: &[f64], t: f64) -> f64 {
    let mut sum = 0.0;
    for &x in x {
        sum += (-x / t).exp();
    }
    sum
}

pub fn histogram(x: &[f64], bins: usize) -> Vec<u32> {
    let mut counts = vec![0; bins];
    for (i, &x) in x.iter().enumerate() {
        counts[(x * 255.0) as usize % bins] += 1;
        report(&format!("{i}: {x} <in \"{bins}\" bins>"));
    }
    counts
}
"#;

pub(crate) fn finding(kind: Kind, what: &str, count: u32, depth: u32) -> Finding {
    let callee = what.split('`').nth(1).filter(|_| matches!(kind, Kind::Call | Kind::Alloc));
    Finding {
        kind,
        what: what.to_owned(),
        callee: callee.map(str::to_owned),
        count,
        depth,
        innermost: depth > 1,
    }
}

pub(crate) fn line(cells: impl IntoIterator<Item = (Isa, Cell)>) -> Line {
    Line { cells: cells.into_iter().collect(), ..Line::default() }
}

/// A cell with findings and an instruction for each, in the function of that number.
pub(crate) fn cell(function: usize, weight: f64, findings: &[Finding]) -> Cell {
    let texts = ["cmp rcx, rax", "jae short 0x1c40 → core::panicking::panic_bounds_check", "ret"];
    let plain = texts.iter().map(|text| (*text, None, 1));
    let offending = findings.iter().map(|finding| (finding.what.as_str(), Some(finding.kind), 2));
    let instructions = plain.chain(offending).zip(0_u64..).map(|((text, kind, depth), at)| {
        let address = 0x1b00 + 0x40 * function as u64 + 5 * at;
        Instruction { address, text: text.to_owned(), function, depth, kind, gap: at == 3 }
    });
    let assembly: Vec<Instruction> = instructions.collect();
    let instructions = u32::try_from(assembly.len()).unwrap_or(u32::MAX);
    let counts = Counts { instructions, scalar: 1, ..Counts::default() };
    Cell { counts, findings: findings.to_vec(), weight, assembly }
}

/// A clean cell of packed arithmetic.
pub(crate) fn packed(function: usize, lanes: u32) -> Cell {
    let mut cell = cell(function, 0.0, &[]);
    cell.counts = Counts { instructions: 3, packed: 2, lanes, ..Counts::default() };
    cell
}

fn function(name: &str, line: u32, isa: Isa, summary: &str) -> Function {
    Function {
        name: name.to_owned(),
        file: 0,
        line,
        isa,
        address: 0x1b00,
        bytes: 1234,
        loops: Vec::new(),
        summary: summary.to_owned(),
    }
}

fn functions() -> Vec<Function> {
    let v4 =
        "<tenfold_kernel::simd::v4::V4 as tenfold_kernel::simd::Simd>::call::with_instructions";
    let scalar = "scalar: 3 bounds checks in the inner loop at line 8";
    vec![
        function("heat::step", 4, Isa::Baseline, scalar),
        function("heat::axpy", 14, Isa::Baseline, "vectorised 2 x f64"),
        function(v4, 15, Isa::V4, "vectorised 8 x f64"),
        function("heat::energy", 21, Isa::Baseline, "call of `exp` in the loop at line 23"),
        function("heat::histogram", 29, Isa::Baseline, "2 allocations in the loop at line 32"),
    ]
}

fn lines() -> BTreeMap<u32, Line> {
    use Isa::{Baseline, V3, V4};
    let bounds = |count, depth| finding(Kind::Bounds, "bounds check", count, depth);
    let scalar = finding(Kind::Scalar, "scalar f64 arithmetic", 1, 2);
    let exp = finding(Kind::Call, "call of `exp` (libm)", 1, 2);
    let order = finding(Kind::Scalar, "sum in order of f64", 1, 2);
    let divided = finding(Kind::Div, "division by f64", 1, 2);
    let integer = finding(Kind::Div, "integer division, 64 bits", 1, 2);
    let report = finding(Kind::Call, "call of `heat::report`", 1, 2);
    let format = finding(Kind::Alloc, "allocation by `alloc::fmt::format`", 2, 2);
    let zeroed = finding(Kind::Alloc, "allocation by `__rust_alloc_zeroed`", 1, 0);
    BTreeMap::from([
        (4, line([(Baseline, packed(0, 0))])),
        (5, line([(Baseline, packed(0, 0))])),
        (6, line([(Baseline, cell(0, 0.4, &[bounds(1, 1)]))])),
        (7, line([(Baseline, packed(0, 0))])),
        (8, line([(Baseline, cell(0, 1.0, &[bounds(3, 2), scalar]))])),
        (16, line([(V4, packed(2, 0)), (V3, packed(2, 0)), (Baseline, packed(1, 0))])),
        (17, line([(V4, packed(2, 8)), (V3, packed(2, 4)), (Baseline, packed(1, 2))])),
        (22, line([(Baseline, packed(3, 0))])),
        (23, line([(Baseline, packed(3, 0))])),
        (
            24,
            line([
                (V4, cell(3, 0.7, &[exp.clone(), divided.clone()])),
                (Baseline, cell(3, 1.0, &[exp, order, divided])),
            ]),
        ),
        (30, line([(Baseline, cell(4, 0.12, &[zeroed]))])),
        (31, line([(Baseline, packed(4, 0))])),
        (32, line([(Baseline, cell(4, 0.9, &[integer, bounds(1, 2)]))])),
        (33, line([(Baseline, cell(4, 1.0, &[format, report]))])),
        (35, line([(Baseline, packed(4, 0))])),
    ])
}

/// Functions with most kinds of defects, and clean ones, with hints.
pub(crate) fn annotation() -> Annotation {
    let mut annotation = Annotation {
        binary: PathBuf::from("target/release/heat"),
        files: vec![SourceFile {
            path: PathBuf::from("/plate/src/heat.rs"),
            name: "src/heat.rs".to_owned(),
            text: SOURCE.to_owned(),
            lines: lines(),
        }],
        functions: functions(),
    };
    if let Some(line) = annotation.files[0].lines.get_mut(&24) {
        let why = "loop not vectorized: library call cannot be vectorized";
        line.remarks.push(why.to_owned());
    }
    crate::hint::fill(&mut annotation);
    annotation
}

/// An annotation without any file.
pub(crate) fn empty() -> Annotation {
    Annotation { binary: PathBuf::new(), files: Vec::new(), functions: Vec::new() }
}
