//! No figure in the README that no record contains.

use serde_json::Value;

use crate::workspace::read;

/// The record that the README's table names.
fn record(readme: &str) -> Value {
    let path = readme.split(['(', ')']).find(|part| part.starts_with("benches/record/"));
    serde_json::from_str(&read(path.expect("the README names its record"))).unwrap()
}

/// The rows of the table with these headers, without them.
fn rows<'a>(text: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    let table = text.lines().skip_while(|line| !line.starts_with(header)).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// A rung's figure in a record, as the README writes it: three digits.
fn figure(record: &Value, problem: &str, rung: &str) -> String {
    let workloads = record["workloads"].as_array().unwrap();
    let title =
        |w: &Value| format!("{} {}", w["name"].as_str().unwrap(), w["label"].as_str().unwrap());
    let workload = workloads.iter().find(|w| title(w) == problem);
    let rungs =
        workload.unwrap_or_else(|| panic!("{problem} is not in the record"))["rungs"].as_array();
    let rung = rungs.unwrap().iter().find(|r| r["name"] == rung);
    match rung.and_then(|rung| rung["best_ns_per_op"].as_f64()) {
        None => "-".to_owned(),
        Some(ns) if ns >= 100.0 => format!("{ns:.0}"),
        Some(ns) if ns >= 10.0 => format!("{ns:.1}"),
        Some(ns) if ns >= 1.0 => format!("{ns:.2}"),
        Some(ns) => format!("{ns:.3}"),
    }
}

#[test]
fn the_readme_shows_what_was_recorded() {
    let readme = read("README.md");
    let record = record(&readme);
    let rows = rows(&readme, "| problem, time of one |");
    assert!(rows.len() >= 8, "{} rows", rows.len());
    for row in rows {
        // "heat 200x200, 200 steps: update"
        let (problem, _unit) = row[0].rsplit_once(": ").unwrap();
        let rungs = ["naive", "tuned", "threads", "kernel", "kernel+threads", "linalg"];
        assert_eq!(row.len(), 1 + rungs.len());
        for (cell, rung) in row[1..].iter().zip(rungs) {
            assert_eq!(*cell, figure(&record, problem, rung), "{problem}, {rung}");
        }
    }
    let cpu = record["host"]["cpu"].as_str().unwrap();
    assert!(readme.contains(cpu), "the README names the machine, {cpu}");
}
