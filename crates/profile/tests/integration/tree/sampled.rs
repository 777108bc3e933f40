//! Counted always, timed now and then.

use std::hint::black_box;
use std::thread;

use tenfold_profile::{Session, profile, scope};

use super::leaf;
use crate::{calls, record, record_with, spin};

#[profile(sample = 16)]
fn often(bytes: usize) {
    drop(black_box(Vec::<u8>::with_capacity(bytes)));
}

/// Bytes are estimated as times are, from the calls that are timed, and no clock disturbs them.
#[test]
fn counts_are_exact_and_the_rest_is_estimated() {
    let report = record_with(Session::builder().alloc(true), || {
        for i in 0..50_000 {
            // What alternates with the rate must not deceive.
            often(if i % 16 == 0 { 1600 } else { 100 });
        }
    });
    let often = report.function("often").unwrap();
    assert_eq!((often.calls(), often.primitive_calls()), (50_000, 50_000));
    let timed = often.timed_calls();
    assert!((2500..=3750).contains(&timed), "{timed} of 50000 calls were timed");
    assert!(often.is_sampled() && report.to_string().contains('~'), "{report}");
    let share = often.bytes() as f64 / (50_000.0 * (1600.0 + 15.0 * 100.0) / 16.0);
    assert!((0.85..1.15).contains(&share), "{share}\n{report}");
    assert_eq!(often.blocks(), 50_000);
}

#[test]
fn what_a_sampled_function_calls_stands_below_it() {
    #[profile(sample = 8)]
    fn calls_more() -> u64 {
        leaf()
    }
    let report = record(|| (0..1000).map(|_| calls_more()).fold(0, u64::wrapping_add));
    assert_eq!(calls(&report, "leaf"), (1000, 1000));
    assert_eq!(
        super::callers(&report, "leaf"),
        ["what_a_sampled_function_calls_stands_below_it::calls_more"]
    );
}

#[test]
fn recursion_is_counted_when_it_is_sampled_too() {
    #[profile(sample = 4)]
    fn fib(n: u64) -> u64 {
        if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
    }
    let report = record(|| fib(15));
    assert_eq!(calls(&report, "fib"), (1973, 1));
    // Its calls are known, and its times are not.
    let fib = report.function("fib").unwrap();
    assert_eq!((fib.min_ns(), fib.max_ns()), (None, None));
    let text = report.to_string();
    assert!(text.contains("n/a") && text.contains("1 of the sampled functions called"), "{text}");
}

#[test]
fn threads_do_not_all_time_the_same_calls() {
    let report = record(|| {
        for _ in 0..200 {
            let once = || {
                scope!("once a thread", sample = 4);
            };
            thread::spawn(once).join().unwrap();
        }
    });
    let once = report.function("once a thread").unwrap();
    assert_eq!(once.calls(), 200);
    // One of 7 in the mean.
    assert!((1..150).contains(&once.timed_calls()), "{} were timed", once.timed_calls());
    let diagnosis = report.diagnosis().join("\n");
    assert!(diagnosis.contains("call paths of sampled functions had no sample"), "{diagnosis}");
}

#[test]
fn a_sample_of_nothing_is_no_time() {
    let report = record(|| {
        scope!("seldom", sample = 1_000_000);
        scope!("value", sample = 1, spin(10));
    });
    let seldom = report.function("seldom").unwrap();
    if seldom.timed_calls() == 0 {
        assert_eq!((seldom.min_ns(), seldom.max_ns()), (None, None));
        assert!(report.to_string().contains("n/a"), "{report}");
        let diagnosis = report.diagnosis().join("\n");
        assert!(diagnosis.contains("called too seldom"), "{diagnosis}");
    }
    assert_eq!(report.function("value").unwrap().timed_calls(), 1);
}
