//! Where code comes from, what it calls and which loops it is in, however it was built.

use tempfile::TempDir;
use tenfold_annotate::{Annotation, Cell, ErrorKind, Isa, Kind, Selection, annotate};

use crate::program::{PLAIN, Program, compile, read};

fn built(text: &str, flags: &[&str]) -> Annotation {
    let program = Program::of(text, &[&PLAIN[..], flags].concat());
    read(&program.binary, &program.source).unwrap()
}

/// The cells of the line that has this text, which must have code.
fn cells(annotation: &Annotation, text: &str) -> Vec<(Isa, Cell)> {
    let mut all = annotation.files.iter().flat_map(|file| {
        let numbers = (1..).zip(file.text.lines()).filter(|(_, line)| line.contains(text));
        numbers.filter_map(|(number, _)| file.lines.get(&number))
    });
    let line = all.next().unwrap_or_else(|| panic!("`{text}` has no code"));
    assert!(all.next().is_none(), "`{text}` stands in several lines");
    line.cells.iter().map(|(isa, cell)| (*isa, cell.clone())).collect()
}

fn cell(annotation: &Annotation, text: &str) -> Cell {
    let mut all = cells(annotation, text);
    assert_eq!(all.len(), 1, "`{text}` has several variants");
    all.remove(0).1
}

const WAVES: &str = "\
#[inline(never)]
pub fn waves(v: &mut [f64]) {
    for x in v {
        *x = x.exp() + x.sin();
    }
}

fn main() {
    let mut v = vec![0.5; std::env::args().count()];
    waves(&mut v);
    println!(\"{v:?}\");
}
";

/// Both functions are called through registers that are loaded before the loop.
#[test]
fn functions_of_the_c_library_are_named_however_they_are_linked() {
    let ways: [&[&str]; 5] = [
        &[],
        &["-Crelocation-model=static"],
        &["-Ctarget-feature=+crt-static"],
        &["-Ctarget-feature=+crt-static", "-Crelocation-model=pie"],
        &["-Crelro-level=off", "-Csymbol-mangling-version=v0"],
    ];
    for flags in ways {
        let cell = cell(&built(WAVES, flags), "x.sin()");
        let mut names: Vec<_> = cell
            .findings
            .iter()
            .filter(|f| f.kind == Kind::Call && f.innermost && f.depth == 1)
            .map(|f| f.callee.as_deref().unwrap_or("?"))
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["exp", "sin"], "{flags:?}");
        let texts = cell.assembly.iter().map(|i| i.text.as_str());
        assert!(texts.into_iter().any(|text| text == "call exp"), "{flags:?}");
    }
}

#[test]
fn debug_information_of_every_kind_is_read() {
    let expected = cell(&built(WAVES, &[]), "x.sin()").counts;
    assert!(expected.calls >= 2);
    let ways: [&[&str]; 4] = [
        &["-Cdwarf-version=5"],
        &["-Cdebuginfo=full"],
        &["-Clink-arg=-Wl,--compress-debug-sections=zlib"],
        &["-Ccodegen-units=1"],
    ];
    for flags in ways {
        assert_eq!(cell(&built(WAVES, flags), "x.sin()").counts, expected, "{flags:?}");
    }
}

/// The paths of a build elsewhere end as those here do.
#[test]
fn paths_of_another_build_are_matched_by_their_ends() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("waves");
    std::fs::create_dir(&inner).unwrap();
    let source = inner.join("main.rs");
    std::fs::write(&source, WAVES).unwrap();
    let remap = format!("--remap-path-prefix={}=/elsewhere", folder.path().display());
    let binary = compile(&source, folder.path(), &[&PLAIN[..], &[&remap]].concat());
    for selected in [&source, &inner] {
        let annotation = read(&binary, selected).unwrap();
        assert_eq!(annotation.files.len(), 1);
        assert_eq!(annotation.files[0].path, source.canonicalize().unwrap());
        assert!(cell(&annotation, "x.sin()").counts.calls >= 2);
    }
    let other = folder.path().join("main.rs");
    std::fs::write(&other, WAVES).unwrap();
    let error = read(&binary, &other).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCode, "{error}");
}

#[test]
fn split_debug_information_is_refused() {
    let program = Program::of(WAVES, &["-O", "-Cdebuginfo=full", "-Csplit-debuginfo=unpacked"]);
    let error = read(&program.binary, &program.source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DebugInfo, "{error}");
    assert!(error.to_string().contains("split-debuginfo=\"off\""), "{error}");
}

