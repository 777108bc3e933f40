//! Requests that are forgotten, dropped, or held by a scope that unwinds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tenfold_comm::{Communicator, Error, World};

use crate::watchdog::in_time;

/// More than is copied aside.
const LARGE: usize = if cfg!(miri) { 2000 } else { 100_000 };

/// How often what races is tried.
const ROUNDS: i32 = if cfg!(miri) { 10 } else { 500 };

/// The buffer of a forgotten request is leaked, so that a message may still go there.
#[test]
fn a_forgotten_request_does_no_harm() {
    in_time("forgotten", || {
        let results = World::threads(2).run(|world| {
            let other = 1 - world.rank();
            std::mem::forget(world.irecv(vec![0; LARGE], other, 0)?);
            let fresh = vec![7; LARGE];
            world.send(&vec![1; LARGE], other, 0)?;
            world.barrier()?;
            Ok::<_, Error>(fresh == vec![7; LARGE])
        });
        assert_eq!(results.unwrap(), [true; 2]);
    });
}

/// Dropping races with the sender, who may be copying: either the message is there, or it is not.
#[test]
fn a_dropped_receive_races_with_its_message() {
    in_time("dropped", || {
        let result = World::threads(2).run(|world| {
            for _ in 0..ROUNDS {
                if world.rank() == 0 {
                    world.bsend(&[5; 2000], 1, 0)?;
                    world.barrier()?;
                } else {
                    let request = world.irecv(vec![0; 2000], 0, 0)?;
                    drop(request);
                    let fresh = vec![1; 2000];
                    world.barrier()?;
                    assert_eq!(fresh, [1; 2000]);
                    if world.iprobe(0, 0)?.is_some() {
                        world.recv(&mut [0; 2000], 0, 0)?;
                    }
                }
            }
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn cancelling_races_with_the_message() {
    in_time("cancelled", || {
        let met = World::threads(2).run(|world| {
            let mut met = 0;
            for round in 0..ROUNDS {
                if world.rank() == 0 {
                    world.bsend(&[round; 3000], 1, 0)?;
                } else {
                    let request = world.irecv(vec![-1; 3000], 0, 0)?;
                    match request.cancel()? {
                        tenfold_comm::Cancel::Completed(room, _) => {
                            assert_eq!(room, [round; 3000]);
                            met += 1;
                        }
                        tenfold_comm::Cancel::Cancelled(room) => {
                            assert_eq!(room, [-1; 3000]);
                            let mut room = [0; 3000];
                            world.recv(&mut room, 0, 0)?;
                            assert_eq!(room, [round; 3000]);
                        }
                    }
                }
            }
            Ok::<_, Error>(met)
        });
        assert!(met.unwrap()[1] <= ROUNDS);
    });
}

#[test]
fn a_scope_that_unwinds_takes_back() {
    in_time("unwinds", || {
        let result = World::threads(2).run(|world| {
            let other = 1 - world.rank();
            let mut room = vec![1; LARGE];
            let unwinds = || {
                world.scope(|scope| {
                    scope.irecv(&mut room, other, 0)?;
                    std::panic::resume_unwind(Box::new(()));
                    #[expect(unreachable_code, reason = "it says what the closure gives")]
                    Ok(())
                })
            };
            assert!(catch_unwind(AssertUnwindSafe(unwinds)).is_err());
            world.barrier()?;
            world.bsend(&vec![2; LARGE], other, 0)?;
            world.barrier()?;
            assert_eq!(room, [1; LARGE]);
            world.recv(&mut room, other, 0)?;
            assert_eq!(room, [2; LARGE]);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

/// A message that was taken and is thrown away lets its sender go.
#[test]
fn a_lost_message_lets_its_sender_go() {
    in_time("lost", || {
        let result = World::threads(2).run(|world| {
            if world.rank() == 0 {
                return world.send(&vec![1; LARGE], 1, 0);
            }
            drop(world.mprobe(0, 0)?);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}
