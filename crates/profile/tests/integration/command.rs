//! The program, as people call it.

#![cfg(all(feature = "cli", target_os = "linux", target_arch = "x86_64"))]

use std::path::PathBuf;
use std::process::{Command, Output};

use tenfold_profile::{Lines, Session, profile, scope};

use crate::{record_with, spin};

fn tenfold_profile(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenfold-profile")).args(args).output().unwrap()
}

fn out(args: &[&str]) -> String {
    let output = tenfold_profile(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn error(args: &[&str], code: i32) -> String {
    let output = tenfold_profile(args);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("command");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn report_of_scopes(name: &str, rank: u64) -> String {
    let report = record_with(Session::builder().rank(rank).program("planted"), || {
        scope!("outer");
        scope!("inner", spin(1000));
    });
    let file = folder().join(name);
    report.write_json(&file).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn lines_are_shown() {
    #[profile(lines)]
    fn shown() -> u64 {
        let sum = spin(1000); // spin
        sum
    }
    let report = record_with(Session::builder().lines(Lines::Time), shown);
    let file = folder().join("lines.json");
    report.write_json(&file).unwrap();
    let text = out(&["stats", file.to_str().unwrap(), "--lines"]);
    assert!(text.contains("let sum = spin(1000); // spin") && !text.contains("ncalls"), "{text}");
    let none = report_of_scopes("no-lines.json", 0);
    assert!(error(&["stats", &none, "--lines"], 1).contains("no-lines.json has no lines: start"));
}

#[test]
fn reports_are_shown_compared_merged_and_converted() {
    let (a, b) = (report_of_scopes("a.json", 0), report_of_scopes("b.json", 1));
    let text = out(&["stats", &a, "--strip", "--sort", "cumulative", "--top", "1", "--callers"]);
    assert!(text.contains("1 of 2 functions") && text.contains("(outer) was called by:"), "{text}");
    assert!(out(&["diff", &a, &b]).contains("inner"));
    assert!(out(&["merge", &a, &b]).contains("2 ranks: load balance n/a"));
    let text = out(&["merge", &a, "--communication", "inner", &b]);
    assert!(text.contains(" %, communication efficiency ") && !text.contains("n/a"), "{text}");
    let (page, document) = (folder().join("ranks.html"), folder().join("ranks.json"));
    let outs = ["--out", page.to_str().unwrap(), "--out", document.to_str().unwrap()];
    out(&[&["merge", &a, &b][..], &outs].concat());
    assert!(std::fs::read_to_string(&page).unwrap().contains("all ranks together"));
    assert!(std::fs::read_to_string(&document).unwrap().contains("tenfold-profile-ranks"));
    let left = folder().join("left");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::copy(&a, left.join("a.json")).unwrap();
    std::fs::write(left.join("b.json"), "{").unwrap();
    let text = out(&["merge", left.to_str().unwrap()]);
    assert!(text.starts_with("1 rank: ") && text.contains("b.json: is cut off"), "{text}");
    for (name, start) in [("x.html", "<!DOCTYPE"), ("x.svg", "<svg"), ("x.speedscope.json", "{\"$")]
    {
        let file = folder().join(name);
        out(&["convert", &a, file.to_str().unwrap()]);
        assert!(std::fs::read_to_string(file).unwrap().starts_with(start), "{name}");
    }
}

#[test]
fn mistakes_are_explained() {
    assert!(error(&[], 2).contains("a command is missing"));
    assert!(error(&["stat"], 2).contains("`stat` is no command"));
    assert!(error(&["stats"], 2).contains("FILE is missing"));
    assert!(error(&["stats", "no such file"], 1).contains("No such file"));
    let a = report_of_scopes("c.json", 0);
    assert!(error(&["stats", &a, "--sort", "speed"], 2).contains("cumulative"));
    assert!(error(&["diff", &a], 2).contains("diff needs two files"));
    assert!(error(&["convert", &a, "x.pdf"], 2).contains("ends in nothing that is known"));
    assert!(error(&["merge", &a, &a], 1).contains("field `rank`: is 0, as in"));
    let text = error(&["merge", &a, "--communication", "send"], 1);
    assert!(text.contains("no rank called a function or scope `send`"), "{text}");
    assert!(error(&["merge"], 2).contains("FILE or FOLDER is missing"));
    assert!(
        error(&["merge", &a, "--out", "x.pdf"], 2).contains("nothing that is known: .html and")
    );
    assert!(error(&["timeit", "false"], 1).contains("false ended with exit status: 1"));
    assert!(error(&["timeit", "--runs", "0", "true"], 2).contains("from 1 to 100000"));
    assert!(error(&["run", "--hz", "0", "true"], 2).contains("from 1 to 10000"));
    assert!(error(&["run"], 2).contains("PROGRAM is missing"));
}

#[test]
fn any_program_can_be_timed() {
    let text = out(&["timeit", "--runs", "3", "true"]);
    assert!(text.contains("per run (min ") && text.trim_end().ends_with("3 runs)"), "{text}");
}

/// Builds what is loaded before programs: not built with the tests, because it is no program.
fn build_preload() {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--offline", "--quiet", "--package", "tenfold-profile", "--all-features"]);
    cargo.args(["--example", "preload"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(cargo.status().unwrap().success());
}

/// Who holds the loader's lock then, and has our thread wait for it for ever.
#[test]
fn a_program_that_ends_while_it_loads_a_library_is_sampled() {
    build_preload();
    let source = "#include <dlfcn.h>
#include <stdlib.h>
#ifdef LIBRARY
__attribute__((constructor)) static void spins(void) {
    volatile double sum = 0;
    for (long i = 0; i < 200000000; i++) sum += 1.0 / (i + 1);
    exit(3);
}
#else
int main(void) { return dlopen(LOADS, RTLD_NOW) == 0; }
#endif
";
    let path = |name: &str| folder().join(name).to_str().unwrap().to_owned();
    let (file, library, program) = (path("ends.c"), path("ends.so"), path("ends"));
    std::fs::write(&file, source).unwrap();
    let compile = |args: &[&str]| {
        let mut cc = Command::new("cc");
        assert!(cc.args(["-O1", &file, "-o"]).args(args).status().unwrap().success());
    };
    compile(&[&library, "-DLIBRARY", "-shared", "-fPIC"]);
    compile(&[&program, &format!("-DLOADS=\"{library}\""), "-ldl"]);
    let output = tenfold_profile(&["run", "--hz", "1000", "--out", &path("ends.html"), &program]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("spins"), "{text}");
}

#[test]
fn a_program_that_knows_nothing_is_sampled() {
    build_preload();
    let page = folder().join("run.html");
    // A busy program that is everywhere.
    let program = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 7";
    let args = ["run", "--hz", "2000", "--out", page.to_str().unwrap(), "sh", "-c", program];
    let output = tenfold_profile(&args);
    // Its exit code is the command's.
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("samples at 2000 Hz") && text.contains("written: "), "{text}");
    assert!(std::fs::read_to_string(page).unwrap().contains("while running"));
    // A child that was ended while it wrote; and nobody else looks into the folder.
    let program = "stat -c mode:%a $TENFOLD_PROFILE_FOLDER; echo '{' > \
                   $TENFOLD_PROFILE_FOLDER/1.json; i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done";
    let prof = folder().join("run.prof");
    let output = tenfold_profile(&["run", "--out", prof.to_str().unwrap(), "sh", "-c", program]);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("mode:700"));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("left out: ") && text.contains("1.json: is cut off"), "{text}");
    assert!(std::fs::read(prof).unwrap().len() > 100);
}
