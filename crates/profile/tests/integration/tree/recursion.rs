//! Recursion counts as Python counts it.

use tenfold_profile::{Report, profile, scope};

use crate::{calls, record, spin};

#[profile]
fn fib(n: u64) -> u64 {
    if n < 2 { n + (spin(20) >> 40) } else { fib(n - 1) + fib(n - 2) }
}

#[test]
fn all_calls_and_primitive_ones() {
    let report = record(|| {
        fib(15);
        fib(3);
    });
    // Calls of fib(n): 2 F(n + 1) - 1.
    assert_eq!(calls(&report, "fib"), (1973 + 5, 2));
    let fib = report.function("fib").unwrap();
    // The outer call counts once, and all of it is its own.
    assert!((fib.self_ns() / fib.total_ns() - 1.0).abs() < 0.01, "{report}");
    assert!(report.to_string().contains("1978/2"), "{report}");
}

#[profile]
fn even(n: u32) -> bool {
    spin(50);
    n == 0 || odd(n - 1)
}

#[profile]
fn odd(n: u32) -> bool {
    spin(50);
    n != 0 && even(n - 1)
}

#[profile]
fn chance(n: u64, seed: u64) -> u64 {
    // Calls the three of them in an order that no path repeats.
    spin(20);
    match (n, seed % 3) {
        (0, _) => u64::from(even(5)),
        (_, 0) => chance(n - 1, seed / 3),
        (_, 1) => {
            u64::from(even(if seed.is_multiple_of(2) { 1 } else { 2 })) + chance(n - 1, seed / 3)
        }
        _ => other(n - 1, seed / 3),
    }
}

#[profile]
fn other(n: u64, seed: u64) -> u64 {
    spin(20);
    if n == 0 { 1 } else { chance(n - 1, seed / 2) + u64::from(odd(2)) }
}

fn adds_up(report: &Report) {
    let root = report.function("root").unwrap().total_ns();
    let sum: f64 = report.functions().iter().map(|f| f.self_ns()).sum();
    assert!((sum / root - 1.0).abs() < 0.01, "{sum} of {root}\n{report}");
}

#[test]
fn recursion_through_others_has_few_paths_and_adds_up() {
    let report = record(|| {
        scope!("root");
        for seed in 0..300 {
            chance(12, 0x9e37_79b9 * seed);
        }
        even(1000);
    });
    adds_up(&report);
    let (all, primitive) = calls(&report, "even");
    assert!(all > primitive && primitive > 300, "{all}/{primitive}");
    let paths = report.to_json().matches("\"parent\":").count();
    assert!(paths < 60, "{paths} paths");
}

#[test]
fn very_deep_recursion_is_recorded_or_said() {
    #[profile]
    fn down(n: u32) -> u32 {
        if n == 0 { 0 } else { 1 + down(n - 1) }
    }
    let deep = |depth| {
        let run = move || record(|| down(depth));
        let stack = std::thread::Builder::new().stack_size(1 << 28);
        stack.spawn(run).unwrap().join().unwrap()
    };
    let report = deep(20_000);
    assert_eq!(calls(&report, "down"), (20_001, 1));
    let report = deep(40_000);
    let (recorded, _) = calls(&report, "down");
    assert_eq!(recorded, 32_768);
    let diagnosis = report.diagnosis().join("\n");
    assert!(diagnosis.contains("7233 calls were more than 32768 scopes deep"), "{diagnosis}");
}
