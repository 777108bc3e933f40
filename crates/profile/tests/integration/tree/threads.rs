//! Threads that come and go, and sessions that end in the middle.

use std::pin::{Pin, pin};
use std::sync::Barrier;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};
use std::thread;

use tenfold_profile::{Session, scope};

use super::leaf;
use crate::{alone, calls, record, spin};

#[test]
fn threads_that_ended_are_in_the_report() {
    let report = record(|| {
        for _ in 0..20 {
            thread::spawn(leaf).join().unwrap();
        }
        thread::scope(|scope| {
            for number in 0..4 {
                let named = thread::Builder::new().name(format!("worker {number}"));
                named.spawn_scoped(scope, || scope!("work", leaf())).unwrap();
            }
        });
    });
    assert_eq!(calls(&report, "leaf"), (24, 24));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let threads = json["threads"].as_array().unwrap();
    assert_eq!(threads.len(), 24);
    let workers = threads.iter().filter(|t| t["name"].as_str().unwrap().starts_with("worker"));
    assert!(workers.clone().all(|t| t["paths"].as_array().unwrap().len() == 2));
    assert_eq!(workers.count(), 4);
}

#[test]
fn records_are_used_again() {
    // As many threads as would take 200 MB if each left its record behind.
    for _ in 0..10 {
        let report = record(|| {
            for _ in 0..50 {
                thread::spawn(leaf).join().unwrap();
            }
        });
        assert_eq!(calls(&report, "leaf"), (50, 50));
    }
}

#[test]
fn scopes_that_are_open_count_until_the_end() {
    let _alone = alone();
    let (go, wait) = (Barrier::new(2), Barrier::new(2));
    let session = Session::start().unwrap();
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            scope!("theirs");
            {
                scope!("closed", spin(1000));
            }
            scope!("theirs, inside");
            go.wait();
            wait.wait();
        });
        go.wait();
        scope!("ours");
        let _ = spin(100_000);
        let report = session.finish();
        wait.wait();
        report
    });
    for name in ["theirs", "theirs, inside", "ours"] {
        let function = report.function(name).unwrap();
        assert_eq!((function.calls(), function.open_calls()), (1, 1), "{name}");
        assert!(function.total_ns() > 0.0 && function.max_ns() >= function.min_ns(), "{name}");
    }
    assert_eq!(report.function("closed").unwrap().open_calls(), 0);
    let theirs = report.function("theirs").unwrap();
    assert!(theirs.total_ns() >= report.function("theirs, inside").unwrap().total_ns());
    assert!(report.diagnosis().join("\n").contains("open at the end"));
}

#[test]
fn a_recursion_that_is_open_counts_once() {
    fn down(n: u32, session: Session) -> tenfold_profile::Report {
        scope!("down");
        spin(500);
        if n == 0 { session.finish() } else { down(n - 1, session) }
    }
    let _alone = alone();
    let session = Session::start().unwrap();
    let report = down(4, session);
    let down = report.function("down").unwrap();
    assert_eq!((down.calls(), down.primitive_calls(), down.open_calls()), (5, 1, 5));
    assert!((down.self_ns() / down.total_ns() - 1.0).abs() < 0.01, "{report}");
}

#[test]
fn a_session_may_end_while_threads_go_on() {
    let _alone = alone();
    let (stop, stopped) = channel::<()>();
    let worker = thread::spawn(move || {
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            scope!("busy");
            leaf();
        }
    });
    for _ in 0..50 {
        let session = Session::start().unwrap();
        scope!("this thread", spin(20_000));
        let report = session.finish();
        let (busy, leaf) = (calls(&report, "busy").0, calls(&report, "leaf").0);
        // At most one call of each was open, or had begun before the session.
        assert!(busy.abs_diff(leaf) <= 2, "{busy} and {leaf}");
        assert_eq!(calls(&report, "this thread"), (1, 1));
        for function in report.functions() {
            assert!(function.self_ns() <= 1.01 * function.total_ns() + 1.0, "{report}");
        }
    }
    drop(stop);
    worker.join().unwrap();
}

#[test]
fn scopes_in_destructors_of_thread_locals_do_no_harm() {
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            scope!("last words", spin(10));
        }
    }
    thread_local!(static LAST: Last = const { Last });
    let report = record(|| {
        thread::spawn(|| {
            LAST.with(|_| ());
            leaf()
        })
        .join()
        .unwrap();
        thread::spawn(|| {
            leaf();
            LAST.with(|_| ());
        })
        .join()
        .unwrap();
    });
    assert_eq!(calls(&report, "leaf"), (2, 2));
    assert!(calls(&report, "last words").0 <= 2, "{report}");
}

/// Waits for one turn.
struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// A guard that is held over an `.await` by hand-made interleaving.
#[test]
fn scopes_that_cross_are_closed_and_said() {
    let report = record(|| {
        let first = async {
            scope!("first");
            Once(false).await;
        };
        let second = async {
            scope!("second");
            Once(false).await;
            leaf();
        };
        let (mut first, mut second) = (pin!(first), pin!(second));
        let mut context = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert!(first.as_mut().poll(&mut context).is_ready());
        assert!(second.as_mut().poll(&mut context).is_ready());
        leaf();
    });
    assert_eq!(["first", "second", "leaf"].map(|name| calls(&report, name).0), [1, 1, 2]);
    let diagnosis = report.diagnosis().join("\n");
    assert!(diagnosis.contains("1 scopes ended before ones that began later"), "{diagnosis}");
}

/// The guard of a scope that ended with another one is dropped while the place that it had is taken.
#[test]
fn a_guard_that_comes_late_ends_nobody_elses_scope() {
    async fn second() {
        scope!("second");
        Once(false).await;
    }
    let report = record(|| {
        let first = async {
            scope!("first");
            Once(false).await;
        };
        let (mut first, mut second, mut again) = (pin!(first), pin!(second()), pin!(second()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert!(first.as_mut().poll(&mut context).is_ready());
        scope!("third");
        {
            scope!("fourth");
            assert!(second.as_mut().poll(&mut context).is_ready());
            leaf();
        }
        assert!(again.as_mut().poll(&mut context).is_pending());
        assert!(again.as_mut().poll(&mut context).is_ready());
    });
    let counts = ["first", "second", "third", "fourth"].map(|name| calls(&report, name));
    assert_eq!(counts, [(1, 1), (2, 2), (1, 1), (1, 1)], "{report}");
    assert_eq!(super::callers(&report, "leaf"), ["fourth"]);
    let diagnosis = report.diagnosis().join("\n");
    assert!(diagnosis.contains("1 scopes ended before ones that began later"), "{diagnosis}");
}
