//! Collectives that go on: what goes wrong with them, and who drives them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use tenfold_comm::{
    CallKind, Communicator, Error, ErrorKind, NonblockingCollectives, Sum, ThreadComm, World,
};

use crate::watchdog::in_time;

/// What each rank was told.
fn told(
    ranks: usize,
    program: impl Fn(&ThreadComm) -> Result<(), Error> + Sync,
) -> Vec<Option<ErrorKind>> {
    let program = |world: &ThreadComm| Ok::<_, Error>(program(world).err().map(|e| e.kind()));
    World::threads(ranks).run(program).unwrap()
}

#[test]
fn different_ones_are_an_error() {
    in_time("different", || {
        let told = told(2, |world| match world.rank() {
            0 => world.iallreduce(vec![1], vec![0], Sum)?.wait().map(drop),
            _ => world.iallgather(vec![1], vec![0; 2])?.wait().map(drop),
        });
        let (sum, all) = (CallKind::Iallreduce, CallKind::Iallgather);
        let mismatch = |here, there, from| {
            Some(ErrorKind::CollectiveMismatch { here, root: 0, there, their_root: 0, from })
        };
        assert_eq!(told, [mismatch(sum, all, 1), mismatch(all, sum, 0)]);
    });
}

#[test]
fn those_in_another_order_are_an_error() {
    in_time("order", || {
        let told = told(2, |world| {
            if world.rank() == 0 {
                let barrier = world.ibarrier()?;
                let sum = world.iallreduce(vec![1], vec![0], Sum)?;
                barrier.wait()?;
                return sum.wait().map(drop);
            }
            let sum = world.iallreduce(vec![1], vec![0], Sum)?;
            let barrier = world.ibarrier()?;
            barrier.wait()?;
            sum.wait().map(drop)
        });
        // A rank may be told when it starts the first, and end before it starts the second.
        let is_mismatch = |kind| matches!(kind, Some(ErrorKind::CollectiveMismatch { .. }));
        assert!(told.iter().any(|&kind| is_mismatch(kind)), "{told:?}");
        for kind in told {
            let is_end = matches!(kind, Some(ErrorKind::RankEnded { .. }));
            assert!(is_mismatch(kind) || is_end, "{kind:?}");
        }
    });
}

#[test]
fn other_roots_counts_and_types_are_an_error() {
    in_time("roots", || {
        // Rank 2 waits for rank 0, which sends as the leaf of another tree.
        let told_of = told(4, |world| {
            let root = if world.rank() == 2 { 0 } else { 3 };
            world.ibcast(vec![7; 3], root)?.wait().map(drop)
        });
        let root = told_of[2];
        assert!(
            matches!(
                root,
                Some(
                    ErrorKind::CollectiveMismatch { root: 0, their_root: 3, .. }
                        | ErrorKind::RankEnded { rank: 0 }
                )
            ),
            "{root:?}"
        );
        let counts = told(2, |world| world.ibcast(vec![7; 3 + world.rank()], 0)?.wait().map(drop));
        let call = CallKind::Ibcast;
        let short = ErrorKind::CountMismatch { call, expected: 4, sent: 3, from: 0 };
        assert_eq!(counts, [None, Some(short)]);
        let counts = told(2, |world| world.ibcast(vec![7; 3 - world.rank()], 0)?.wait().map(drop));
        let long = ErrorKind::CountMismatch { call, expected: 2, sent: 3, from: 0 };
        assert_eq!(counts, [None, Some(long)]);
        let types = told(2, |world| match world.rank() {
            0 => world.ibcast(vec![7_u32], 0)?.wait().map(drop),
            _ => world.ibcast(vec![7_f32], 0)?.wait().map(drop),
        });
        assert!(matches!(types[1], Some(ErrorKind::Type { from: 0, .. })), "{types:?}");
    });
}

#[test]
fn an_end_is_told_to_who_waits() {
    in_time("end", || {
        let told_of = told(2, |world| match world.rank() {
            0 => world.ibarrier()?.wait(),
            _ => Ok(()),
        });
        assert_eq!(told_of, [Some(ErrorKind::RankEnded { rank: 1 }), None]);
    });
}

#[test]
fn a_failure_is_told_to_who_waits() {
    in_time("failure", || {
        let result = World::threads(3).run(|world| {
            if world.rank() == 1 {
                return Err(ErrorKind::Write.into());
            }
            let mut barrier = match world.ibarrier() {
                Ok(barrier) => barrier,
                Err(error) => return Err(error),
            };
            while !barrier.is_done() {
                std::thread::yield_now();
            }
            let kind = barrier.wait().unwrap_err().kind();
            assert_eq!(kind, ErrorKind::RankFailed { rank: 1 });
            Ok::<_, Error>(())
        });
        assert_eq!(result.unwrap_err().rank(), 1);
    });
}

