//! The trace is JSON whatever the names are.

use std::time::Duration;

use tenfold_report::{Trace, Track};

use crate::json::assert_json;

const HOSTILE: &str = "a\"b\\c\n\r\t\u{1}\u{7f}\u{2028}</script>é🦀";

fn trace() -> Trace {
    let mut trace = Trace::new();
    let track = Track { process: 3, thread: u32::MAX };
    trace.process_name(3, HOSTILE);
    trace.thread_name(track, HOSTILE);
    trace.complete(track, HOSTILE, HOSTILE, Duration::ZERO, Duration::MAX);
    let facts = [(HOSTILE, HOSTILE), ("bytes", "64")];
    trace.complete_with(
        track,
        "b",
        "c",
        Duration::from_nanos(1),
        Duration::from_nanos(2001),
        &facts,
    );
    let values = [(HOSTILE, 1.5), ("huge", f64::MAX), ("tiny", 5e-324), ("none", f64::NAN)];
    trace.counter(track, HOSTILE, Duration::from_micros(7), &values);
    trace.counter(track, "empty", Duration::ZERO, &[("inf", f64::INFINITY)]);
    trace
}

#[test]
fn hostile_names_and_bad_numbers_still_make_json() {
    assert_json(&trace().to_json());
    assert_json(&Trace::new().to_json());
}

#[test]
fn events_keep_their_order_and_times() {
    let trace = trace();
    let json = trace.to_json();
    assert_eq!((trace.len(), trace.is_empty()), (6, false));
    assert_eq!(json.matches("\"ph\":").count(), 6);
    assert!(json.contains("\"ts\":0.001,\"dur\":2.001,\"cat\":\"c\""));
    assert!(json.contains("\"bytes\":\"64\"") && json.contains(":1.5e0"));
    assert!(!json.contains("NaN") && !json.contains(":inf"));
}
