//! Memory of other ranks: nobody hangs, and nothing is read while it is written.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tenfold_comm::{
    CallKind, Cause, Communicator, Error, ErrorKind, Exposed as _, Lock, OneSided, RunError, Sum,
    ThreadComm, World,
};

use crate::watchdog::in_time;

fn cause<R: std::fmt::Debug>(result: Result<Vec<R>, RunError<Error>>) -> (usize, ErrorKind) {
    let error = result.unwrap_err();
    match (error.rank(), error.into_cause()) {
        (rank, Cause::Error(error)) => (rank, error.kind()),
        (_, other) => panic!("{other:?}"),
    }
}

type Block = fn(&ThreadComm, &mut tenfold_comm::Window<'_, ThreadComm, u64>) -> Result<(), Error>;

/// All calls that can wait for a rank which has a lock of rank 0's part.
const BLOCKED: &[(&str, Block)] = &[
    ("lock", |_, window| window.lock(0, Lock::Exclusive, |_| Ok(()))),
    ("lock_all", |_, window| window.lock_all(|_| Ok(()))),
    ("epoch", |_, window| window.epoch(|_| Ok(()))),
    ("local", |world, window| {
        if world.rank() == 0 {
            return window.local(|_| ());
        }
        window.lock(0, Lock::Shared, |_| Ok(()))
    }),
];

/// The one that has the lock fails, when the others are about to wait for it.
#[test]
fn a_failure_of_who_has_a_lock_is_told_to_who_waits() {
    in_time("locks", || {
        for (name, blocked) in BLOCKED {
            for fail in [|| Err(ErrorKind::NoRanks.into()), || resume_unwind(Box::new("lost"))] {
                let result = World::threads(3).run(|world| {
                    let mut window = world.window(&[0_u64])?;
                    if world.rank() == 1 {
                        return window.lock(0, Lock::Exclusive, |_| {
                            world.barrier()?;
                            std::thread::yield_now();
                            fail()
                        });
                    }
                    world.barrier()?;
                    match blocked(world, &mut window) {
                        Err(error) => {
                            let failed = ErrorKind::RankFailed { rank: 1 };
                            assert_eq!(error.kind(), failed, "{name}");
                        }
                        // It came after the lock was given back, and before the world had failed.
                        Ok(()) => assert_ne!(*name, "epoch"),
                    }
                    Ok(())
                });
                assert_eq!(result.unwrap_err().rank(), 1, "{name}");
            }
        }
    });
}

/// As only who knows the backend can do it: there is a lock, and nobody to give it back.
#[test]
fn a_lock_of_a_rank_that_has_ended() {
    in_time("ended", || {
        let result = World::threads(2).run(|world| {
            let memory = world.expose((&[0_u64][..]).into())?;
            if world.rank() == 1 {
                memory.lock(0, Lock::Shared)?;
                return world.send(&[0_u8], 0, 0);
            }
            world.recv(&mut [0_u8], 1, 0)?;
            memory.lock(0, Lock::Exclusive)
        });
        assert_eq!(cause(result), (0, ErrorKind::RankEnded { rank: 1 }));
    });
}

#[test]
fn a_panic_gives_the_lock_back() {
    in_time("panics", || {
        let sums = World::threads(3).run(|world| {
            let mut window = world.window(&[world.rank() as u64; 2])?;
            for lock in [Lock::Shared, Lock::Exclusive] {
                let panic = catch_unwind(AssertUnwindSafe(|| {
                    window.lock(0, lock, |target| {
                        target.accumulate(&[1], 0, Sum)?;
                        resume_unwind(Box::new("caught"))
                    })
                }));
                assert!(panic.is_err() || panic.is_ok_and(|result: Result<(), _>| result.is_err()));
            }
            let panic = catch_unwind(AssertUnwindSafe(|| {
                window.lock(0, Lock::Exclusive, |target| {
                    target.update(0, 2, |pair| {
                        pair.fill(77);
                        resume_unwind(Box::new("caught"))
                    })
                })
            }));
            assert!(panic.map(|result: Result<(), _>| result.is_err()).unwrap_or(true));
            let panic = catch_unwind(AssertUnwindSafe(|| {
                window.local(|mine| {
                    mine[1] += 5;
                    resume_unwind(Box::new("caught"))
                })
            }));
            assert!(panic.map(|result: Result<(), _>| result.is_err()).unwrap_or(true));
            window.free()
        });
        assert_eq!(sums.unwrap(), [[6, 5], [1, 6], [2, 7]]);
    });
}

/// A generator of Marsaglia.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap()
}

/// Ranks take from one place and give to another, in every way, and nothing is lost.
#[test]
fn what_is_moved_about_is_kept() {
    const PLACES: usize = 5;
    in_time("moves", || {
        for ranks in if cfg!(miri) { 2..3 } else { 1..6 } {
            let result = World::threads(ranks).run(|world| {
                let size = world.size();
                let mut window = world.window(&[1000_i64; PLACES])?;
                let mut state = 0x9e37_79b9_7f4a_7c15 ^ (world.rank() as u64 + 1);
                for _ in 0..if cfg!(miri) { 10 } else { 400 } {
                    let [rank, from, to] = [size, PLACES, PLACES].map(|n| next(&mut state) % n);
                    match next(&mut state) % 4 {
                        0 => window.lock(rank, Lock::Shared, |target| {
                            target.accumulate(&[-3], from, Sum)?;
                            target.fetch_and_op(3, to, Sum).map(drop)
                        })?,
                        1 => window.lock(rank, Lock::Exclusive, |target| {
                            target.update(0, PLACES, |all| all.swap(from, to))
                        })?,
                        2 => window.lock_all(|all| {
                            all.target(rank)?.accumulate(&[7], from, Sum)?;
                            all.target((rank + 1) % size)?.accumulate(&[-7], to, Sum)
                        })?,
                        _ => window.local(|mine| {
                            mine[from] += 11;
                            mine[to] -= 11;
                        })?,
                    }
                }
                window.free()
            });
            let sum: i64 = result.unwrap().concat().iter().sum();
            assert_eq!(sum, 1000 * i64::try_from(ranks * PLACES).unwrap());
        }
    });
}