/// Also where the thread of a request lives on: it ends with its result untaken.
#[test]
fn requests_outlive_neither_their_ranks_nor_their_worlds() {
    in_time("outlive", || {
        let told_of = told(3, |world| {
            let kept = Rc::new(());
            let operation = {
                let kept = Rc::clone(&kept);
                move |a: u32, b: u32| if Rc::strong_count(&kept) > 0 { a + b } else { 0 }
            };
            if world.rank() == 0 {
                // Who ends first is told of at once.
                return (1..3).try_for_each(|from| world.recv(&mut [0], from, 1).map(drop));
            }
            std::mem::forget(world.iallreduce(vec![1], vec![0], operation)?);
            drop(world.iscan(vec![1], vec![0], Sum)?);
            world.send(&[0], 0, 1)
        });
        assert_eq!(told_of, [None; 3]);
    });
}

/// A barrier is open as long as rank 1 has not started it.
#[test]
fn any_number_is_started_while_one_is_open() {
    const MANY: usize = if cfg!(miri) { 50 } else { 5000 };
    in_time("numbers", || {
        let result = World::threads(2).run(|world| {
            let part = world.dup()?;
            if world.rank() == 1 {
                world.recv(&mut [0], 0, 1)?;
                world.ibarrier()?.wait()?;
                for round in 0..MANY {
                    assert_eq!(part.ibcast(vec![0], 0)?.wait()?, [round]);
                }
                return world.ibarrier()?.wait();
            }
            let barrier = world.ibarrier()?;
            for round in 0..MANY {
                part.ibcast(vec![round], 0)?.wait()?;
            }
            world.send(&[0], 1, 1)?;
            barrier.wait()?;
            world.ibarrier()?.wait()
        });
        result.unwrap();
    });
}

fn panics(_: u32, _: u32) -> u32 {
    std::panic::resume_unwind(Box::new("an operation"))
}

/// Nobody could be told: all ranks are, at once, and the world ends with the panic. Rank 0 waits for a message that
/// rank 1 sends after a barrier, which cannot come.
#[test]
fn an_operation_without_a_request_that_panics_fails_its_rank() {
    in_time("dropped", || {
        let result = World::threads(2).run(|world| {
            if world.rank() == 0 {
                drop(world.iallreduce(vec![1_u32], vec![0], panics)?);
                world.send(&[0], 1, 1)?;
                return world.recv(&mut [0], 1, 2).map(drop);
            }
            world.recv(&mut [0], 0, 1)?;
            // Its own part is done at once.
            assert!(world.iallreduce(vec![1_u32], vec![0], Sum)?.is_done());
            let kind = world.ibarrier()?.wait().unwrap_err().kind();
            assert_eq!(kind, ErrorKind::RankFailed { rank: 0 });
            Err::<(), Error>(kind.into())
        });
        assert_eq!(result.unwrap_err().to_string(), "rank 0 panicked: an operation");
    });
}

/// While something else unwinds that is what is told, and then the panic.
#[test]
fn a_request_that_is_dropped_by_a_panic_fails_its_rank() {
    in_time("unwinds", || {
        let result = World::threads(2).run(|world| {
            let sum = first_on_rank_0(world, || world.iallreduce(vec![1_u32], vec![0], panics));
            // On rank 1 it comes out of the start.
            let Ok(sum) = sum else { return Ok(()) };
            let mut sum = sum?;
            let other = catch_unwind(AssertUnwindSafe(move || {
                while !sum.is_done() {
                    std::thread::yield_now();
                }
                std::panic::resume_unwind(Box::new("another"))
            }));
            let other: Box<dyn std::any::Any + Send> = other.map(|(): ()| ()).unwrap_err();
            assert_eq!(other.downcast_ref(), Some(&"another"));
            let kind = world.recv(&mut [0], 1, 1).unwrap_err().kind();
            assert_eq!(kind, ErrorKind::RankFailed { rank: 0 });
            Ok::<_, Error>(())
        });
        assert_eq!(result.unwrap_err().to_string(), "rank 0 panicked: an operation");
    });
}

/// It is told when the program ends, and nobody waits for what cannot come.
#[test]
fn a_request_that_is_forgotten_is_told_of_at_the_end() {
    in_time("forgotten", || {
        let result = World::threads(2).run(|world| {
            if world.rank() == 1 {
                let sum = world.iallreduce(vec![1_u32], vec![0], |a, b| a + b)?;
                sum.wait()?;
                // Never done: rank 0 has ended with its panic.
                return world.ibarrier()?.wait();
            }
            std::mem::forget(world.iallreduce(vec![1_u32], vec![0], panics));
            Ok::<_, Error>(())
        });
        assert_eq!(result.unwrap_err().to_string(), "rank 0 panicked: an operation");
    });
}

