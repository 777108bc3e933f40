//! Without the feature `record`, annotations leave no trace in the machine code.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Functions with and without annotations. Lines are the same, because panics name them.
const SOURCE: &str = r#"
#![forbid(unsafe_code)]
#![deny(missing_docs)]
//! A library of a user.
USE

ATTRIBUTE
/// Sums.
#[inline(never)]
pub fn sum(x: &[f64]) -> f64 {
    SCOPE
    let total: f64 = x.iter().sum();
    OPEN
    total / x[0]
    CLOSE
}

/// A solver.
#[derive(Debug)]
pub struct Solver(Vec<f64>);

ATTRIBUTE
impl Solver {
    /// Steps.
    #[inline(never)]
    pub fn step(&mut self, by: f64) -> Option<f64> {
        for x in &mut self.0 {
            SAMPLED
            *x += by;
        }
        let first = self.0.first()?;
        Some(first.sqrt())
    }
}

LINES
/// Lines of all kinds.
#[inline(never)]
pub fn lines(list: &mut Vec<u64>, n: usize) -> u64 {
    let mut sum = 0;
    for x in list.iter().map(|x| {
        let y = x ^ 3;
        y * 5
    }) {
        sum += match x % 4 {
            0 => x,
            1 => continue,
            _ => {
                let half = x / 2;
                half
            }
        };
    }
    while let Some(last) = list.pop() {
        if last == 7 {
            return sum;
        } else if last > 9 {
            sum ^= last;
        }
    }
    while sum > 1 << n {
        sum /= 3;
    }
    list.get(n).copied().unwrap_or(sum)
}
"#;

fn annotated() -> String {
    SOURCE
        .replace("USE", "use tenfold_profile::{profile, scope};")
        .replace("ATTRIBUTE", "#[profile]")
        .replace("LINES", "#[profile(lines)]")
        .replace("SCOPE", "scope!(\"sum\");")
        .replace("SAMPLED", "scope!(\"one\", sample = 8);")
        .replace("OPEN", "scope!(\"quotient\",")
        .replace("CLOSE", ")")
}

fn plain() -> String {
    let words = ["USE", "ATTRIBUTE", "LINES", "SCOPE", "SAMPLED", "OPEN", "CLOSE"];
    words.into_iter().fold(SOURCE.to_owned(), |source, word| source.replace(word, ""))
}

/// The package of a user, with this library and these features of ours; gives its assembly.
fn assembly(name: &str, source: &str, features: &str) -> String {
    let here = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = here.join(name);
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), source).unwrap();
    // One name for both: symbols hold it.
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         tenfold-profile = {{ path = {ours:?}, default-features = false{features} }}\n\n\
         [workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(ours.ancestors().nth(2).unwrap().join("Cargo.lock"), folder.join("Cargo.lock"))
        .unwrap();
    let file = folder.join("user.s");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["rustc", "--offline", "--quiet", "--release", "--lib", "--"]);
    cargo.arg("--emit").arg(format!("asm={}", file.display()));
    cargo.args(["-C", "codegen-units=1"]);
    cargo.current_dir(&folder).env("CARGO_TARGET_DIR", here.join("target"));
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(file).unwrap()
}

/// The instructions and the data, without what names the build: symbols' hashes and comments.
fn code(assembly: &str) -> Vec<String> {
    let named = |line: &&str| [".ident", ".file"].iter().any(|name| line.contains(name));
    assembly.lines().filter(|line| !named(line)).map(without_hashes).collect()
}

/// Without runs of 16 and more hexadecimal digits, but for numbers.
fn without_hashes(line: &str) -> String {
    let is_hex = |letter: char| letter.is_ascii_digit() || ('a'..='f').contains(&letter);
    let mut rest = line;
    let mut kept = String::new();
    while let Some(start) = rest.find(is_hex) {
        let (before, run) = rest.split_at(start);
        let (run, after) = run.split_at(run.find(|c| !is_hex(c)).unwrap_or(run.len()));
        kept.push_str(before);
        if run.len() < 16 || before.ends_with('x') {
            kept.push_str(run);
        }
        rest = after;
    }
    kept + rest
}

#[test]
fn without_the_feature_the_machine_code_is_the_same() {
    let annotated = assembly("annotated", &annotated(), "");
    let plain = assembly("plain", &plain(), "");
    assert!(plain.contains("sum") && plain.contains("step"), "{plain}");
    assert_eq!(code(&annotated), code(&plain));
}

#[test]
fn with_the_feature_it_is_not() {
    let on = assembly("recorded", &annotated(), ", features = [\"record\"]");
    let off = assembly("off", &annotated(), "");
    assert_ne!(code(&on), code(&off));
    assert!(on.contains("tenfold_profile") && !off.contains("tenfold_profile"));
}
