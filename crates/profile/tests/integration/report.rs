//! The forms that a report can be had in, as others read them.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tenfold_profile::{ErrorKind, Report, Session, Sort, profile, scope};

use crate::{record, record_with, spin};

#[profile]
fn assemble(n: u64) -> u64 {
    (0..n).map(element).fold(0, u64::wrapping_add)
}

#[profile]
fn element(n: u64) -> u64 {
    spin(50 + n)
}

#[profile]
fn fib(n: u64) -> u64 {
    if n < 2 { element(n) } else { fib(n - 1) + fib(n - 2) }
}

/// A report with recursion, several callers and two threads.
fn sample() -> Report {
    record_with(Session::builder().program("sample").rank(3).trace(64), || {
        scope!("run");
        assemble(20);
        fib(8);
        std::thread::scope(|scope| {
            let worker = std::thread::Builder::new().name("worker".to_owned());
            worker.spawn_scoped(scope, || assemble(5)).unwrap();
        });
    })
}

/// A file of this test run alone.
fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reports");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{}-{name}", std::process::id()))
}

/// What Python prints, or `None` with a line in the test's record where there is no Python.
fn python(name: &str, program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new("python3").arg("-c").arg(program).args(args).output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(error) => {
            // Past the test runner's capture, where skips are counted.
            let line = format!("skipped: {name}: no python3: {error}\n");
            std::io::stdout().write_all(line.as_bytes()).unwrap();
            None
        }
    }
}

#[test]
fn pstats_reads_the_same_calls_and_times() {
    const PROGRAM: &str = "
import json, pstats, sys
stats = pstats.Stats(sys.argv[1])
stats.sort_stats('cumulative').print_callers()
rows = [[*f, cc, nc, tt, ct, [[*c, *e] for c, e in callers.items()]]
        for f, (cc, nc, tt, ct, callers) in stats.stats.items()]
print('JSON' + json.dumps([stats.total_calls, stats.prim_calls, stats.total_tt, rows]))
";
    let report = sample();
    let prof = file("sample.prof");
    report.write_prof(&prof).unwrap();
    let Some(text) = python("pstats", PROGRAM, &[prof.to_str().unwrap()]) else { return };
    let read: Value = serde_json::from_str(text.split_once("JSON").unwrap().1).unwrap();
    let functions = report.functions();
    let sum =
        |of: fn(&tenfold_profile::Function) -> u64| functions.iter().map(|f| of(f)).sum::<u64>();
    assert_eq!(read[0], sum(|f| f.calls()));
    assert_eq!(read[1], sum(|f| f.primitive_calls()));
    assert!((read[2].as_f64().unwrap() * 1e9 - report.total_ns()).abs() < 1.0);
    let rows = read[3].as_array().unwrap();
    assert_eq!(rows.len(), functions.len());
    for function in functions {
        let row = rows.iter().find(|row| row[2] == function.name()).unwrap();
        assert_eq!(row[0], function.file());
        assert_eq!(row[1], function.line());
        assert_eq!(
            (&row[3], &row[4]),
            (&json!(function.primitive_calls()), &json!(function.calls()))
        );
        assert!((row[5].as_f64().unwrap() * 1e9 - function.self_ns()).abs() < 1e-3, "{row}");
        assert!((row[6].as_f64().unwrap() * 1e9 - function.total_ns()).abs() < 1e-3, "{row}");
        // Calls by others add up to all calls, but for those from outside of scopes.
        let callers = row[7].as_array().unwrap();
        let calls: u64 = callers.iter().map(|c| c[3].as_u64().unwrap()).sum();
        let outside = match function.name() {
            "run" => 1,
            name if name.ends_with("assemble") => 1,
            _ => 0,
        };
        assert_eq!(calls + outside, function.calls(), "{row}");
    }
    fs::remove_file(prof).unwrap();
}

/// Two scopes that a macro wrote have one place, and a dictionary has it once.
#[test]
fn pstats_adds_up_what_stands_in_one_place() {
    const PROGRAM: &str = "
import pstats, sys
stats = pstats.Stats(sys.argv[1])
print([(f[2], cc, nc, sorted(e[0] for e in callers.values()))
       for f, (cc, nc, tt, ct, callers) in sorted(stats.stats.items())], stats.total_calls)
";
    macro_rules! twice {
        () => {
            scope!("in one place", spin(100));
            scope!("in one place", spin(100));
        };
    }
    let report = record(|| {
        scope!("around");
        twice!();
    });
    let prof = file("place.prof");
    report.write_prof(&prof).unwrap();
    let Some(text) = python("pstats", PROGRAM, &[prof.to_str().unwrap()]) else { return };
    fs::remove_file(prof).unwrap();
    assert_eq!(text.trim(), "[('around', 1, 1, []), ('in one place', 2, 2, [2])] 3");
}

