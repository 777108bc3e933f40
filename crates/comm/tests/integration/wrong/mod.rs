//! Wrong programs, each with a right one that differs by its mistake: what is told of them.

mod again;
mod case;
mod circles;
mod collectives;
mod messages;
mod requests;

use std::cell::Cell;
use std::hint;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tenfold_comm::{
    CallKind, Communicator, ErrorKind, Finding, Report, Result, Source, Sum, ThreadComm, Tracing,
    World,
};

use self::case::{Case, Told, cases};
use crate::watchdog::in_time;

/// So that the suite is quick: what is told is right with any.
const STALL: Duration = Duration::from_millis(5);

/// Whether what must be told is.
fn is_told(told: Told, report: &Report) -> bool {
    let finds = |is_it: fn(&Finding) -> bool| report.findings.iter().any(is_it);
    let deadlock = report.deadlocks.first();
    match told {
        Told::Deadlock => deadlock.is_some(),
        Told::Buffering => deadlock.is_some_and(|deadlock| deadlock.buffering().count() > 0),
        Told::Collectives => finds(|finding| matches!(finding, Finding::Collectives { .. })),
        Told::Failed => finds(|finding| matches!(finding, Finding::Failed { .. })),
        Told::Unreceived => finds(|finding| matches!(finding, Finding::Unreceived { .. })),
        Told::Request => finds(|finding| matches!(finding, Finding::Request { .. })),
    }
}

/// What is wrong with what is told of a case.
fn verdict(case: &Case<ThreadComm>, ranks: usize, delay: fn(&ThreadComm)) -> Vec<String> {
    let tracing = Tracing::new().stall(STALL).quiet();
    let run = |tracing: Tracing, program: fn(&ThreadComm) -> Result<()>| {
        World::threads(ranks).traced(tracing).run(|world| {
            delay(world);
            program(world)
        })
    };
    let name = case.name;
    let mut wrong = vec![];
    let is_synchronous = case.told == Told::Buffering;
    let stricter = tracing.clone().synchronous_sends();
    let (_, report) =
        run(if is_synchronous { stricter.clone() } else { tracing.clone() }, case.wrong);
    if !is_told(case.told, &report) {
        wrong.push(format!("missed: {name}, {ranks} ranks: {report}"));
    }
    for tracing in [tracing, stricter] {
        let (result, report) = run(tracing, case.right);
        if !report.is_clean() || result.is_err() {
            wrong.push(format!("false alarm: {name}, {ranks} ranks: {report}{:?}", result.err()));
        }
    }
    wrong
}

