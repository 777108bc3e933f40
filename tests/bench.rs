//! The bench as a user runs it: its documents, its exit codes, its complaints. Ladders with planted
//! faults show that the harness finds them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::workspace::{programs, xtask};

/// A folder of one test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = format!("tenfold-bench-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A bench that uses a ladder which is built already, and writes here.
    fn bench(&self, ladder: &str, args: &[&str]) -> Command {
        let mut bench = xtask();
        bench.args(["bench", "--ladder"]).arg(program(ladder)).args(args);
        bench.env("CARGO_TARGET_DIR", &self.0);
        bench
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A ladder program, built as the tests are. All are built at once, the first time.
fn program(name: &str) -> PathBuf {
    static PROGRAMS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    let programs = PROGRAMS
        .get_or_init(|| programs(&["--package", "tenfold-benches", "--all-features", "--bins"]));
    programs.iter().find(|path| path.file_stem().unwrap() == name).unwrap().clone()
}

fn document(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}\n{}", String::from_utf8_lossy(&output.stderr))
    })
}

fn rung<'a>(document: &'a Value, name: &str) -> &'a Value {
    let rungs = document["workloads"][0]["rungs"].as_array().unwrap();
    rungs.iter().find(|rung| rung["name"] == name).unwrap()
}

#[test]
fn a_wrong_rung_ends_with_4_and_is_not_timed() {
    let folder = Folder::new("wrong");
    let args = ["--size", "s", "--time", "3s", "--format", "json"];
    let output = folder.bench("planted-wrong", &args).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let document = document(&output);
    assert_eq!(document["status"], "wrong");
    for (name, reason) in [
        ("off", "error 9.99"),
        ("nan", "is NaN where naive has"),
        ("short", "4032 values where naive has 4096"),
        ("panics", "it panicked: planted"),
    ] {
        let rung = rung(&document, name);
        assert_eq!(rung["status"], "wrong", "{name}");
        assert_eq!(rung["checked"], false, "{name}");
        assert_eq!(rung["samples"], 0, "{name} was timed");
        assert!(rung["best_ns_per_op"].is_null() && rung["cpu_ns_per_op"].is_null(), "{name}");
        assert!(rung["reason"].as_str().unwrap().contains(reason), "{name}: {}", rung["reason"]);
    }
    let right = rung(&document, "right");
    assert_eq!(right["checked"], true);
    assert!(right["samples"].as_u64() > Some(0), "a right rung beside wrong ones is timed");
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn a_profile_shows_where_the_time_of_each_rung_goes() {
    let folder = Folder::new("profile");
    let args = ["heat", "--profile", "--size", "s", "--time", "4s", "--threads", "2"];
    let output = folder.bench("ladder", &args).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}{complaint}");
    let pages: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("page: ")).collect();
    let profiles = text.matches(" samples at 1000 Hz, of ").count();
    assert!(profiles == pages.len() && profiles >= 5, "{text}");
    // A rung that was seldom seen running has no functions to show.
    assert!(text.contains("of self time, by samples"), "{text}");
    assert!(text.contains(", naive\n") && text.contains(", threads on 2 threads\n"), "{text}");
    assert!(text.contains("naive::evolve") && text.contains("note: "), "{text}");
    for page in pages {
        assert!(page.starts_with(folder.0.join("tenfold/profile").to_str().unwrap()), "{page}");
        let page = fs::read_to_string(page).unwrap();
        assert!(page.contains("where the time goes") && page.contains("while running"));
    }
    assert!(!folder.0.join("tenfold/bench.json").exists(), "a profile is no measurement");
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn a_wrong_rung_has_no_profile() {
    let folder = Folder::new("wrong-profile");
    let args = ["--profile", "--size", "s", "--time", "1s"];
    let output = folder.bench("planted-wrong", &args).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("off: ") && text.contains("panics: it panicked: planted"), "{text}");
    assert_eq!(text.matches("page: ").count(), 2, "naive and right: {text}");
}