#[test]
fn the_table_is_sorted_cut_and_stripped() {
    let report = sample();
    let names = |sort: Sort| -> Vec<String> {
        let text = report.stats().sort_by(sort).strip(true).to_string();
        let rows = text.lines().skip(4).map(|row| row.rsplit_once('(').unwrap().1.to_owned());
        rows.map(|name| name.trim_end_matches(')').to_owned()).collect()
    };
    assert_eq!(names(Sort::Total)[0], "run");
    assert_eq!(names(Sort::Calls)[0], "report::fib");
    assert_eq!(names(Sort::Name).len(), 4);
    let text = report.stats().top(2).to_string();
    assert!(text.contains("2 of 4 functions") && text.lines().count() == 6, "{text}");
    assert!(text.contains("crates/profile/tests/integration/report.rs:"), "{text}");
    let text = report.stats().strip(true).callees(true).to_string();
    assert!(text.contains("report::assemble) called:"), "{text}");
    assert!("tottime".parse::<Sort>().is_ok() && "cumulative".parse::<Sort>().is_ok());
    let error = "speed".parse::<Sort>().unwrap_err().to_string();
    assert!(error.starts_with("`sort` is `speed`, and has to be time, cumulative"), "{error}");
}

#[test]
fn json_comes_back_as_it_was() {
    let report = sample();
    let path = file("back.json");
    report.write_json(&path).unwrap();
    let back = Report::read(&path).unwrap();
    assert_eq!(back.to_json(), report.to_json());
    assert_eq!(back.rank(), Some(3));
    assert_eq!(back.stats().to_string(), report.stats().to_string());
    // What is not kept in the file.
    assert!(report.to_chrome_trace().is_some() && back.to_chrome_trace().is_none());
    fs::remove_file(path).unwrap();
}

/// The error of a file with these bytes.
fn refusal(name: &str, bytes: &[u8]) -> String {
    let path = file(name);
    fs::write(&path, bytes).unwrap();
    let error = Report::read(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Format { .. }), "{error:?}");
    fs::remove_file(&path).unwrap();
    let text = error.to_string();
    let file = path.display().to_string();
    assert!(text.starts_with(&file), "{text} does not name {file}");
    text[file.len()..].to_owned()
}

#[test]
fn bad_json_is_an_error_that_names_file_and_field() {
    let report = sample();
    let json = report.to_json();
    let changed = |change: fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&json).unwrap();
        change(&mut value);
        value.to_string().into_bytes()
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (json.as_bytes()[..json.len() / 2].to_vec(), ": is cut off: "),
        (b"\x7fELF".to_vec(), ": is no JSON: "),
        (b"".to_vec(), ": is cut off: "),
        (b"{}".to_vec(), ", field `format`: is null, where a report has \"tenfold-profile\""),
        (b"[1]".to_vec(), ", field `format`: "),
        (changed(|v| v["format"] = json!("speedscope")), ", field `format`: is \"speedscope\""),
        (changed(|v| v["version"] = json!(2)), ", field `version`: is 2, later than 1"),
        (changed(|v| v["version"] = json!("1")), ", field `version`: is \"1\", not 1"),
        (changed(|v| drop(v.as_object_mut().unwrap().remove("clock"))), ", field `clock`: missing"),
        (
            changed(|v| v["threads"][0]["paths"][1]["calls"] = json!(-1)),
            ", field `threads[0].paths[1].calls`: invalid value",
        ),
        (
            changed(|v| {
                v["threads"][1]["paths"][0].as_object_mut().unwrap().remove("max_ns");
            }),
            ", field `threads[1].paths[0].max_ns`: missing",
        ),
        (
            changed(|v| v["threads"][0]["paths"][1]["function"] = json!(99)),
            ", field `threads[0].paths[1].function`: is 99, and there are 4 functions",
        ),
        (
            changed(|v| v["threads"][0]["paths"][1]["parent"] = json!(1)),
            ", field `threads[0].paths[1].parent`: leads to no path that comes before",
        ),
        (
            changed(|v| v["threads"][0]["paths"][1]["elapsed_ns"] = json!(-3.5)),
            ", field `threads[0].paths[1].elapsed_ns`: is -3.5, no duration",
        ),
        (
            changed(|v| v["threads"][0]["paths"][1]["primitive_calls"] = json!(1_000_000)),
            "`: is 1000000, more than the",
        ),
        (changed(|v| v["speed"] = json!(1)), ", field `speed`: unknown field"),
        (
            changed(|v| v["threads"][0]["paths"][1]["calls"] = json!((1_u64 << 53) + 1)),
            ", field `threads[0].paths[1].calls`: is more than 2^53",
        ),
        (
            changed(|v| v["threads"][0]["paths"][1]["timed"] = json!(1_000_000)),
            ", field `threads[0].paths[1].timed`: is 1000000, more than the",
        ),
        (
            changed(|v| v["threads"][0]["paths"][1]["min_ns"] = json!(1e300)),
            ", field `threads[0].paths[1].min_ns`: is 1",
        ),
        (
            changed(|v| v["threads"][0]["span_ns"] = json!(-1.0)),
            ", field `threads[0].span_ns`: is -1, no duration",
        ),
    ];
    for (number, (bytes, expected)) in cases.iter().enumerate() {
        let text = refusal(&format!("bad-{number}.json"), bytes);
        assert!(text.contains(expected), "{text}, not {expected}");
    }
    let missing = Report::read(file("no such file")).unwrap_err();
    assert!(matches!(missing.kind(), ErrorKind::File(_)));
    assert!(std::error::Error::source(&missing).is_some(), "{missing}");
}

