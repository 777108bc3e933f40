//! Programs that wait for ever more than once, as they go on after the error.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tenfold_comm::{
    Communicator, Deadlock, ErrorKind, Event, Result, Tag, ThreadComm, Tracing, World,
};

use super::STALL;
use crate::watchdog::in_time;

/// Receives what nobody sends, and gives the circle that its error tells of.
fn in_vain(comm: &ThreadComm, tag: Tag) -> Vec<usize> {
    let error = comm.recv(&mut [0], 1 - comm.rank(), tag).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Deadlock { .. }), "{error}");
    error.deadlock().unwrap().circle().to_vec()
}

/// The ranks of each deadlock of a program.
fn found(ranks: usize, program: impl Fn(&ThreadComm) -> Result<()> + Sync) -> Vec<Vec<usize>> {
    let tracing = Tracing::new().stall(STALL).quiet();
    let (result, report) = World::threads(ranks).traced(tracing).run(program);
    result.unwrap();
    let ranks = |deadlock: &Deadlock| deadlock.ranks().iter().map(|waiting| waiting.rank).collect();
    report.deadlocks.iter().map(ranks).collect()
}

#[test]
fn who_goes_on_after_the_error_is_told_of_again() {
    in_time("again", || {
        let found = found(2, |world| {
            let other = 1 - world.rank();
            for tag in 0..3 {
                assert_eq!(in_vain(world, tag), [0, 1]);
                // What does not wait for ever comes back as ever.
                let (mut room, own) = ([0], [world.rank()]);
                world.sendrecv((&own, other, 9), &mut room, other, 9)?;
                assert_eq!(room, [other]);
                world.barrier()?;
            }
            Ok(())
        });
        assert_eq!(found, [[0, 1], [0, 1], [0, 1]]);
    });
}

#[test]
fn a_circle_that_forms_later_is_told_of_too() {
    in_time("two circles", || {
        let told = AtomicUsize::new(0);
        let found = found(4, |world| {
            let pair = world.split(Some(u32::from(world.rank() >= 2)), 0)?.unwrap();
            while world.rank() >= 2 && told.load(Ordering::Relaxed) < 2 {
                thread::sleep(STALL);
            }
            let first = world.rank() / 2 * 2;
            assert_eq!(in_vain(&pair, 0), [first, first + 1]);
            told.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        assert_eq!(found, [[0, 1], [2, 3]]);
    });
}

/// Its message was not received: the next has its number.
#[test]
fn a_send_that_has_waited_for_ever_is_not_counted() {
    in_time("a send in vain", || {
        let tracing = Tracing::new().stall(STALL).quiet();
        let (result, report) = World::threads(2).traced(tracing).run(|world| {
            if world.rank() == 1 {
                in_vain(world, 6);
                return world.recv(&mut [0], 0, 5).map(drop);
            }
            let error = world.issend(vec![1], 1, 5)?.wait().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Deadlock { rank: 0 });
            world.send(&[2], 1, 5)
        });
        result.unwrap();
        let numbers = |rank: usize| {
            let events = report.trace.ranks[rank].events.iter();
            events.map(|event| event.sequence).collect::<Vec<_>>()
        };
        assert_eq!(numbers(0), [Event::NONE, Event::NONE, 0]);
        assert_eq!(numbers(1), [Event::NONE, 0]);
    });
}
