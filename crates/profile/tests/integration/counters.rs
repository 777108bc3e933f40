//! Events of the processor and of the kernel, or why there are none.

use tenfold_profile::{Report, Session};

use crate::{record_with, spin};

#[test]
fn each_counter_has_a_value_or_says_why_not() {
    let report = record_with(Session::builder().counters(true), || {
        // Fresh pages: faults for the kernel to count.
        let pages = vec![1_u8; 4 << 20];
        std::thread::spawn(|| spin(100_000)).join().unwrap();
        assert!(pages.iter().map(|&byte| u64::from(byte)).sum::<u64>() > 0);
    });
    let counters = report.counters();
    assert!(!counters.is_empty());
    for counter in &counters {
        assert_ne!(counter.value.is_some(), counter.missing.is_some(), "{counter}");
        let text = counter.to_string();
        let shown = report.to_string().contains(&text) && report.to_html().contains(&counter.name);
        assert!(shown && (counter.value.is_some() || text.contains("not available: ")), "{text}");
    }
    let value = |name: &str| counters.iter().find(|c| c.name == name).and_then(|c| c.value);
    if let Some(faults) = value("page-faults") {
        assert!(faults > 100, "{faults}");
    }
    // A count of nothing is no count: a unit that is there has seen instructions.
    assert_ne!(value("instructions"), Some(0));
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("counters.json");
    report.write_json(&file).unwrap();
    assert_eq!(Report::read(&file).unwrap().counters(), counters);
}

#[test]
fn they_are_counted_when_asked_for() {
    assert_eq!(crate::record(|| spin(1)).counters(), []);
}
