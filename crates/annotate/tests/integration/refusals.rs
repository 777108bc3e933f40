//! Where there is nothing to annotate, the error says what is missing, and what to do about it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use object::read::elf::ElfFile64;
use object::{LittleEndian, Object as _, ObjectSection as _, ObjectSymbol as _};
use tenfold_annotate::{Annotation, Error, ErrorKind, Selection, annotate};

use crate::program::{PLAIN, Program, read};

const TEXT: &str = "\
use std::hint::black_box;

#[inline(never)]
pub fn total(v: &[f64]) -> f64 {
    v.iter().sum()
}

pub fn generic<T: Copy>(v: &[T], i: usize) -> T {
    v[i]
}

fn main() {
    println!(\"{}\", total(black_box(&[1.0, 2.0])));
}
";

/// The error, which must be of that kind and name these things.
#[track_caller]
fn refused(result: Result<Annotation, Error>, kind: ErrorKind, named: &[&str]) -> String {
    let error = result.expect_err("there is nothing to annotate");
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    for name in named {
        assert!(text.contains(name), "`{name}` is not named: {text}");
    }
    assert!(!text.ends_with('.') && !text.contains('\n'), "{text}");
    text
}

/// The program with some of its bytes changed.
fn patched(program: &Program, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = fs::read(&program.binary).unwrap();
    change(&mut bytes);
    let path = program.folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Numbers without rhyme, the same every time.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn what_is_no_program() {
    let program = Program::of(TEXT, &PLAIN);
    let folder = program.folder.path();
    refused(read(&folder.join("none"), &program.source), ErrorKind::Read, &["none"]);
    refused(read(folder, &program.source), ErrorKind::Read, &[&*folder.to_string_lossy()]);
    let empty = patched(&program, "empty", Vec::clear);
    refused(read(&empty, &program.source), ErrorKind::Format, &["empty"]);
    refused(read(&program.source, &program.source), ErrorKind::Format, &["main.rs", "ELF"]);
    let image =
        patched(&program, "image", |bytes| bytes[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n"));
    refused(read(&image, &program.source), ErrorKind::Format, &["image", "ELF"]);
}

#[test]
fn other_machines() {
    let program = Program::of(TEXT, &PLAIN);
    let arm = patched(&program, "arm", |bytes| bytes[18..20].copy_from_slice(&[183, 0]));
    refused(read(&arm, &program.source), ErrorKind::Format, &["arm", "x86-64", "aarch64"]);
    let risc = patched(&program, "risc", |bytes| bytes[18..20].copy_from_slice(&[243, 0]));
    refused(read(&risc, &program.source), ErrorKind::Format, &["risc", "x86-64"]);
    let unknown = patched(&program, "odd", |bytes| bytes[18..20].copy_from_slice(&[0xfe, 0xca]));
    refused(read(&unknown, &program.source), ErrorKind::Format, &["odd", "x86-64"]);
    let short = patched(&program, "short", |bytes| bytes[4] = 1);
    refused(read(&short, &program.source), ErrorKind::Format, &["short"]);
    let big = patched(&program, "big", |bytes| bytes[5] = 2);
    refused(read(&big, &program.source), ErrorKind::Format, &["big"]);
}

#[test]
fn truncated() {
    let program = Program::of(TEXT, &PLAIN);
    let length = fs::metadata(&program.binary).unwrap().len();
    let mut state = 0x1234_5678_9abc_def1;
    let cuts = [1, 4, 16, 63, 64, 65, 4096, length / 2, length - 4096, length - 1];
    let random_cuts = std::iter::repeat_with(|| random(&mut state) % length).take(20);
    for cut in cuts.into_iter().chain(random_cuts) {
        let path = patched(&program, "cut", |bytes| bytes.truncate(usize::try_from(cut).unwrap()));
        let error = read(&path, &program.source).expect_err("the section headers are at the end");
        assert_eq!(error.kind(), ErrorKind::Format, "at {cut}: {error}");
        assert!(error.to_string().contains("cut"), "at {cut}: {error}");
    }
}

/// Whatever is damaged: an error or an annotation, and no panic.
#[test]
fn damaged() {
    let program = Program::of(TEXT, &[&PLAIN[..], &["-Cstrip=none"]].concat());
    let length = fs::metadata(&program.binary).unwrap().len();
    let mut state = 0x0fed_cba9_8765_4321;
    for round in 0..40_u64 {
        let path = patched(&program, "damaged", |bytes| {
            // Headers at first, then sections, then the table of sections.
            let (start, span) = match round % 4 {
                0 => (16, 1000),
                1 => (0, length),
                2 => (length / 2, length / 2),
                _ => (length - 4096, 4096),
            };
            for _ in 0..1 << (round % 8) {
                let at = start + random(&mut state) % span;
                bytes[usize::try_from(at).unwrap()] = random(&mut state).to_le_bytes()[0];
            }
        });
        let _ = read(&path, &program.source);
    }
}

#[test]
fn without_debug_information() {
    let bare = Program::of(TEXT, &["-O", "-Cdebuginfo=0"]);
    let said = refused(read(&bare.binary, &bare.source), ErrorKind::DebugInfo, &["main"]);
    assert!(said.contains("line-tables-only"), "{said}");
    let stripped = Program::of(TEXT, &[&PLAIN[..], &["-Cstrip=symbols"]].concat());
    refused(read(&stripped.binary, &stripped.source), ErrorKind::DebugInfo, &["strip"]);
    let no_lines = Program::of(TEXT, &[&PLAIN[..], &["-Cstrip=debuginfo"]].concat());
    refused(read(&no_lines.binary, &no_lines.source), ErrorKind::DebugInfo, &[]);
    let directives = Program::of(TEXT, &["-O", "-Cdebuginfo=line-directives-only"]);
    let result = read(&directives.binary, &directives.source);
    refused(result, ErrorKind::DebugInfo, &["line-tables-only"]);
}

#[test]
fn without_code_of_the_source() {
    let program = Program::of(TEXT, &PLAIN);
    let other = program.folder.path().join("other.rs");
    fs::write(&other, "pub fn other() {}\n").unwrap();
    refused(read(&program.binary, &other), ErrorKind::NoCode, &["other.rs"]);
    let missing = program.folder.path().join("missing.rs");
    let error = read(&program.binary, &missing).unwrap_err();
    assert!(error.to_string().contains("missing.rs"), "{error}");
    let empty = program.folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    refused(read(&program.binary, &empty), ErrorKind::NoCode, &["empty"]);

    let selection =
        |name: &str| Selection { source: program.source.clone(), function: Some(name.to_owned()) };
    let result = annotate(&program.binary, &selection("never_written"));
    refused(result, ErrorKind::NoCode, &["never_written"]);
    // Generic, and nobody uses it: there is no code.
    let result = annotate(&program.binary, &selection("generic"));
    refused(result, ErrorKind::NoCode, &["generic"]);
    assert!(annotate(&program.binary, &selection("total")).is_ok());
}

#[test]
fn a_library_of_generics_that_nobody_uses() {
    let folder = tempfile::TempDir::new().unwrap();
    let unused = folder.path().join("unused.rs");
    let text = "pub const SIZE: usize = 3;\npub fn f<T: Copy>(v: &[T]) -> T { v[0] }\n";
    fs::write(&unused, text).unwrap();
    let main = folder.path().join("main.rs");
    fs::write(&main, "mod unused;\nfn main() { println!(\"{}\", unused::SIZE); }\n").unwrap();
    let binary = crate::program::compile(&main, folder.path(), &PLAIN);
    let said = refused(read(&binary, &unused), ErrorKind::NoCode, &["unused.rs"]);
    assert!(said.contains("generic"), "{said}");
}

#[test]
fn an_object_is_no_program() {
    let program = Program::of(TEXT, &PLAIN);
    let object = program.folder.path().join("main.o");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024", "--emit=obj"]).args(PLAIN).arg("-o").arg(&object);
    assert!(rustc.arg(&program.source).status().unwrap().success());
    refused(read(&object, &program.source), ErrorKind::Format, &["main.o", "link"]);
}

/// A function without a name would leave its lines white.
#[test]
fn a_function_that_lost_its_name() {
    let program = Program::of(TEXT, &PLAIN);
    let mut data = fs::read(&program.binary).unwrap();
    let entry = {
        let elf = ElfFile64::<LittleEndian>::parse(&*data).unwrap();
        let named = |name: &str| name.contains("total");
        let index = elf.symbols().find(|s| s.name().is_ok_and(named)).unwrap().index().0;
        let table = elf.section_by_name(".symtab").unwrap().file_range().unwrap().0;
        usize::try_from(table).unwrap() + index * 24
    };
    // Its kind is none now, as if it were no function.
    data[entry + 4] &= 0xf0;
    let binary = program.folder.path().join("nameless");
    fs::write(&binary, data).unwrap();
    refused(
        read(&binary, &program.source),
        ErrorKind::DebugInfo,
        &["main.rs:5", "stripped in part"],
    );
}