const VARIANTS: &str = "\
#[inline(always)]
fn body(v: &mut [f64]) {
    for x in v {
        *x = *x * 3.0 + 1.0;
    }
}

#[inline(never)]
pub fn plain(v: &mut [f64]) { body(v) }

#[inline(never)]
#[target_feature(enable = \"avx2,fma\")]
pub fn wider(v: &mut [f64]) { body(v) }

#[inline(never)]
#[target_feature(enable = \"avx512f\")]
pub fn widest(v: &mut [f64]) { body(v) }

fn main() {
    let mut v = vec![0.5; std::env::args().count()];
    plain(&mut v);
    std::hint::black_box([wider as *const (), widest as *const ()]);
    println!(\"{v:?}\");
}
";

#[test]
fn instruction_sets_are_told_apart() {
    let annotation = built(VARIANTS, &[]);
    let cells = cells(&annotation, "* 3.0 + 1.0");
    let lanes: Vec<_> = cells.iter().map(|(isa, cell)| (*isa, cell.counts.lanes)).collect();
    assert_eq!(lanes, [(Isa::Baseline, 2), (Isa::V3, 4), (Isa::V4, 8)]);
    for (isa, cell) in &cells {
        // The rest of the vectorised loop is scalar, and no defect.
        assert!(cell.counts.scalar > 0, "{isa:?}");
        assert!(cell.findings.is_empty(), "{isa:?}: {:?}", cell.findings);
        assert!(cell.weight == 0.0, "{isa:?}");
    }
    let summary = |name: &str| {
        let mut all = annotation.functions.iter().filter(|f| f.name == name);
        all.next().map(|f| (f.isa, f.summary.clone())).unwrap()
    };
    assert_eq!(summary("main::plain"), (Isa::Baseline, "vectorised 2 x f64 (baseline)".into()));
    assert_eq!(summary("main::wider"), (Isa::V3, "vectorised 4 x f64 (v3)".into()));
    assert_eq!(summary("main::widest"), (Isa::V4, "vectorised 8 x f64 (v4)".into()));
}

const STEPS: &str = "\
#[inline(never)]
pub fn steps(codes: &[u8], v: &mut [f64]) {
    for (code, x) in codes.iter().zip(v) {
        match code {
            0 => *x += 1.5,
            1 => *x *= 2.5,
            2 => *x = x.exp(),
            3 => *x = x.sqrt(),
            4 => *x -= 4.5,
            5 => *x /= 3.5,
            _ => {}
        }
    }
}

fn main() {
    let codes: Vec<u8> = std::env::args().map(|a| a.len() as u8).collect();
    let mut v = vec![0.5; codes.len()];
    steps(&codes, &mut v);
    println!(\"{v:?}\");
}
";

/// `match` jumps by a table: its arms belong to the loop all the same.
#[test]
fn jumps_by_a_table_are_followed() {
    for flags in [&[][..], &["-Crelocation-model=static"]] {
        let annotation = built(STEPS, flags);
        let steps = annotation.functions.iter().find(|f| f.name == "main::steps").unwrap();
        assert_eq!(steps.loops.len(), 1, "{:?}", steps.loops);
        for arm in ["1.5", "2.5", "exp()", "sqrt()", "4.5", "3.5"] {
            let cell = cell(&annotation, arm);
            assert!(cell.assembly.iter().all(|i| i.depth == 1), "{arm}: {:?}", cell.assembly);
            assert!(cell.findings.iter().all(|f| f.depth == 1 && f.innermost), "{arm}");
            assert!(!cell.findings.is_empty(), "{arm}");
        }
    }
}

const ROWS: &str = "\
#[inline(never)]
pub fn product(m: &[f64], v: &[f64], out: &mut [f64], n: usize) {
    for i in 0..n {
        let row = &m[i * n..][..n];
        let mut total = 0.0;
        for (m, v) in row.iter().zip(v) {
            total += m * v;
        }
        out[i] = total;
    }
}

fn main() {
    let n = std::env::args().count();
    let (m, v, mut out) = (vec![0.5; n * n], vec![1.5; n], vec![0.0; n]);
    product(&m, &v, &mut out, n);
    println!(\"{out:?}\");
}
";

#[test]
fn what_stands_outside_of_the_inner_loop_is_paler() {
    let annotation = built(ROWS, &[]);
    let (row, out) = (cell(&annotation, "let row"), cell(&annotation, "out[i]"));
    let sum = cell(&annotation, "total +=");
    for cell in [&row, &out] {
        assert!(cell.findings.iter().all(|f| f.kind == Kind::Bounds && f.depth == 1));
        assert!(cell.findings.iter().all(|f| !f.innermost), "{:?}", cell.findings);
        assert!(cell.weight > 0.0 && cell.weight < 0.5 * sum.weight, "{}", cell.weight);
    }
    assert!(sum.findings.iter().any(|f| f.what == "sum in order of f64" && f.depth == 2));
    assert!((sum.weight - 1.0).abs() < 1e-12);
    let product = annotation.functions.iter().find(|f| f.name == "main::product").unwrap();
    let outer = product.loops.iter().find(|l| l.depth == 1 && !l.innermost).unwrap();
    let inner = product.loops.iter().find(|l| l.depth == 2).unwrap();
    assert_eq!(outer.line, Some((0, 3)));
    assert!(inner.innermost && inner.line == Some((0, 6)), "{inner:?}");
    assert!(inner.counts.scalar > 0 && outer.counts.bounds >= 2);
}

#[test]
fn code_that_was_inlined_elsewhere_belongs_to_its_own_file() {
    let folder = TempDir::new().unwrap();
    let (main, part) = (folder.path().join("main.rs"), folder.path().join("part.rs"));
    let text = "pub fn root(v: &mut [f64]) {\n    v.iter_mut().for_each(|x| *x = x.sqrt());\n}\n";
    std::fs::write(&part, text).unwrap();
    let text = "mod part;\nfn main() {\n    let mut v = vec![2.0; std::env::args().count()];\n    \
                part::root(&mut v);\n    println!(\"{v:?}\");\n}\n";
    std::fs::write(&main, text).unwrap();
    let binary = compile(&main, folder.path(), &PLAIN);
    let of = |source: &std::path::Path| read(&binary, source).unwrap();
    // Of one file, what the other does on its behalf is its call's.
    assert!(cell(&of(&part), "x.sqrt()").counts.float_divisions > 0);
    assert!(cell(&of(&main), "part::root").counts.float_divisions > 0);
    let both = of(folder.path());
    assert_eq!(both.files.len(), 2);
    assert!(cell(&both, "x.sqrt()").counts.float_divisions > 0);
    assert!(both.functions.iter().all(|f| f.file < 2 && f.name == "main::main"));
}

/// Of a function that nothing was inlined into, line tables have rows only.
#[test]
fn functions_without_inlined_code_are_found() {
    let text = "\
#[inline(never)]
pub fn pick(v: &[f64], i: usize) -> f64 {
    v[i]
}

fn main() {
    println!(\"{}\", pick(&[1.0, 2.0], std::env::args().count()));
}
";
    let cell = cell(&built(text, &[]), "v[i]");
    assert_eq!(cell.counts.bounds, 1);
    assert!(cell.findings.iter().any(|f| f.kind == Kind::Bounds && f.depth == 0));
    assert!(cell.weight > 0.0 && cell.weight < 0.2);
}

#[test]
fn a_part_of_the_name_chooses_functions() {
    let program = Program::of(VARIANTS, &PLAIN);
    let selection =
        Selection { source: program.source.clone(), function: Some("::wide".to_owned()) };
    let annotation = annotate(&program.binary, &selection).unwrap();
    let names: Vec<_> = annotation.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["main::wider", "main::widest"]);
    let cells = cells(&annotation, "* 3.0 + 1.0");
    assert_eq!(cells.iter().map(|(isa, _)| *isa).collect::<Vec<_>>(), [Isa::V3, Isa::V4]);
    let functions = cells.iter().flat_map(|(_, cell)| cell.assembly.iter().map(|i| i.function));
    assert!(functions.into_iter().all(|f| f < 2));
}

const WAITS: &str = "\
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

struct Tick(usize);

impl Future for Tick {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        Poll::Pending
    }
}

async fn waits(v: Vec<f64>, at: Vec<usize>) -> f64 {
    let mut sum = 0.0;
    for i in at {
        sum += v[i];
        Tick(1).await;
    }
    sum
}

fn main() {
    let n = std::env::args().count();
    let mut future = Box::pin(waits(vec![1.0; n], vec![0; n]));
    while future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}
";

/// All of the loop is inlined into `main`: what drops the future is not the function that was asked
/// for, and clean.
#[test]
fn what_drops_a_value_of_a_function_is_not_that_function() {
    let program = Program::of(WAITS, &PLAIN);
    let dropped = |name: &str| name.starts_with("core::ptr::drop_in_place");
    assert!(
        read(&program.binary, &program.source).unwrap().functions.iter().any(|f| dropped(&f.name))
    );
    let selection = Selection { source: program.source.clone(), function: Some("waits".into()) };
    let error = annotate(&program.binary, &selection).expect_err("nothing has that name");
    assert_eq!(error.kind(), ErrorKind::NoCode, "{error}");
}

#[test]
fn the_same_program_gives_the_same_annotation() {
    let program = Program::of(STEPS, &PLAIN);
    let once = || format!("{:?}", read(&program.binary, &program.source).unwrap());
    assert_eq!(once(), once());
}

/// A debug build is slow everywhere, and understood all the same.
#[test]
fn code_without_optimisation_is_read() {
    let annotation = built(ROWS, &["-Copt-level=0"]);
    let sum = cell(&annotation, "total +=");
    assert!(sum.findings.iter().any(|f| f.kind == Kind::Scalar && f.depth == 2), "{sum:?}");
    let out = cell(&annotation, "out[i]");
    assert!(out.findings.iter().any(|f| f.kind == Kind::Bounds && !f.innermost), "{out:?}");
}

#[test]
fn the_heaviest_finding_comes_first() {
    let text = "\
#[inline(never)]
pub fn first(v: &[f64], i: usize, out: &mut f64) {
    *out = v[i].exp() / v[i + 1];
}

fn main() {
    let mut out = 0.0;
    let v: Vec<f64> = std::env::args().map(|a| a.len() as f64).collect();
    first(&v, v.len(), &mut out);
    println!(\"{out}\");
}
";
    let cell = cell(&built(text, &[]), "v[i].exp()");
    let kinds: Vec<_> = cell.findings.iter().map(|f| f.kind).collect();
    assert_eq!(kinds, [Kind::Call, Kind::Bounds, Kind::Div], "{:?}", cell.findings);
}

#[test]
fn a_source_that_changed_since_is_refused() {
    let program = Program::of(WAVES, &PLAIN);
    std::fs::write(&program.source, "fn main() {}\n").unwrap();
    let error = read(&program.binary, &program.source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Read, "{error}");
    assert!(error.to_string().contains("ends at line 1,"), "{error}");
}

#[test]
fn a_source_must_be_chosen() {
    let program = Program::of(WAVES, &PLAIN);
    let error = annotate(&program.binary, &Selection::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
}

/// A line is no remainder of another loop that stands on it.
#[test]
fn two_loops_on_one_line_are_two() {
    let text = "\
#[inline(never)]
pub fn both(a: &mut [f64], b: &[f64]) -> f64 {
    let mut s = 0.5;
    for x in a { *x *= 2.0; } for x in b { s = s * 1.5 + x; }
    s
}

fn main() {
    let mut a: Vec<f64> = std::env::args().map(|a| a.len() as f64).collect();
    let b = a.clone();
    println!(\"{} {a:?}\", both(&mut a, &b));
}
";
    let cell = cell(&built(text, &[]), "1.5");
    assert!(cell.counts.packed > 0);
    assert!(cell.findings.iter().any(|f| f.what == "sum in order of f64"), "{cell:?}");
}

const MACHINE: &str = "\
#[derive(Clone, Copy)]
enum State { Out, In }

#[inline(never)]
fn machine(bytes: &[u8], table: &[u32]) -> u32 {
    let (mut state, mut sum) = (State::Out, 0);
    for &byte in bytes {
        match (state, byte) {
            (State::Out, b'x') => {
                sum += table[byte as usize & 31];
                state = State::In;
            }
            (State::In, b'y') => state = State::Out,
            _ => {}
        }
    }
    sum
}

fn main() {
    let table: Vec<u32> = (0..std::env::args().count() as u32).collect();
    println!(\"{}\", machine(std::env::args().next().unwrap().as_bytes(), &table));
}
";

/// The loop is split by its state, and the branch then has the line of the match.
#[test]
fn a_bounds_check_is_on_the_line_of_the_index() {
    let annotation = built(MACHINE, &[]);
    let index = cell(&annotation, "sum += table");
    assert!(index.findings.iter().any(|f| f.kind == Kind::Bounds && f.innermost), "{index:?}");
    assert!(index.counts.bounds > 0);
    let others = cells(&annotation, "match (state, byte)");
    assert!(others.iter().all(|(_, cell)| cell.counts.bounds == 0), "{others:?}");
}