#[test]
fn a_field_from_a_file_is_computed_drawn_and_reported() {
    let folder = Folder::new("input");
    let value = |i: usize| 20.0 + ((i * 7919) % 751) as f64 / 10.0;
    let rows = (0..30).map(|r| (0..40).map(|c| format!("{:.6} ", value(r * 40 + c))).collect());
    let field =
        folder.file("field.dat", &format!("# 30 40\n{}", rows.collect::<Vec<String>>().join("\n")));
    let input = format!("heat={field}");
    let args = ["heat", "--input", &input, "--time", "2s", "--format", "json"];
    let output = folder.bench("ladder", &args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document = document(&output);
    assert_eq!(document["workloads"][0]["label"], "30x40, 200 steps");
    for name in ["tuned", "threads"] {
        let rung = rung(&document, name);
        assert_eq!(rung["checked"], true);
        assert!(rung["max_error"].as_f64().unwrap() <= 1e-9, "{}", rung["max_error"]);
    }
    let picture = document["workloads"][0]["picture"].as_str().unwrap();
    let png = fs::read(folder.0.join("tenfold").join(picture)).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    report_is_one_small_page(&folder.0.join("tenfold/report.html"));
}

fn report_is_one_small_page(path: &Path) {
    let page = fs::read_to_string(path).unwrap();
    assert!(page.len() <= 300_000, "{} bytes", page.len());
    for outside in ["<script", "src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!page.contains(outside), "the report holds {outside}");
    }
    assert!(page.contains("data:image/png;base64,") && page.contains("Code of tuned"));
}

#[test]
fn a_malformed_file_is_named_with_line_and_column() {
    let folder = Folder::new("malformed");
    let bad = folder.file("bad.dat", "# 3 3\n1 2 3\n4 five 6\n7 8 9\n");
    let absent = folder.0.join("absent.dat").to_str().unwrap().to_owned();
    let short = folder.file("short.dat", "# 3 3\n1 2 3\n");
    let cases = [
        (&bad, format!("{bad}:3:3: expected a finite number, found \"five\"")),
        (&absent, format!("{absent}: cannot read it")),
        (&short, format!("{short}:2:6: ends after 3 of 9 numbers (3x3)")),
    ];
    for (file, expected) in cases {
        let input = format!("heat={file}");
        let output = folder.bench("ladder", &["heat", "--input", &input]).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(complaint.contains(&expected), "{complaint}");
        assert_eq!(output.stdout, b"");
    }
}

#[test]
fn no_time_is_nothing_measured() {
    let folder = Folder::new("nothing");
    let args = ["pi", "--size", "s", "--time", "1ms", "--format", "json"];
    let output = folder.bench("ladder", &args).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(document(&output)["status"], "nothing");
}

#[test]
fn two_builds_alternate_and_are_judged() {
    let folder = Folder::new("against");
    let other = program("planted");
    let against = ["--against", other.to_str().unwrap()];
    let args = [&against[..], &["pi", "--time", "4s", "--format", "json"]].concat();
    // Whether 5 % are seen is for the trial; a test must hold on a busy machine too.
    let output = folder.bench("planted-slow", &args).output().unwrap();
    let document = document(&output);
    let compared = document["comparisons"].as_array().unwrap();
    // Tuned alone: naive is compared only when asked for.
    assert_eq!(compared.len(), 1, "{document}");
    for c in compared {
        assert!(c["pairs"].as_u64() > Some(0));
        let verdict = c["verdict"].as_str().unwrap();
        assert!(["slower", "faster", "same", "degraded"].contains(&verdict), "{verdict}");
    }
    let regression = document["status"] == "regression";
    assert_eq!(output.status.code(), Some(i32::from(regression)));
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_keeps_what_it_finished() {
    use std::os::unix::process::CommandExt as _;

    let folder = Folder::new("interrupted");
    let mut bench = folder.bench("ladder", &["--size", "s", "--time", "60s", "--format", "jsonl"]);
    // A group of its own, so that Ctrl-C meets the bench and its ladder, and not the tests.
    let mut child = bench.process_group(0).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let finished = lines.find(|line| line.as_ref().unwrap().contains("\"event\":\"workload\""));
    assert!(finished.is_some());
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    lines.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let text = fs::read_to_string(folder.0.join("tenfold/bench.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["status"], "interrupted");
    assert!(!document["workloads"].as_array().unwrap().is_empty());
}
