//! Where the time of a function's lines goes.

use tenfold_profile::{FunctionLines, Lines, Report, Session, profile};

use super::{counted, of, timed};
use crate::{record_with, some_try, spin};

#[rustfmt::skip]
mod functions {
    use std::hint::black_box;
    use super::{profile, spin};

    #[profile(lines)]
    pub(super) fn split(turns: u64) -> u64 {
        let mut sum = 0;
        for _ in 0..turns {
            sum ^= spin(9_000); // most
            sum ^= spin(1_000); // rest
        }
        sum
    }

    #[profile(lines)]
    pub(super) fn caller() -> u64 {
        let some = spin(500); // own
        some ^ split(2) // callee
    }

    #[profile(lines)]
    pub(super) fn recursive(n: u64) -> u64 {
        let sum = spin(20_000); // work
        if n == 0 {
            return sum;
        }
        sum ^ recursive(n - 1) // again
    }

    #[profile(lines)]
    pub(super) fn expensive_iterator(turns: u64) -> u64 {
        let mut sum = 0;
        for x in (0..turns).map(|x| spin(9_000) ^ x) { // header
            sum ^= spin(1_000) ^ x; // body
        }
        sum
    }

    #[profile(lines)]
    pub(super) fn expensive_call(which: bool) -> u64 {
        spin(match which { // call
            true => {
                let rounds = 50_000; // rounds
                rounds
            }
            false => 0,
        })
    }

    #[profile(lines)]
    pub(super) fn closure(list: &[u64]) -> u64 {
        list.iter().map(|x| { // outer
            let y = spin(10_000); // inner
            x ^ y
        }).sum()
    }

    #[profile(lines)]
    pub(super) fn tiny(n: u64) -> u64 {
        let mut sum = 0_u64;
        for i in 0..n {
            sum = black_box(sum ^ i); // tiny
        }
        sum
    }
}
use functions::*;

fn share(function: &FunctionLines, name: &str) -> f64 {
    let end = format!("// {name}");
    let line = function.lines.iter().find(|line| line.text.ends_with(&end)).unwrap();
    line.share.unwrap()
}

#[test]
fn a_known_split_is_found_by_the_clock() {
    let share = || share(&of(&timed(|| split(30)), "split"), "most");
    some_try(share, |share| (share - 0.9).abs() < 0.02);
}

#[test]
fn a_known_split_is_found_by_looks() {
    let sampled = || {
        let report = record_with(Session::builder().lines(Lines::Sample), || {
            let start = std::time::Instant::now();
            while start.elapsed().as_millis() < 300 {
                split(10);
            }
        });
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        let looks = &json["lines"]["looks"];
        let number = |name: &str| looks[name].as_f64().unwrap();
        let (came, expected) = (number("taken") + number("merged"), number("expected"));
        assert!(came < 1.05 * expected + 2.0, "{came} of {expected}");
        let total = of(&report, "split").total_ns.unwrap();
        assert!(total < 1.05 * report.wall().as_secs_f64() * 1e9, "{report}");
        // Where our thread got no core at the end, looks are missing.
        if came > 0.95 * expected { share(&of(&report, "split"), "most") } else { f64::NAN }
    };
    some_try(sampled, |share| (share - 0.9).abs() < 0.04);
}

/// What the lines' times are over the function's, as the call tree has it.
fn ratio(report: &Report, name: &str) -> f64 {
    let function = report.function(name).unwrap();
    of(report, name).total_ns.unwrap() / function.total_ns()
}

#[test]
fn times_of_lines_sum_to_the_functions() {
    for (name, run) in [
        ("split", &(|| split(30)) as &dyn Fn() -> u64),
        ("caller", &caller),
        ("recursive", &|| recursive(20)),
        ("closure", &|| closure(&[1; 30])),
        ("expensive_iterator", &|| expensive_iterator(30)),
    ] {
        some_try(|| ratio(&timed(run), name), |ratio| (ratio - 1.0).abs() < 0.01);
    }
}

#[test]
fn a_line_has_the_time_of_what_it_calls() {
    let callee = || share(&of(&timed(caller), "caller"), "callee");
    some_try(callee, |share| (share - 40.0 / 41.0).abs() < 0.02);
}

#[test]
fn of_a_recursion_the_innermost_call_has_the_time() {
    let work = || share(&of(&timed(|| recursive(20)), "recursive"), "work");
    some_try(work, |share| share > 0.97);
}

#[test]
fn the_header_of_a_loop_has_the_time_of_its_iterator() {
    let header = || share(&of(&timed(|| expensive_iterator(30)), "expensive_iterator"), "header");
    some_try(header, |share| (share - 0.9).abs() < 0.02);
}

#[test]
fn a_call_has_its_time_behind_the_blocks_of_its_arguments() {
    let call = || share(&of(&timed(|| expensive_call(true)), "expensive_call"), "call");
    some_try(call, |share| share > 0.95);
}

#[test]
fn a_closure_has_its_own_time() {
    let inner = || share(&of(&timed(|| closure(&[1; 30])), "closure"), "inner");
    some_try(inner, |share| share > 0.95);
}

#[test]
fn what_is_too_short_is_marked() {
    let report = timed(|| tiny(1_000_000));
    let lines = of(&report, "tiny").lines;
    assert!(lines.iter().any(|line| line.distorted && line.text.ends_with("// tiny")), "{report}");
    let text = report.to_string();
    assert!(text.contains("of the lines take less than"), "{text}");
    assert!(text.contains("Lines::Sample"), "{text}");
    assert!(!counted(|| tiny(100_000)).to_string().contains("of the lines take"));
}