/// Two places that are always put together, and are got together. Without a lock of each copy they would not
/// be.
#[test]
fn what_is_put_at_once_is_got_at_once() {
    in_time("copies", || {
        let result = World::threads(3).run(|world| {
            let mut window = world.window(&[0_u64; 64])?;
            let me = world.rank() as u64;
            for round in 0..if cfg!(miri) { 3 } else { 300 } {
                window.lock(0, Lock::Shared, |target| {
                    target.put(&[me * 1000 + round; 64], 0)?;
                    let mut room = [0; 64];
                    target.get(&mut room, 0)?;
                    assert!(room.iter().all(|&n| n == room[0]), "{room:?}");
                    Ok(())
                })?;
            }
            window.free().map(drop)
        });
        result.unwrap();
    });
}

#[test]
fn epochs_of_other_windows() {
    in_time("other windows", || {
        let result = World::threads(2).run(|world| {
            let (mut a, mut b) = (world.window(&[0_u8])?, world.window(&[0_u8])?);
            let window = if world.rank() == 0 { &mut a } else { &mut b };
            window.epoch(|_| Ok(()))
        });
        let (_, kind) = cause(result);
        assert!(
            matches!(kind, ErrorKind::CollectiveOrder { call: CallKind::Epoch, .. }),
            "{kind:?}"
        );
        let result = World::threads(2).run(|world| {
            let mut window = world.window(&[0_u8])?;
            if world.rank() == 0 { window.epoch(|_| Ok(())) } else { world.barrier() }
        });
        let (_, kind) = cause(result);
        assert!(matches!(kind, ErrorKind::CollectiveMismatch { .. }), "{kind:?}");
    });
}

/// Each reads what the others write, round after round, where it lies.
#[test]
fn memory_is_written_and_read_in_turns() {
    in_time("turns", || {
        for ranks in 1..5 {
            let result = World::threads(ranks).run(|world| {
                let mut window = world.shared_window(&[0_usize; 100])?;
                for round in 0..if cfg!(miri) { 3 } else { 200 } {
                    window.own().fill(round * 10 + world.rank());
                    let view = window.publish()?;
                    for (rank, part) in view.parts().enumerate() {
                        assert_eq!(part, [round * 10 + rank; 100]);
                    }
                    window = view.edit()?;
                }
                window.free()
            });
            result.unwrap();
        }
    });
}

#[test]
fn memory_that_is_forgotten_or_dropped() {
    in_time("forgotten", || {
        let result = World::threads(2).run(|world| {
            let view = world.shared_window(&[5_u8; 3])?.publish()?;
            if world.rank() == 1 {
                std::mem::forget(view);
                return Ok(());
            }
            // What the other has forgotten is there as long as anybody looks.
            assert_eq!(view.part(1)?, [5; 3]);
            view.edit().map(drop)
        });
        assert_eq!(cause(result), (0, ErrorKind::RankEnded { rank: 1 }));
        let result = World::threads(2).run(|world| {
            let window = world.shared_window(&[5_u8; 3])?;
            if world.rank() == 1 {
                drop(window);
                return world.barrier();
            }
            window.publish().map(drop)
        });
        let (_, kind) = cause(result);
        assert!(matches!(kind, ErrorKind::CollectiveMismatch { .. }), "{kind:?}");
    });
}

#[test]
fn memory_of_a_rank_that_panics() {
    in_time("panics", || {
        let result = World::threads(3).run(|world| {
            let mut window = world.shared_window(&[1_u8; 3])?;
            window.own()[0] = 2;
            if world.rank() == 1 {
                resume_unwind(Box::new("lost"));
            }
            let error = window.publish().expect_err("rank 1 writes");
            assert_eq!(error.kind(), ErrorKind::RankFailed { rank: 1 });
            Err::<(), _>(error)
        });
        let error = result.unwrap_err();
        assert!(matches!((error.rank(), error.cause()), (1, Cause::Panic(_))));
    });
}

#[test]
fn other_memory_is_published() {
    in_time("other memory", || {
        let result = World::threads(2).run(|world| {
            let (a, b) = (world.shared_window(&[0_u8])?, world.shared_window(&[0_u8])?);
            let (first, second) = if world.rank() == 0 { (a, b) } else { (b, a) };
            let view = first.publish()?;
            second.publish()?;
            Ok(view.part(0)?[0])
        });
        let (_, kind) = cause(result);
        assert!(
            matches!(kind, ErrorKind::CollectiveOrder { call: CallKind::Publish, .. }),
            "{kind:?}"
        );
        let result = World::threads(2).run(|world| {
            let window = world.shared_window(&[0_u8])?;
            if world.rank() == 0 {
                return window.free();
            }
            window.publish().map(drop)
        });
        let (_, kind) = cause(result);
        assert!(matches!(kind, ErrorKind::CollectiveMismatch { .. }), "{kind:?}");
    });
}
