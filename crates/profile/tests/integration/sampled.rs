//! The sampler: code that nobody annotated.

#![cfg(all(feature = "sampler", target_os = "linux", target_arch = "x86_64"))]

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use tenfold_profile::{Report, Session, scope};

use crate::{alone, record_with, some_try};

/// Work in counted rounds, in functions that stay what they are.
#[inline(never)]
fn most(rounds: u64) -> u64 {
    (0..rounds).fold(1, |x, i| black_box(x ^ i).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[inline(never)]
fn rest(rounds: u64) -> u64 {
    (0..rounds).fold(1, |x, i| black_box(x ^ i).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[inline(never)]
fn driver(turns: u64) -> u64 {
    (0..turns).fold(0, |sum, _| sum ^ black_box(most(9_000)) ^ black_box(rest(1_000)))
}

fn share(report: &Report, name: &str) -> f64 {
    let sampled = report.sampled().unwrap();
    let functions = sampled.functions();
    let all = functions.iter().filter(|f| f.name.ends_with(name)).map(|f| f.all).sum::<u64>();
    all as f64 / sampled.running() as f64
}

fn sampled(hz: u32, f: impl FnOnce()) -> Report {
    record_with(Session::builder().sampler_hz(hz), f)
}

#[test]
fn a_known_split_is_found_by_samples() {
    // Other threads of this program are sampled too, so that shares are of the driver's samples.
    let split = || {
        let report = sampled(2000, || {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(400) {
                black_box(driver(20));
            }
        });
        let (most, rest) = (share(&report, "sampled::most"), share(&report, "sampled::rest"));
        let driver = share(&report, "sampled::driver");
        assert!((driver - most - rest).abs() < 0.05, "{driver} of {most} and {rest}\n{report}");
        most / (most + rest)
    };
    some_try(split, |share| (share - 0.9).abs() < 0.02);
}

#[test]
fn every_sample_is_accounted_for() {
    let report = sampled(1000, || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(300) {
            black_box(driver(20));
        }
    });
    let sampled = report.sampled().unwrap();
    let accounted = (sampled.taken() + sampled.merged() + sampled.lost()) as f64;
    let (threads, unwatched) = sampled.threads();
    // A timer's first and last period, and the round in which a thread ended.
    let slack = 12.0 * threads as f64 + 0.02 * sampled.expected();
    assert!((accounted - sampled.expected()).abs() <= slack, "{}", sampled);
    assert!(unwatched == 0 && sampled.taken() > 0, "{}", sampled);
    assert_eq!(sampled.running() + sampled.waiting(), sampled.taken() + sampled.merged());
}

#[test]
fn a_thread_that_sleeps_is_in_the_system() {
    let report = sampled(500, || {
        let sleeper = thread::Builder::new().name("sleeper".to_owned());
        let sleep = || thread::sleep(Duration::from_millis(400));
        sleeper.spawn(sleep).unwrap().join().unwrap();
    });
    assert!(report.sampled().unwrap().waiting() > 0, "{report}");
    // Threads that wait tell nothing of where the time goes, however many samples they give.
    let running = report.sampled().unwrap().running();
    let few = format!("{running} samples of running threads are few");
    assert_eq!(report.to_string().contains(&few), running < 100, "{report}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let threads = json["samples"]["threads"].as_array().unwrap();
    let sleeper = threads.iter().find(|thread| thread["name"] == "sleeper").unwrap();
    let waits = |stack: &serde_json::Value| stack["waits"] == true;
    assert!(sleeper["stacks"].as_array().unwrap().iter().any(waits), "{sleeper}");
}

/// Samples of the threads of one name: inside of the system, and all.
fn waits(report: &Report, name: &str) -> (u64, u64) {
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let threads = json["samples"]["threads"].as_array().unwrap();
    let thread = threads.iter().find(|thread| thread["name"] == name).unwrap();
    let stacks = thread["stacks"].as_array().unwrap();
    let sum = |wanted: fn(&serde_json::Value) -> bool| {
        let stacks = stacks.iter().filter(|stack| wanted(stack));
        stacks.map(|stack| stack["weight"].as_u64().unwrap()).sum()
    };
    (sum(|stack| stack["waits"] == true), sum(|_| true))
}

#[test]
fn calls_that_the_kernel_starts_again_are_in_the_system() {
    use std::io::{Read as _, Write as _};
    let report = sampled(500, || {
        let (mut reader, mut writer) = std::io::pipe().unwrap();
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let reads = move || reader.read(&mut [0]).unwrap();
        let reads = named("reads a pipe").spawn(reads).unwrap();
        let (gate, opened) = std::sync::mpsc::channel::<()>();
        let waits = named("waits").spawn(move || opened.recv().is_err()).unwrap();
        let joins = named("joins").spawn(move || waits.join().unwrap()).unwrap();
        thread::sleep(Duration::from_millis(600));
        writer.write_all(&[1]).unwrap();
        drop(gate);
        reads.join().unwrap();
        joins.join().unwrap();
    });
    for name in ["reads a pipe", "waits", "joins"] {
        let (waits, all) = waits(&report, name);
        assert!(all > 0 && 10 * waits >= 9 * all, "{name}: {waits} of {all}");
    }
}

#[test]
fn threads_are_born_and_die_under_it() {
    let report = sampled(1000, || {
        for _ in 0..8 {
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| black_box(driver(400)));
                }
            });
        }
    });
    let sampled = report.sampled().unwrap();
    assert!(sampled.taken() > 0, "{sampled}");
    assert!(share(&report, "sampled::driver") > 0.0, "{sampled}");
}