#[test]
fn each_is_told_of_and_its_twin_is_not() {
    in_time("wrong programs", || {
        let cases = cases();
        assert!(cases.len() >= 60, "{}", cases.len());
        for ranks in [2, 3, 5] {
            let of = cases.iter().filter(|case| case.ranks <= ranks);
            let wrong: Vec<String> = of.flat_map(|case| verdict(case, ranks, |_| ())).collect();
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    });
}

/// Of all worlds so far, so that no two have the same delays.
static SEED: AtomicU64 = AtomicU64::new(1);

/// Lets a rank come late: by more than what a stall is, or not at all.
fn delayed(world: &ThreadComm) {
    let seed = SEED.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let random = (seed ^ world.rank() as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40;
    if !random.is_multiple_of(3) {
        thread::sleep(Duration::from_micros(random % 16_000));
    }
}

/// Every number of ranks, where ranks are late and other threads have the cores.
#[test]
#[ignore = "long: minutes"]
fn each_is_told_of_under_load() {
    let is_over = AtomicBool::new(false);
    let cases = cases();
    let (mut worlds, mut wrong) = (0, vec![]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            });
        }
        for ranks in 2..=7 {
            for case in cases.iter().filter(|case| case.ranks <= ranks) {
                wrong.extend(verdict(case, ranks, delayed));
                worlds += 1;
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    println!("{worlds} wrong programs and as many twins, {} mistaken", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each rank of the ring ends with an error, whose data names the circle and the line.
#[test]
fn the_ring_is_told_with_its_circle() {
    in_time("ring", || {
        let line = Cell::new(0);
        let errors = std::sync::Mutex::new(vec![]);
        let tracing = Tracing::new().stall(STALL).quiet();
        let (result, report) = World::threads(4).traced(tracing).run(|world| {
            let (left, right) = case::sides(world);
            let data = vec![1.0; case::LARGE];
            let result = world.send(&data, right, 7);
            errors.lock().unwrap().push((world.rank(), result.unwrap_err()));
            world.recv(&mut [0.0], left, 7).map(drop)
        });
        line.set(line!() - 4);
        assert!(result.is_err());
        let deadlock = &report.deadlocks[0];
        assert_eq!(deadlock.circle(), [0, 1, 2, 3]);
        let mut errors = errors.into_inner().unwrap();
        errors.sort_by_key(|(rank, _)| *rank);
        for (rank, error) in &errors {
            assert_eq!(error.kind(), ErrorKind::Deadlock { rank: *rank });
            let waiting = &error.deadlock().unwrap().ranks()[*rank];
            assert_eq!(waiting, &deadlock.ranks()[*rank]);
            assert_eq!(waiting.waits_for, [(rank + 1) % 4]);
            let call = waiting.call.as_ref().unwrap();
            assert_eq!((call.kind, call.to), (CallKind::Send, Some((rank + 1) % 4)));
            assert!(call.place.file.ends_with("mod.rs") && waiting.is_buffering);
            assert!(line.get() - call.place.line < 6, "{}", call.place);
        }
        assert_eq!(errors.len(), 4);
        let text = deadlock.text();
        assert!(text.contains("in a circle: 0 -> 1 -> 2 -> 3 -> 0"), "{text}");
        assert!(text.contains("\n  2 --send--> 3\n"), "{text}");
        assert!(text.contains("rank 1 is in send to rank 2, tag 7, 800000 bytes at "), "{text}");
    });
}

/// The last rank is not in the circle, and is not told of; the others are, while it computes.
#[test]
fn who_computes_is_not_told_of() {
    in_time("computing", || {
        let tracing = Tracing::new().stall(STALL).quiet();
        let (result, report) = World::threads(3).traced(tracing.clone()).run(|world| {
            if world.rank() == 2 {
                thread::sleep(100 * STALL);
                return Ok(());
            }
            world.recv(&mut [0], 1 - world.rank(), 0).map(drop)
        });
        assert!(result.is_err());
        let ranks = report.deadlocks[0].ranks().to_vec();
        assert_eq!(ranks.iter().map(|waiting| waiting.rank).collect::<Vec<_>>(), [0, 1]);
        let (result, report) = World::threads(4).traced(tracing).run(|world| {
            if world.rank() == 3 {
                // A hundred times as long as a stall.
                thread::sleep(100 * STALL);
                world.send(&[1], 0, 0)?;
            }
            if world.rank() == 0 {
                world.recv(&mut [0], Source::Any, 0)?;
            }
            world.allreduce(&[1], &mut [0], Sum)
        });
        assert!(result.is_ok() && report.is_clean(), "{report}");
    });
}

/// A circle through a choice: any of two could come, and both wait.
#[test]
fn any_rank_waits_for_all_that_could_send() {
    in_time("any", || {
        let tracing = Tracing::new().stall(STALL).quiet();
        let (_, report) = World::threads(3).traced(tracing).run(|world| match world.rank() {
            0 => world.recv(&mut [0], Source::Any, 0).map(drop),
            1 => world.recv(&mut [0], 0, 0).map(drop),
            _ => world.barrier(),
        });
        let deadlock = &report.deadlocks[0];
        let first = &deadlock.ranks()[0];
        assert!(first.any && first.waits_for == [1, 2], "{}", deadlock.text());
        let text = deadlock.text();
        assert!(text.contains("and waits for one of ranks 1, 2\n"), "{text}");
        assert!(text.contains("0 --recv--> 1 | 2"), "{text}");
    });
}

/// What waits for a request names the line that has started it.
#[test]
fn a_wait_names_what_it_waits_for() {
    in_time("waits", || {
        let tracing = Tracing::new().stall(STALL).quiet();
        let (_, report) = World::threads(2).traced(tracing).run(|world| {
            let request = world.irecv(vec![0], 1 - world.rank(), 3)?;
            request.wait().map(drop)
        });
        let line = line!() - 3;
        let deadlock = &report.deadlocks[0];
        let started = deadlock.ranks()[1].started.clone().unwrap();
        assert_eq!((started.kind, started.place.line), (CallKind::Irecv, line));
    });
}
