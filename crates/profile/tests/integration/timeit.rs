use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tenfold_profile::{Scope, Timeit, timeit};

use crate::some_try;

const MS: Duration = Duration::from_millis(1);

fn spin(duration: Duration) {
    let start = Instant::now();
    while start.elapsed() < duration {}
}

#[test]
fn a_known_duration_is_found() {
    // Disturbance only adds time, so the bound is one-sided.
    let timing = Timeit::new().samples(5).run(|| spin(MS));
    assert!(timing.wall_ns().min >= 1e6);
    assert!(timing.wall_ns().min <= timing.wall_ns().median);
}

#[test]
fn sleeping_is_wall_time_but_no_cpu_time() {
    let timing = Timeit::new().samples(3).run(|| std::thread::sleep(5 * MS));
    assert!(timing.wall_ns().min >= 5e6);
    if let Some(cpu) = timing.cpu_ns() {
        assert!(cpu.median < 2.5e6, "{cpu:?}");
    }
}

#[test]
fn loops_are_ranged_to_the_sample_length() {
    let timeit = Timeit::new().min_sample(2 * MS).samples(4);
    let calls = Cell::new(0u64);
    let loops = || {
        let timing = timeit.run(|| calls.set(calls.get() + 1));
        assert!(calls.get() >= timing.samples().iter().map(|s| s.loops).sum());
        timing.samples().iter().map(|s| s.loops).min().unwrap() as f64
    };
    some_try(loops, |loops| loops > 1000.0);
    // One loop is enough when the closure itself is long.
    assert_eq!(timeit.autorange(|| spin(3 * MS)), 1);
}

#[test]
fn every_sample_runs_exactly_its_loops() {
    let calls = Cell::new(0u64);
    let sample = Timeit::new().sample(17, || calls.set(calls.get() + 1));
    assert_eq!((sample.loops, calls.get()), (17, 17));
    let sample = Timeit::new().sample(0, || calls.set(calls.get() + 1));
    assert_eq!((sample.loops, calls.get()), (1, 18));
}

#[test]
fn max_time_ends_a_slow_one_after_five() {
    let timing = Timeit::new().max_time(Duration::ZERO).samples(100).run(|| spin(MS));
    assert_eq!(timing.samples().len(), 5);
    assert_eq!(Timeit::new().samples(0).run(|| spin(MS)).samples().len(), 1);
}

#[test]
fn a_closure_that_costs_nothing_ends() {
    let timing = Timeit::new().samples(3).min_sample(Duration::from_micros(50)).run(|| ());
    assert!(timing.wall_ns().min >= 0.0);
}

#[test]
fn process_scope_counts_all_threads() {
    let sample = Timeit::new().scope(Scope::Process).sample(1, || {
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| cpu_spin(10 * MS));
            }
        });
    });
    if let Some(cpu) = sample.cpu {
        assert!(cpu >= 25 * MS, "{cpu:?}");
    }
    let alone = Timeit::new().sample(1, || {
        std::thread::scope(|scope| {
            scope.spawn(|| cpu_spin(10 * MS));
        });
    });
    if let Some(cpu) = alone.cpu {
        assert!(cpu < 8 * MS, "the thread's own clock saw another thread: {cpu:?}");
    }
}

/// Spins until this thread itself has had the core for so long.
fn cpu_spin(duration: Duration) {
    let timeit = Timeit::new();
    let mut spent = Duration::ZERO;
    while spent < duration {
        spent += timeit.sample(1, || spin(MS)).cpu.unwrap_or(MS);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_witness_sees_a_contended_core() {
    // Others measure, too.
    let _alone = crate::alone();
    // Twice as many spinning threads as cores, so the measured one must wait sooner or later.
    let stop = AtomicBool::new(false);
    let cores = std::thread::available_parallelism().unwrap().get();
    let seen = std::thread::scope(|scope| {
        for _ in 0..2 * cores {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let timeit = Timeit::new();
        let seen = (0..200).any(|_| !timeit.sample(1, || spin(20 * MS)).is_clean());
        stop.store(true, Ordering::Relaxed);
        seen
    });
    assert!(seen, "200 samples beside spinning threads, and none was disturbed");
}

#[test]
fn display_is_one_line() {
    let line = timeit(|| spin(Duration::from_micros(10))).to_string();
    assert!(line.contains("per loop (min 1") && line.contains("samples of"), "{line}");
    assert_eq!(line.lines().count(), 1);
}
