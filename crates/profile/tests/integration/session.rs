//! When a session may start, and what one that saw nothing says.

use tenfold_profile::{ErrorKind, Report, Session, Timer, scope, timeit};

use crate::{alone, record, spin};

#[test]
fn there_is_one_at_a_time() {
    let _alone = alone();
    let session = Session::start().unwrap();
    let error = Session::start().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::SessionRuns);
    assert!(error.to_string().contains("one at a time"), "{error}");
    drop(session);
    // One that was dropped makes room, and so does one that is finished.
    let report = Session::start().unwrap().finish();
    assert!(report.functions().is_empty());
    assert!(Session::start().unwrap().finish().wall().as_nanos() > 0);
}

#[test]
fn a_report_of_nothing_says_so() {
    let report = record(|| spin(10));
    let text = report.to_string();
    assert!(text.contains("no scope was entered"), "{text}");
    assert!(text.contains("#[profile]"), "{text}");
    assert_eq!(report.pareto(), None);
    assert!(report.to_html().contains("no scope was entered"));
    assert!(report.functions().is_empty() && report.total_ns() == 0.0);
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["functions"], serde_json::json!([]));
}

#[test]
fn arguments_out_of_bounds_are_errors() {
    let error = Session::builder().trace(usize::MAX).start().unwrap_err();
    assert!(error.to_string().starts_with("`trace` is 18446744073709551615, and has"), "{error}");
}

#[test]
fn nothing_is_recorded_outside_of_sessions() {
    let report = {
        let _alone = alone();
        scope!("before", spin(10));
        let session = Session::start().unwrap();
        scope!("during", spin(10));
        let report = session.finish();
        scope!("after", spin(10));
        report
    };
    let names: Vec<&str> = report.functions().iter().map(|f| f.name()).collect();
    assert_eq!(names, ["during"]);
}

#[test]
fn a_session_starts_from_nothing() {
    for calls in 1..4 {
        let report: Report = record(|| {
            for _ in 0..calls {
                scope!("again");
            }
        });
        assert_eq!(crate::calls(&report, "again"), (calls, calls));
    }
}

#[test]
fn a_timer_has_three_clocks() {
    let timer = Timer::start();
    std::thread::sleep(std::time::Duration::from_millis(5));
    let slept = timer.elapsed();
    assert!(slept.wall.as_millis() >= 5);
    if let (Some(thread), Some(process)) = (slept.thread_cpu, slept.process_cpu) {
        assert!(thread < slept.wall, "{slept:?}");
        assert!(process.as_nanos() > 0 || thread.as_nanos() == 0);
    }
    assert!(timer.elapsed().wall > slept.wall);
}

#[test]
fn timeit_takes_an_expression() {
    let n = 100;
    let timing = timeit!(spin(n));
    assert!(timing.wall_ns().min > 0.0);
}
