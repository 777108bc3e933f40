//! What annotating costs: a small program of the planted defects, all of its lines, and what is shown of them.
//! How it grows with the program says `cargo run --release --package tenfold-annotate --example scale`.

use std::path::{Path, PathBuf};
use std::process::Command;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;
use tenfold_annotate::{Annotation, Selection, annotate};

/// A program with line tables, and its source.
struct Program {
    binary: PathBuf,
    source: PathBuf,
    _folder: TempDir,
}

impl Program {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let source = root.join("crates/annotate/tests/planted/indexing.rs");
        let folder = TempDir::new().expect("a folder");
        let binary = folder.path().join("indexing");
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition=2024", "-O", "-Cdebuginfo=line-tables-only", "--cap-lints=allow"]);
        let status = rustc.arg(&source).arg("-o").arg(&binary).status().expect("rustc runs");
        assert!(status.success(), "rustc refuses {}", source.display());
        Self { binary, source, _folder: folder }
    }

    fn annotate(&self) -> Annotation {
        let selection = Selection { source: self.source.clone(), function: None };
        annotate(&self.binary, &selection).expect("it has lines")
    }
}

fn small(criterion: &mut Criterion) {
    let program = Program::new();
    let annotation = program.annotate();
    assert!(annotation.functions.len() > 10 && annotation.to_html().contains("bounds"));
    let bytes = std::fs::metadata(&program.binary).expect("it was linked").len();
    let mut group = criterion.benchmark_group("annotate");
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("program", |bencher| bencher.iter(|| program.annotate()));
    group.finish();
    let mut group = criterion.benchmark_group("annotate/shown");
    group.bench_function("html", |bencher| bencher.iter(|| annotation.to_html()));
    group.bench_function("text", |bencher| bencher.iter(|| annotation.to_text(true)));
    group.bench_function("json", |bencher| bencher.iter(|| annotation.to_json()));
    group.finish();
}

criterion_group!(benches, small);
criterion_main!(benches);
