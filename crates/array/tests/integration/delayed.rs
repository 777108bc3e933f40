//! Functions as tasks.

use std::error::Error as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use tenfold_array::{
    Cancel, Delayed, Error, ErrorKind, Settings, delayed, join, try_delayed, try_join,
};

use crate::watchdog::in_time;

const MINUTE: Duration = Duration::from_secs(60);

fn two() -> u64 {
    2
}

#[test]
fn functions_and_closures_are_tasks() {
    let two = delayed(two);
    let three = two.map(|n| n + 1);
    let all = join((&two, &three, &delayed(|| String::from("x"))), |a, b, text| {
        text.repeat(usize::try_from(a * b).unwrap())
    });
    assert_eq!(all.compute().unwrap(), "xxxxxx");
    let eight = join((&two, &two, &two, &two, &two, &two, &two, &two), |a, b, c, d, e, f, g, h| {
        a + b + c + d + e + f + g + h
    });
    assert_eq!(eight.compute().unwrap(), 16);
}

#[test]
fn a_task_that_is_used_twice_runs_once_in_a_computation() {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let mut last = delayed(move || u64::from(counted.fetch_add(1, Ordering::Relaxed)));
    // 2^60 paths lead through it.
    for _ in 0..60 {
        last = join((&last, &last), |a, b| a.max(b) + 1);
    }
    assert_eq!(last.compute().unwrap(), 60);
    assert_eq!(last.compute().unwrap(), 61);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[test]
fn several_results_share_their_tasks() {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let numbers = delayed(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        vec![3_u32, 1, 2]
    });
    let (sum, len) = (numbers.map(|n| n.iter().sum::<u32>()), numbers.map(Vec::len));
    let settings = Settings::new();
    assert_eq!(
        settings.compute_many((&sum, &len, &numbers, &sum)).unwrap(),
        (6, 3, vec![3, 1, 2], 6)
    );
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert_eq!(settings.compute_many(&[sum.clone(), sum][..]).unwrap(), [6, 6]);
    assert!(settings.compute_many::<&[Delayed<u32>]>(&[]).unwrap().is_empty());
}

#[test]
fn a_result_need_not_be_cloned() {
    struct Unique(u32);
    let unique = delayed(|| Unique(7)).map(|unique| Unique(unique.0 + 1));
    assert_eq!(unique.compute().unwrap().0, 8);
}

#[test]
fn many_results_come_in_order() {
    let parts: Vec<Delayed<usize>> = (0..1000).map(|n| delayed(move || n)).collect();
    let all = Delayed::all(&parts, |values| values.iter().map(|&&n| n).collect::<Vec<_>>());
    assert_eq!(all.compute().unwrap(), (0..1000).collect::<Vec<_>>());
    assert_eq!(Delayed::all(&parts[..0], |values| values.len()).compute().unwrap(), 0);
    let texts: Vec<Delayed<String>> = (0..7).map(|n| delayed(move || n.to_string())).collect();
    let tree = Delayed::reduce(&texts, |a, b| format!("({a}{b})")).unwrap();
    assert_eq!(tree.compute().unwrap(), "(((01)(23))((45)6))");
    assert!(Delayed::reduce(&texts[..0], |a, b| format!("{a}{b}")).is_none());
}

#[test]
fn an_error_comes_back_with_name_line_and_source() {
    let line = line!() + 1;
    let parsed = try_delayed(|| "4x2".parse::<u32>()).named("parse");
    let doubled = parsed.map(|n| 2 * n);
    let error = doubled.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(error.location().unwrap().line(), line);
    assert_eq!(error.to_string(), format!("task `parse` failed (at {}:{line})", file!()));
    assert!(error.source().unwrap().is::<std::num::ParseIntError>());
    let empty = delayed(Vec::<u32>::new).map(Vec::len);
    let divided = try_join((&empty, &empty), |a, b| a.checked_div(*b).ok_or("a zero"));
    assert!(format!("{:#}", divided.compute().unwrap_err()).ends_with(": a zero"));
    let parts = [delayed(two), delayed(two)];
    let refused = Delayed::try_all(&parts, |_| Err::<(), _>("no")).try_map(|()| Ok::<_, Error>(1));
    assert_eq!(refused.compute().unwrap_err().source().unwrap().to_string(), "no");
}