/// What the schema of speedscope's files asks of a sampled profile.
#[test]
fn speedscope_has_what_its_schema_asks() {
    let report = sample();
    let value: Value = serde_json::from_str(&report.to_speedscope()).unwrap();
    assert_eq!(value["$schema"], "https://www.speedscope.app/file-format-schema.json");
    let frames = value["shared"]["frames"].as_array().unwrap();
    assert!(frames.iter().all(|frame| frame["name"].is_string() && frame["line"].is_u64()));
    let profiles = value["profiles"].as_array().unwrap();
    assert_eq!(profiles.len(), 2);
    let mut sum = 0.0;
    for profile in profiles {
        assert_eq!(
            (&profile["type"], &profile["unit"]),
            (&json!("sampled"), &json!("nanoseconds"))
        );
        let samples = profile["samples"].as_array().unwrap();
        let weights = profile["weights"].as_array().unwrap();
        assert!(profile["name"].is_string() && samples.len() == weights.len());
        let indices = samples.iter().flat_map(|stack| stack.as_array().unwrap());
        assert!(indices.map(|i| i.as_u64().unwrap()).all(|i| i < frames.len() as u64));
        let total: f64 = weights.iter().map(|weight| weight.as_f64().unwrap()).sum();
        assert!((profile["endValue"].as_f64().unwrap() - total).abs() < 1.0);
        sum += total;
    }
    assert!((sum / report.total_ns() - 1.0).abs() < 1e-9);
}

#[test]
fn the_trace_keeps_the_last_scopes_of_each_thread() {
    let report = sample();
    let value: Value = serde_json::from_str(&report.to_chrome_trace().unwrap()).unwrap();
    let events = value["traceEvents"].as_array().unwrap();
    let complete: Vec<&Value> = events.iter().filter(|event| event["ph"] == "X").collect();
    let main: Vec<&&Value> = complete.iter().filter(|event| event["tid"] == 0).collect();
    assert_eq!((main.len(), complete.len()), (64, 64 + 6));
    for event in &complete {
        assert!(event["ts"].as_f64().unwrap() >= 0.0 && event["dur"].as_f64().unwrap() >= 0.0);
        assert!(event["name"].is_string() && event["pid"] == 3);
    }
    let names = events.iter().filter(|event| event["name"] == "thread_name");
    let dropped: Vec<&str> = names.filter_map(|event| event["args"]["name"].as_str()).collect();
    assert!(dropped.iter().any(|name| name.ends_with("earlier scopes dropped)")), "{dropped:?}");
    assert!(dropped.contains(&"worker"), "{dropped:?}");
    assert!(record(|| spin(1)).to_chrome_trace().is_none());
}

#[test]
fn the_page_and_the_drawing_stand_alone() {
    let report = sample();
    let page = report.to_html();
    for part in ["Call tree", "How few take most", "cumulative time", "What speaks against"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(
        !page.contains("<script")
            && !page.contains("src=")
            && !page.contains("http:")
            && !page.contains("https:")
    );
    assert_eq!(page.matches("type=\"radio\"").count(), 4);
    let svg = report.to_svg();
    assert!(svg.starts_with("<svg xmlns=") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.matches("<rect").count() >= 4 && svg.contains("assemble"));
    let empty = record(|| spin(1)).to_svg();
    assert!(!empty.contains("NaN") && empty.contains("</svg>"), "{empty}");
}