/// The panic of an operation comes out of the call that starts it, where what it needs is there.
#[test]
fn an_operation_that_panics_at_once() {
    in_time("at once", || {
        let told_of = told(2, |world| {
            if world.rank() == 1 {
                world.ireduce(vec![1_u32], vec![0], Sum, 0)?.wait()?;
                return world.send(&[0], 0, 1);
            }
            world.recv(&mut [0], 1, 1)?;
            let start = || world.ireduce(vec![1_u32], vec![0], panics, 0).map(drop);
            assert!(catch_unwind(AssertUnwindSafe(start)).is_err());
            Ok(())
        });
        assert_eq!(told_of, [None; 2]);
    });
}

/// What an operation holds is a program's too, and so is what it throws.
#[test]
fn what_an_operation_holds_and_throws_may_panic() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("a bomb"));
        }
    }
    in_time("bombs", || {
        let told_of = told(2, |world| {
            let bomb = Bomb;
            let operation = move |a: u32, b: u32| {
                let _ = &bomb;
                a + b
            };
            let sum = first_on_rank_0(world, || world.iallreduce(vec![1], vec![0], operation));
            let waits = || world.iallreduce(vec![1], vec![0], Sum)?.wait();
            if let Ok(Ok(sum)) = sum {
                // No other request is told.
                assert_eq!(waits()?, [2]);
                assert!(catch_unwind(AssertUnwindSafe(|| sum.wait())).is_err());
                return Ok(());
            }
            assert_eq!(waits()?, [2]);
            Ok(())
        });
        assert_eq!(told_of, [None; 2]);
    });
}

/// Starts something on rank 0, and then on rank 1, where it may be done at once, and panic.
fn first_on_rank_0<R>(
    world: &ThreadComm,
    start: impl FnOnce() -> Result<R, Error>,
) -> std::thread::Result<Result<R, Error>> {
    if world.rank() == 0 {
        let started = start();
        world.send(&[0], 1, 1).unwrap();
        return Ok(started);
    }
    world.recv(&mut [0], 0, 1).unwrap();
    catch_unwind(AssertUnwindSafe(start))
}

/// An operation may itself wait, and start others.
#[test]
fn an_operation_that_communicates() {
    in_time("communicates", || {
        let sums = World::threads(2).run(|world| {
            let (rank, own) = (world.rank(), Rc::new(world.dup()?));
            let inner = Rc::clone(&own);
            let operation = move |a: usize, b: usize| {
                inner.ibarrier().unwrap().wait().unwrap();
                let mut sum = [0];
                inner.allreduce(&[a + b], &mut sum, Sum).unwrap();
                sum[0]
            };
            let outer = world.iallreduce(vec![rank + 1], vec![0], operation)?;
            let beside = world.ibarrier()?;
            let sum = outer.wait()?[0];
            beside.wait()?;
            drop(own);
            Ok::<_, Error>(sum)
        });
        assert_eq!(sums.unwrap(), [6; 2]);
    });
}

#[test]
fn a_start_that_was_refused_can_be_made_again() {
    in_time("refused", || {
        let result = World::threads(2).run(|world| {
            if world.rank() == 0 {
                let kind = world.iallreduce(vec![1, 2], vec![0], Sum).unwrap_err().kind();
                assert_eq!(kind, ErrorKind::Length { argument: "recv", len: 1, needed: 2 });
                let kind = world.igatherv(vec![1], vec![0; 2], &[1], 0).unwrap_err().kind();
                assert_eq!(kind, ErrorKind::Length { argument: "counts", len: 1, needed: 2 });
                let kind = world.igatherv(vec![1], vec![0; 2], &[usize::MAX, 1], 0).unwrap_err();
                let must = ErrorKind::Overflow { argument: "counts", at: 1, value: 1 };
                assert_eq!(kind.kind(), must);
                let kind = world.iscatter(vec![1; 3], vec![0], 0).unwrap_err().kind();
                assert_eq!(kind, ErrorKind::Length { argument: "send", len: 3, needed: 2 });
                let kind = world.ibcast(vec![1], usize::MAX).unwrap_err().kind();
                let must = ErrorKind::Rank { argument: "root", rank: usize::MAX, size: 2 };
                assert_eq!(kind, must);
            }
            assert_eq!(world.iallreduce(vec![1], vec![0], Sum)?.wait()?, [2]);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}