#[test]
fn a_call_that_is_open_has_its_time_until_the_end() {
    #[profile(lines)]
    fn open(session: Session) -> Report {
        let rounds = spin(100_000); // spin
        assert!(rounds < u64::MAX);
        session.finish()
    }
    let open = || {
        let _alone = crate::alone();
        let report = open(Session::builder().lines(Lines::Time).start().unwrap());
        share(&of(&report, "open"), "spin")
    };
    some_try(open, |share| share > 0.5);
}

#[test]
fn few_looks_are_said_to_be_few() {
    let report = record_with(Session::builder().lines(Lines::Sample), || split(1));
    assert!(report.to_string().contains("looks at lines are few"), "{report}");
}

#[test]
#[cfg(all(feature = "sampler", target_os = "linux", target_arch = "x86_64"))]
fn looks_come_as_often_as_samples() {
    let builder = Session::builder().lines(Lines::Sample).sampler_hz(200);
    let report = record_with(builder, || {
        let start = std::time::Instant::now();
        while start.elapsed().as_millis() < 50 {
            split(1);
        }
    });
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["lines"]["looks"]["hz"], 200);
    let threads = json["samples"]["threads"].as_array().unwrap();
    assert!(threads.iter().all(|thread| thread["name"] != "tenfold-lines"), "{json}");
    assert!(report.sampled().unwrap().taken() > 0);
}

#[test]
fn what_lines_allocate_is_not_the_programs() {
    #[profile(lines)]
    fn first() -> u64 {
        spin(10)
    }
    for lines in [Lines::Counts, Lines::Sample, Lines::Time] {
        let report = record_with(Session::builder().alloc(true).lines(lines), first);
        let function = report.function("first").unwrap();
        assert_eq!((function.bytes(), function.blocks()), (0, 0), "{report}");
    }
}

#[test]
fn every_form_has_the_lines() {
    let report = timed(|| split(30));
    let text = report.to_string();
    assert!(
        text.contains("% time  source") && text.contains("sum ^= spin(9_000); // most"),
        "{text}"
    );
    let page = report.to_html();
    assert!(page.contains("spin(9_000)") && page.contains("linear-gradient"), "{page}");
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lines.json");
    report.write_json(&file).unwrap();
    let read = Report::read(&file).unwrap();
    assert_eq!(read.to_json(), report.to_json());
    assert_eq!(read.lines().unwrap().to_string(), report.lines().unwrap().to_string());
}

#[test]
fn merged_files_add_up() {
    let files = [1_u64, 2].map(|rank| {
        let builder = Session::builder().lines(Lines::Time).rank(rank);
        let report = record_with(builder, || split(10 * rank));
        let name = format!("lines-rank-{rank}.json");
        let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        report.write_json(&file).unwrap();
        file
    });
    let ranks = Report::merge(&files).unwrap();
    let all = ranks.lines().unwrap().function("split").unwrap();
    let parts = ranks.reports().iter().map(|report| of(report, "split").total_ns.unwrap());
    assert!((all.total_ns.unwrap() / parts.sum::<f64>() - 1.0).abs() < 1e-9);
    let most = all.lines.iter().find(|line| line.text.ends_with("// most")).unwrap();
    assert_eq!(most.hits, Some(30));
    assert!(ranks.to_string().contains("all ranks: lines by the clock"), "{ranks}");
}

/// A session that ends within a function does not know how long its line will take.
#[profile(lines)]
fn ends(session: Session) -> Report {
    let sum = spin(1_000);
    let report = session.finish(); // finish
    assert_ne!(sum, 1);
    report
}

#[test]
fn a_line_that_is_open_at_the_end_has_no_more_than_the_session() {
    for mode in [Lines::Counts, Lines::Sample, Lines::Time] {
        let _alone = crate::alone();
        let report = ends(Session::builder().lines(mode).start().unwrap());
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        let wall = json["wall_ns"].as_f64().unwrap();
        let lines = json["lines"]["functions"][0]["lines"].as_array().unwrap();
        let times: Vec<f64> = lines.iter().map(|l| l["elapsed_ns"].as_f64().unwrap()).collect();
        assert!(times.iter().all(|&time| time <= 1.01 * wall), "{mode:?}: {times:?} of {wall}");
        assert!(mode != Lines::Counts || times.iter().all(|&time| time == 0.0), "{times:?}");
        assert_eq!(super::hits(&report, "ends", "finish"), 1);
    }
}

#[test]
fn damaged_lines_are_errors_with_their_place() {
    let report = timed(|| split(1));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("damaged-lines.json");
    let broken = |pointer: &str, value: serde_json::Value| {
        let mut json = json.clone();
        *json.pointer_mut(pointer).unwrap() = value;
        std::fs::write(&file, json.to_string()).unwrap();
        Report::read(&file).unwrap_err().to_string()
    };
    let line = "/lines/functions/0/lines/1";
    let cases = [
        (format!("{line}/line"), 1.into(), "lines.functions[0].lines[1]`: is line 1, of"),
        (format!("{line}/hits"), u64::MAX.into(), "has a count that is more than 2^53"),
        (format!("{line}/elapsed_ns"), (-1).into(), "has an `elapsed_ns` of -1, no duration"),
        ("/lines/mark_ns".to_owned(), (-1).into(), "field `lines.mark_ns`: is -1, no duration"),
        ("/lines/functions/0/first".to_owned(), u32::MAX.into(), "is 4294967295, too large"),
        ("/lines/mode".to_owned(), "fast".into(), "field `lines.mode`: unknown variant"),
        ("/lines/mode".to_owned(), "sample".into(), "is missing where `mode` is `sample`"),
    ];
    for (pointer, value, expected) in cases {
        let error = broken(&pointer, value);
        assert!(error.contains(expected), "{pointer}: {error}");
    }
}
