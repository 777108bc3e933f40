//! Reports of several ranks, and of before and after.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tenfold_profile::{Report, Session, profile, scope};

use crate::{record_with, some_try, spin};

#[profile]
fn compute(rounds: u64) -> u64 {
    spin(rounds)
}

/// A report as a rank leaves it.
fn rank(number: u64, rounds: u64) -> Report {
    record_with(Session::builder().rank(number).program("planted"), || {
        scope!("step");
        compute(rounds);
        scope!("exchange", spin(10));
    })
}

fn write(folder: &str, reports: &[Report]) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
    fs::create_dir_all(&folder).unwrap();
    let file = |(at, report): (usize, &Report)| {
        let file = folder.join(format!("{at}.json"));
        report.write_json(&file).unwrap();
        file
    };
    reports.iter().enumerate().map(file).collect()
}

/// With the times of `compute` as they were planted: counted, not measured.
fn planted(report: &Report, ns: f64) -> Report {
    planted_with(report, ns, 10.0)
}

/// The same, where the exchange waits too.
fn planted_with(report: &Report, ns: f64, exchange: f64) -> Report {
    let mut value: Value = serde_json::from_str(&report.to_json()).unwrap();
    for path in value["threads"][0]["paths"].as_array_mut().unwrap() {
        let function = path["function"].as_u64().unwrap();
        let times = match function {
            0 => ns + exchange,
            1 => ns,
            _ => exchange,
        };
        path["elapsed_ns"] = json!(times);
    }
    value["wall_ns"] = json!(4000.0);
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("planted-{number}.json"));
    fs::write(&file, value.to_string()).unwrap();
    Report::read(file).unwrap()
}

#[test]
fn a_planted_imbalance_is_found_by_counts() {
    let reports = [planted(&rank(0, 10), 2000.0), planted(&rank(1, 10), 1000.0)];
    let ranks = Report::merge(write("counted", &reports)).unwrap();
    let ranks = ranks.communication(|name| name == "exchange");
    assert!((ranks.load_balance().unwrap() - 0.75).abs() < 1e-9);
    assert!((ranks.communication_efficiency().unwrap() - 0.5).abs() < 1e-9);
    assert!((ranks.parallel_efficiency().unwrap() - 0.375).abs() < 1e-9);
    let paths = ranks.paths();
    let compute = paths.iter().find(|path| path.path.len() == 2 && path.total_ns.max_ns > 100.0);
    let compute = &compute.unwrap().total_ns;
    assert_eq!((compute.min_ns, compute.mean_ns, compute.max_ns), (1000.0, 1500.0, 2000.0));
    assert_eq!((compute.max_rank, compute.imbalance()), (0, 2.0 / 1.5 - 1.0));
    let text = ranks.to_string();
    assert!(
        text.contains("2 ranks: load balance 75.0 %, communication efficiency 50.0 %"),
        "{text}"
    );
}

/// Ranks that meet at the end of each step take as long as each other, whoever has how much to do.
#[test]
fn a_rank_that_waits_is_in_balance_with_nobody() {
    let reports =
        [planted_with(&rank(0, 10), 2000.0, 10.0), planted_with(&rank(1, 10), 1000.0, 1010.0)];
    let ranks = Report::merge(write("waits", &reports)).unwrap();
    assert_eq!((ranks.load_balance(), ranks.parallel_efficiency()), (None, None));
    let text = ranks.to_string();
    assert!(text.contains("load balance n/a") && text.contains("count as work"), "{text}");
    let named = ranks.clone().communication(|name| name == "exchange");
    assert!((named.load_balance().unwrap() - 0.75).abs() < 1e-9, "{named}");
    // Who says that there is none is believed.
    assert!(ranks.communication(|_| false).load_balance().unwrap() > 0.99);
}

#[test]
fn a_planted_imbalance_is_found_by_time() {
    // The host may take the core away from one of them: it has several tries.
    let balance = || {
        let reports = [rank(0, 20_000), rank(1, 10_000)];
        let ranks = Report::merge(write("timed", &reports)).unwrap();
        ranks.communication(|name| name == "exchange").load_balance().unwrap()
    };
    some_try(balance, |balance| (balance - 0.75).abs() <= 0.02);
}

#[test]
fn the_order_of_files_does_not_matter() {
    let reports: Vec<Report> = [5, 0, 2].map(|number| rank(number, 100 * (number + 1))).into();
    let mut files = write("order", &reports);
    let forwards = Report::merge(&files).unwrap();
    files.reverse();
    let backwards = Report::merge(&files).unwrap();
    assert_eq!(forwards.to_string(), backwards.to_string());
    assert_eq!(forwards.paths(), backwards.paths());
    let order: Vec<Option<u64>> = forwards.reports().iter().map(Report::rank).collect();
    assert_eq!(order, [Some(0), Some(2), Some(5)]);
    // What cannot be known says so.
    assert_eq!(forwards.communication_efficiency(), None);
    assert!(forwards.to_string().contains("communication efficiency n/a"), "{forwards}");
}

#[test]
fn files_that_do_not_go_together_are_errors() {
    let one = rank(1, 10);
    let files = write("twice", &[one.clone(), one.clone()]);
    let error = Report::merge(&files).unwrap_err().to_string();
    assert!(
        error.contains("1.json, field `rank`: is 1, as in") && error.contains("0.json"),
        "{error}"
    );
    let mut value: Value = serde_json::from_str(&one.to_json()).unwrap();
    value["rank"] = json!(null);
    fs::write(&files[0], value.to_string()).unwrap();
    let error = Report::merge(&files[..1]).unwrap_err().to_string();
    assert!(
        error.contains("field `rank`: is null, and reports that are merged need one"),
        "{error}"
    );
    let error = Report::merge::<&str>([]).unwrap_err().to_string();
    assert_eq!(error, "`files` is empty, and has to be at least one file");
}

#[test]
fn a_diff_has_both_sides() {
    let (before, after) = (planted(&rank(0, 10), 3000.0), planted(&rank(0, 10), 1500.0));
    let diff = before.diff(&after);
    let change = &diff.changes()[0];
    assert!(change.name.ends_with("compute"), "{diff}");
    assert_eq!((change.self_ns, change.calls), ((3000.0, 1500.0), (1, 1)));
    assert_eq!(change.self_growth_ns(), -1500.0);
    let text = diff.to_string();
    assert!(text.contains("-1.50 µs") && text.contains("0.50x"), "{text}");
    let nothing = crate::record(|| spin(1));
    let text = nothing.diff(&after).to_string();
    assert!(text.contains("n/a"), "{text}");
}
