//! The gate of the kernels: what the compiler left in the loops of their templates, for AVX2 and AVX-512.

use std::path::{Path, PathBuf};
use std::process::Command;

use tenfold_annotate::{Annotation, Finding, Isa, Kind, Selection, annotate};

use crate::workspace::root;

/// What may stand in an innermost loop, and why: a file of the kernels, and the kind.
const ALLOWED: &[(&str, Kind, &str)] = &[
    ("reduce.rs", Kind::Scalar, "parts of a reduction are merged in order, once a block"),
    ("reduce.rs", Kind::Bounds, "the last elements have so many groups of lanes at most"),
    ("stencil/map.rs", Kind::Alloc, "the rows at the border are freed, once a part"),
];

/// Values that go through the stack are there where more are alive than registers: not a defect of a
/// template, and different from one compiler to the next.
fn is_denied(finding: &Finding) -> bool {
    finding.innermost && finding.kind != Kind::Spill
}

/// One kernel of each template, as a user builds it, with lines.
fn program() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("annotated");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--package", "tenfold-kernel"])
        .args(["--example", "templates", "--config", "profile.release.debug='line-tables-only'"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(root())
        .status();
    assert!(built.unwrap().success(), "the example `templates` does not build");
    target.join("release/examples/templates")
}

fn read(program: &Path, source: &str) -> Annotation {
    let selection = Selection { source: root().join(source), function: None };
    annotate(program, &selection).unwrap()
}

/// The findings of vector code in innermost loops that are not allowed, as lines of text.
fn offences(annotation: &Annotation) -> Vec<String> {
    let mut found = vec![];
    for file in &annotation.files {
        for (number, line) in &file.lines {
            let cells = line.cells.iter().filter(|(isa, _)| **isa != Isa::Baseline);
            for (isa, cell) in cells {
                for finding in cell.findings.iter().filter(|finding| is_denied(finding)) {
                    let is_allowed = |(name, kind, _): &&(&str, Kind, &str)| {
                        file.path.ends_with(name) && *kind == finding.kind
                    };
                    if ALLOWED.iter().find(is_allowed).is_none() {
                        found.push(format!("{}:{number}: {isa:?}: {}", file.name, finding.what));
                    }
                }
            }
        }
    }
    found
}

#[test]
fn loops_of_kernels_are_clean() {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return;
    }
    let program = program();
    let all = read(&program, "crates/kernel/src");
    let found = offences(&all);
    assert!(found.is_empty(), "{}", found.join("\n"));
    // A gate that sees no vector code would let all pass.
    for (isa, lanes) in [(Isa::V3, 4), (Isa::V4, 8)] {
        let of_isa = all.functions.iter().filter(|function| function.isa == isa);
        let wide = of_isa.filter(|f| f.loops.iter().any(|l| l.innermost && l.lanes == lanes));
        assert!(wide.count() >= 3, "{isa:?}: a template is not vectorised");
    }
}

/// Each kernel's own lines, in every variant.
#[test]
fn kernels_are_vectorised_for_each_instruction_set() {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return;
    }
    let own = read(&program(), "crates/kernel/examples/templates.rs");
    assert!(offences(&own).is_empty(), "{:?}", offences(&own));
    let [file] = &own.files[..] else { panic!("one file: {:?}", own.files) };
    for kernel in ["fn saxpy", "fn heat", "fn dot"] {
        let at = file.text.lines().position(|line| line.starts_with(kernel)).unwrap();
        let number = u32::try_from(at).unwrap();
        // The attribute above, the signature and the body.
        let lines: Vec<_> = file.lines.range(number..=number + 2).map(|(_, line)| line).collect();
        for (isa, lanes) in [(Isa::V3, 4), (Isa::V4, 8)] {
            let cells = lines.iter().filter_map(|line| line.cells.get(&isa));
            let most = cells.map(|cell| cell.counts.lanes).max();
            assert_eq!(most, Some(lanes), "{kernel} for {isa:?}");
        }
    }
}