#[test]
fn scopes_and_samples_go_together() {
    let report = sampled(1000, || {
        scope!("annotated", black_box(driver(500)));
    });
    assert_eq!(crate::calls(&report, "annotated").0, 1);
    let page = report.to_html();
    assert!(page.contains("Samples") && page.contains("while running"));
    let speedscope: serde_json::Value = serde_json::from_str(&report.to_speedscope()).unwrap();
    let frames = speedscope["shared"]["frames"].as_array().unwrap().len() as u64;
    let profiles = speedscope["profiles"].as_array().unwrap();
    let indices = profiles.iter().flat_map(|p| p["samples"].as_array().unwrap());
    let mut indices = indices.flat_map(|s| s.as_array().unwrap()).map(|i| i.as_u64().unwrap());
    assert!(indices.all(|index| index < frames));
    let path = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("samples.json");
    report.write_json(&path).unwrap();
    assert_eq!(Report::read(&path).unwrap().to_json(), report.to_json());
}

#[test]
fn a_stack_that_is_too_deep_is_cut_off_and_said() {
    #[inline(never)]
    fn down(levels: u32) -> u64 {
        if levels == 0 { driver(2_000) } else { down(black_box(levels - 1)).wrapping_add(1) }
    }
    let report = sampled(1000, || {
        thread::spawn(|| black_box(down(300))).join().unwrap();
    });
    let sampled = report.sampled().unwrap();
    let functions = sampled.functions();
    let cut = functions.iter().find(|f| f.name == "(cut off)").unwrap();
    assert!(cut.own == 0 && cut.all > 0 && sampled.cut() >= cut.all, "{sampled}");
    assert!(report.to_string().contains("`(cut off)` stands there"), "{report}");
    let report = self::sampled(1000, || {
        black_box(driver(2_000));
    });
    let (cut, all) = (report.sampled().unwrap().cut(), report.sampled().unwrap().running());
    assert!(10 * cut <= all, "{report}");
}

#[test]
fn samples_alone_have_every_form() {
    let report = sampled(1000, || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(100) {
            black_box(driver(20));
        }
    });
    assert!(report.functions().is_empty());
    let svg = report.to_svg();
    assert!(svg.contains("sampled::driver") && svg.matches("<rect").count() > 2, "{svg}");
    let prof = report.to_prof();
    let name = b"sampled::driver";
    assert!(prof.windows(name.len()).any(|window| window == name));
    let page = report.to_html();
    assert!(page.contains("by samples") && !page.contains("no time was recorded</p>"), "{page}");
}

#[test]
fn a_rate_out_of_bounds_is_an_error_and_leaves_nothing_behind() {
    let _alone = alone();
    let error = Session::builder().sampler_hz(10_001).start().unwrap_err();
    assert_eq!(error.to_string(), "`sampler_hz` is 10001, and has to be from 1 to 10000");
    assert!(Session::start().is_ok());
}

#[test]
fn it_starts_and_stops() {
    for _ in 0..20 {
        let report = sampled(1000, || {
            black_box(driver(1));
        });
        assert!(report.sampled().is_some());
    }
}

#[test]
#[ignore = "long: 10,000 sessions and 1,000 threads, by hand"]
fn it_starts_and_stops_ten_thousand_times() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let mut taken = 0;
    let mut before = 0;
    for cycle in 0..10_000 {
        let report = sampled(1000, || {
            black_box(driver(2));
        });
        taken += report.sampled().unwrap().taken();
        if cycle == 1000 {
            before = resident();
        }
    }
    let after = resident();
    println!(
        "10,000 cycles: {taken} samples, {before} kB after 1,000 cycles, {after} kB after all"
    );
    assert!(after < before + 8192, "{before} kB, then {after} kB");
    let report = sampled(1000, || {
        for _ in 0..50 {
            thread::scope(|scope| {
                for _ in 0..20 {
                    scope.spawn(|| black_box(driver(100)));
                }
            });
        }
    });
    let sampled = report.sampled().unwrap();
    println!("1,000 threads: {}", sampled.top(3));
    let accounted = (sampled.taken() + sampled.merged() + sampled.lost()) as f64;
    let slack = 12.0 * sampled.threads().0 as f64 + 0.02 * sampled.expected();
    assert!((accounted - sampled.expected()).abs() <= slack, "{sampled}");
}
