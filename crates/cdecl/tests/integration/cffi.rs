//! CFFI's own tests: what it accepts is accepted and lies in memory as CFFI says; what it rejects is
//! rejected, with a place.

use std::path::{Path, PathBuf};
use std::process::Command;

use tenfold_cdecl::{Options, Target, Unit};

use crate::compiler;

/// No C, which CFFI's tests declare to see that every use is refused. Here the declaration is.
const REFUSED_IN_USE: &[&str] = &[
    "struct s1 { float x:1; };",
    "struct s2 { char x:0; };",
    "struct s3 { char x:9; };",
    "struct a { struct b b; };",
    "struct a { struct b b[2]; };",
    "struct a { struct b b[]; };",
];

const VERSION: &str = "cffi==2.0.0";

fn python() -> Command {
    Command::new("python3")
}

fn succeed(command: &mut Command) -> Vec<u8> {
    let output = compiler::run(command);
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A folder with CFFI installed in `installed`, and its sources beside.
fn fetched() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cffi");
    let sources = folder.join("cffi-2.0.0").join("testing");
    if !sources.is_dir() {
        std::fs::create_dir_all(&folder).unwrap();
        let pip = |words: &[&str]| {
            let mut command = python();
            command.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]).args(words);
            succeed(command.arg(VERSION).current_dir(&folder));
        };
        pip(&["install", "--target", "installed"]);
        pip(&["download", "--no-deps", "--no-binary", ":all:"]);
        succeed(python().args(["-m", "tarfile", "-e", "cffi-2.0.0.tar.gz"]).current_dir(&folder));
    }
    folder
}

struct Case {
    is_accepted: bool,
    place: String,
    pack: u64,
    text: String,
    layouts: Vec<String>,
}

fn corpus() -> Vec<Case> {
    let folder = fetched();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cffi/corpus.py");
    let mut command = python();
    command.env("PYTHONPATH", folder.join("installed"));
    let output = succeed(command.arg(script).arg(folder.join("cffi-2.0.0/testing")));
    let output = String::from_utf8(output).unwrap();
    let cases = output.split_terminator('\x1e').map(|case| {
        let parts: Vec<&str> = case.split('\x1f').collect();
        Case {
            is_accepted: parts[0] == "accepted",
            place: parts[1].to_owned(),
            pack: parts[2].parse().unwrap(),
            text: parts[3].to_owned(),
            layouts: parts[4].lines().map(str::to_owned).collect(),
        }
    });
    cases.collect()
}

/// What we say of a type, in CFFI's words.
fn ours(unit: &mut Unit, theirs: &str) -> Option<String> {
    let name = theirs.split('\t').next().unwrap();
    let ty = unit.parse_type(name).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    let layout = unit.layout(ty).ok()?;
    let mut line = format!("{name}\t{}\t{}", layout.size(), layout.alignment());
    for field in theirs.split('\t').skip(3) {
        let name = field.split('@').next().unwrap();
        let member = unit.member(ty, name).ok().filter(|_| !name.is_empty());
        // An anonymous member has no name, and CFFI says where it begins.
        let Some(member) = member else {
            line += &format!("\t{field}");
            continue;
        };
        let first = member.bit_offset.unwrap();
        line += &match member.width {
            None => format!("\t{name}@{}", first / 8),
            Some(width) => {
                // CFFI counts from the unit that holds the field.
                let size = unit.layout(member.ty).unwrap().size() * 8;
                format!("\t{name}@{}+{}:{width}", first / size * size / 8, first % size)
            }
        };
    }
    Some(line)
}

#[test]
#[ignore = "long: fetches CFFI and its sources, which needs pip"]
fn what_cffi_accepts_is_accepted_and_what_it_rejects_is_rejected() {
    let (mut faults, mut counts) = (Vec::new(), [0_usize; 3]);
    for case in corpus() {
        let mut options = Options::new().target(Target::X86_64);
        if case.pack > 0 {
            options = options.pack(case.pack);
        }
        let is_accepted = case.is_accepted && !REFUSED_IN_USE.contains(&case.text.trim());
        match (options.parse(&case.text), is_accepted) {
            (Ok(mut unit), true) => {
                counts[0] += 1;
                for theirs in &case.layouts {
                    let Some(line) = ours(&mut unit, theirs) else { continue };
                    counts[2] += 1;
                    if line != *theirs {
                        faults.push(format!("{}: {theirs}, not {line}", case.place));
                    }
                }
            }
            (Err(error), true) => faults.push(format!("{}: {error:#}", case.place)),
            (Ok(_), false) => faults.push(format!("{} is accepted: {}", case.place, case.text)),
            (Err(error), false) => {
                counts[1] += 1;
                assert!(error.line() > 0 && error.column() > 0, "{error}");
            }
        }
    }
    let [accepted, rejected, layouts] = counts;
    println!(
        "{accepted} accepted, {rejected} rejected, {layouts} layouts, {} faults",
        faults.len()
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(accepted > 400 && rejected >= 20 && layouts > 150, "{counts:?}");
}