#[test]
fn a_panic_comes_back_with_name_and_message() {
    let line = line!() + 1;
    let panics = delayed(two).map(|n| assert!(*n == 3, "{n} is no three")).named("three");
    let error = panics.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    let text = format!("task `three` panicked: 2 is no three (at {}:{line})", file!());
    assert_eq!(error.to_string(), text);
}

#[test]
fn tasks_can_be_computed_again_after_a_failure() {
    let runs = AtomicU32::new(0);
    let fails_once = try_delayed(move || match runs.fetch_add(1, Ordering::Relaxed) {
        0 => Err("not yet"),
        n => Ok(n),
    });
    let next = fails_once.map(|n| n + 1);
    assert_eq!(next.compute().unwrap_err().kind(), ErrorKind::Failed);
    assert_eq!(next.compute().unwrap(), 2);
}

#[test]
fn a_task_is_tried_again() {
    let make = |retries| {
        let runs = AtomicU32::new(0);
        let task = try_delayed(move || match runs.fetch_add(1, Ordering::Relaxed) {
            0 => Err("no"),
            1 => panic!("nor this time"),
            n => Ok(n),
        });
        task.named("shaky").retries(retries).map(|n| n + 1)
    };
    assert_eq!(make(2).compute().unwrap(), 3);
    let error = make(1).compute().unwrap_err().to_string();
    assert!(error.starts_with("task `shaky` panicked 2 times: nor this time"), "{error}");
    // Nobody tries again what was cancelled.
    let cancel = Cancel::new();
    let token = cancel.clone();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let task = try_delayed(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        token.cancel();
        Err::<(), _>("no")
    });
    let task = task.retries(u32::MAX);
    let error = Settings::new().cancel(&cancel).compute(&task).unwrap_err();
    assert_eq!((error.kind(), runs.load(Ordering::Relaxed)), (ErrorKind::Failed, 1));
}

#[test]
fn a_cancelled_computation_says_how_far_it_was() {
    let cancel = Cancel::new();
    let token = cancel.clone();
    let mut last = delayed(|| 0);
    for step in 1..100 {
        let token = token.clone();
        last = last.map(move |n| {
            if step == 49 {
                token.cancel();
            }
            n + 1
        });
    }
    let settings = Settings::new().cancel(&cancel);
    let error = settings.compute(&last).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.to_string(), "the computation was cancelled after 50 of 100 tasks");
    assert_eq!(last.compute().unwrap(), 99);
}

#[test]
fn progress_goes_up_to_the_end() {
    let told = Arc::new(Mutex::new(vec![]));
    let list = Arc::clone(&told);
    let settings =
        Settings::new().threads(3).progress(move |done, of| list.lock().unwrap().push((done, of)));
    let parts: Vec<Delayed<usize>> = (0..100).map(|n| delayed(move || n)).collect();
    settings.compute(&Delayed::reduce(&parts, |a, b| a + b).unwrap()).unwrap();
    let told = told.lock().unwrap();
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0), "{told:?}");
    assert_eq!(told.last(), Some(&(199, 199)));
    let panics = Settings::new().progress(|_, _| panic!("no bar"));
    let error = panics.compute(&parts[0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(error.to_string(), "who is told of the progress panicked: no bar");
}

#[test]
fn a_chain_of_a_million_tasks_is_built_computed_and_dropped() {
    in_time(2 * MINUTE, || {
        let mut last = delayed(|| 0_u64);
        for _ in 0..1_000_000 {
            last = last.map(|n| n + 1);
        }
        assert_eq!(last.compute().unwrap(), 1_000_000);
        // Who holds a part of it keeps that part alone.
        let clone = last.clone();
        drop(last);
        drop(clone);
    });
}

#[test]
fn a_cap_is_kept_by_the_order_of_tasks() {
    in_time(MINUTE, || {
        let parts: Vec<Delayed<u64>> = (0..256).map(|n| delayed(move || n).bytes(100)).collect();
        let tree = Delayed::reduce(&parts, |a, b| a + b).unwrap();
        let settings = Settings::new().threads(4);
        // Two at each of the 8 levels but for the sums, of which nothing is said.
        let least = settings.minimum_memory(&tree).unwrap();
        assert!(least <= 300, "{least}");
        let error = settings.clone().memory(least - 1).compute(&tree).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory);
        let text = format!("needs {least} bytes with all that is alive beside it, but the cap is");
        assert!(error.to_string().contains(&text), "{error}");
        assert!(
            error.to_string().starts_with("task `a_cap_is_kept_by_the_order_of_tasks` "),
            "{error}"
        );
        let capped = settings.memory(least);
        assert_eq!(capped.compute(&tree).unwrap(), 255 * 128);
        let (result, traces) = capped.traced(|capped| capped.compute(&tree));
        assert!(result.is_ok() && traces[0].peak_bytes <= least as u64, "{traces:?}");
    });
}

/// Each of a pair waits for the other, on the threads that an outer task's settings has.
#[test]
fn a_task_may_compute_others() {
    in_time(MINUTE, || {
        let outer: Vec<Delayed<u64>> = (0..8)
            .map(|n| {
                try_delayed(move || {
                    let meeting = Arc::new(Barrier::new(2));
                    let inner: Vec<Delayed<u64>> = (0..2)
                        .map(|m| {
                            let meeting = Arc::clone(&meeting);
                            delayed(move || {
                                meeting.wait();
                                n + m
                            })
                        })
                        .collect();
                    let sum = Delayed::reduce(&inner, |a, b| a + b).ok_or("none")?;
                    Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
                        Settings::new().threads(2).compute(&sum)?,
                    )
                })
            })
            .collect();
        let sum = Delayed::reduce(&outer, |a, b| a + b).unwrap();
        assert_eq!(Settings::new().threads(2).compute(&sum).unwrap(), 64);
    });
}

#[test]
fn one_graph_is_computed_by_several_at_once() {
    in_time(MINUTE, || {
        let parts: Vec<Delayed<u64>> = (0..500).map(|n| delayed(move || n)).collect();
        let sum = Delayed::reduce(&parts, |a, b| a + b).unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(sum.clone().compute().unwrap(), 500 * 499 / 2));
            }
        });
    });
}

/// They say what panics, and what is dropped while it unwinds.
#[test]
fn results_are_dropped_when_a_task_fails() {
    let held = Arc::new(());
    let parts: Vec<Delayed<Arc<()>>> = (0..20)
        .map(|_| {
            let held = Arc::clone(&held);
            delayed(move || Arc::clone(&held))
        })
        .collect();
    let fails = Delayed::try_all(&parts, |_| Err::<(), _>("no"));
    assert!(Settings::new().threads(2).compute(&fails).is_err());
    assert_eq!(Arc::strong_count(&held), 21);
    drop((parts, fails));
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn handles_tell_what_they_are() {
    let two = delayed(two);
    assert_eq!(&*two.name(), "two");
    assert_eq!(format!("{two:?}"), "Delayed<u64>(task `two` of 0 inputs)");
    let closure = two.map(|n| n + 1);
    assert_eq!(&*closure.name(), "handles_tell_what_they_are");
    let clone = closure.clone();
    assert_eq!(&*closure.named("next").name(), "next");
    assert_eq!(&*clone.name(), "next", "it is the same task");
}
