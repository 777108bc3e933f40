//! Requests that are forgotten, dropped, or held by a scope that unwinds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tenfold_comm::{
    Cancel, Communicator, Error, ErrorKind, NonblockingCollectives as _, World, wait_each,
    wait_some,
};

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
                // Nobody has ended while it is asked for a message.
                world.barrier()?;
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
                        Cancel::Completed(room, _) => {
                            assert_eq!(room, [round; 3000]);
                            met += 1;
                        }
                        Cancel::Refused(_) => panic!("threads take back what was not met"),
                        Cancel::Cancelled(room) => {
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

/// What `mprobe` has taken does not pin its sender, also where it is never received.
#[test]
fn a_forgotten_message_lets_its_sender_go() {
    in_time("forgotten message", || {
        let result = World::threads(2).run(|world| {
            if world.rank() == 0 {
                let kind = world.ssend(&[1], 1, 0).unwrap_err().kind();
                assert_eq!(kind, ErrorKind::RankEnded { rank: 1 });
                return Ok(());
            }
            std::mem::forget(world.mprobe(0, 0)?);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn a_failure_lets_go_who_has_sent_what_was_probed() {
    in_time("probed and failed", || {
        let result = World::threads(2).run(|world| {
            if world.rank() == 0 {
                let kind = world.send(&vec![1; LARGE], 1, 0).unwrap_err().kind();
                assert_eq!(kind, ErrorKind::RankFailed { rank: 1 });
                return Ok(());
            }
            std::mem::forget(world.mprobe(0, 0)?);
            Err::<(), Error>(ErrorKind::Write.into())
        });
        assert_eq!(result.unwrap_err().rank(), 1);
    });
}

/// Its sender is done first, and its buffer is gone.
#[test]
fn a_probed_message_that_was_taken_back_is_not_read() {
    in_time("probed and taken back", || {
        let result = World::threads(1).run(|world| {
            let request = world.issend(vec![1], 0, 0)?;
            let message = world.mprobe(0, 0)?;
            let bytes = size_of::<i32>();
            let kind = request.wait().unwrap_err().kind();
            assert_eq!(kind, ErrorKind::SelfSend { rank: 0, bytes });
            let kind = message.recv(&mut [0]).unwrap_err().kind();
            assert_eq!(kind, ErrorKind::Cancelled);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn cancelling_what_was_probed() {
    in_time("cancel probed", || {
        let result = World::threads(1).run(|world| {
            let request = world.issend(vec![1], 0, 0)?;
            let message = world.mprobe(0, 0)?;
            assert!(matches!(request.cancel()?, Cancel::Cancelled(data) if data == [1]));
            assert_eq!(message.recv(&mut [0]).unwrap_err().kind(), ErrorKind::Cancelled);
            // One that is dropped was met.
            let request = world.issend(vec![2], 0, 0)?;
            drop(world.mprobe(0, 0)?);
            assert!(matches!(request.cancel()?, Cancel::Completed(data, _) if data == [2]));
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn what_nobody_can_meet_is_reported() {
    in_time("hopeless", || {
        let result = World::threads(1).run(|world| {
            let mut requests = vec![world.irecv(vec![0], 0, 0)?];
            let mut done = wait_some(&mut requests)?;
            let (at, result) = done.pop().unwrap();
            let kind = result.unwrap_err().kind();
            assert_eq!((at, kind), (0, ErrorKind::SelfReceive { rank: 0 }));
            assert!(done.is_empty() && requests.is_empty());
            assert!(wait_some(&mut requests)?.is_empty());
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

/// What one rank has sent is there, whatever becomes of another.
#[test]
fn what_came_is_kept_where_another_rank_has_ended() {
    in_time("kept", || {
        let result = World::threads(3).run(|world| {
            match world.rank() {
                0 => {
                    let from = |rank| world.irecv(vec![0; LARGE], rank, 0);
                    let requests = vec![from(1)?, from(2)?, from(1)?];
                    let results = wait_each(requests);
                    let kinds: Vec<_> = results
                        .iter()
                        .map(|result| result.as_ref().err().map(Error::kind))
                        .collect();
                    let ended = Some(ErrorKind::RankEnded { rank: 1 });
                    assert_eq!(kinds, [ended, None, ended]);
                    assert_eq!(results[1].as_ref().unwrap().0, [7; LARGE]);
                    // One by one, as each is done.
                    let mut requests = vec![from(1)?, from(2)?];
                    world.send(&[0], 2, 0)?;
                    let mut done = vec![];
                    while !requests.is_empty() {
                        for (_, result) in wait_some(&mut requests)? {
                            done.push(result.map(|(_, status)| status.source()));
                        }
                    }
                    let kinds = done.into_iter().map(|result| result.map_err(|error| error.kind()));
                    let ended = Err(ErrorKind::RankEnded { rank: 1 });
                    assert_eq!(kinds.collect::<Vec<_>>(), [ended, Ok(2)]);
                    Ok(())
                }
                2 => {
                    world.send(&[7; LARGE], 0, 0)?;
                    world.recv(&mut [0], 0, 0)?;
                    world.send(&[8; LARGE], 0, 0)
                }
                _ => Ok::<_, Error>(()),
            }
        });
        result.unwrap();
    });
}

/// More ranks than have lines for small messages.
#[test]
fn a_ring_of_seventy_ranks() {
    in_time("a ring", || {
        let sums = World::threads(70).run(|world| {
            let (right, left) = ((world.rank() + 1) % 70, (world.rank() + 69) % 70);
            let (mut mine, mut sum) = ([world.rank()], 0);
            for _ in 0..70 {
                sum += mine[0];
                let mut theirs = [0];
                world.sendrecv((&mine, right, 0), &mut theirs, left, 0)?;
                mine = theirs;
            }
            Ok::<_, Error>(sum)
        });
        assert_eq!(sums.unwrap(), [69 * 35; 70]);
    });
}

/// All modes and sizes, one after the other to one receiver, are in their order.
#[test]
fn messages_of_all_sizes_keep_their_order() {
    in_time("an order", || {
        let sizes = [1, 8, 9, 1, 1, 5000, 1, 600, 2, 1];
        let result = World::threads(2).run(|world| {
            for (number, &size) in sizes.iter().enumerate() {
                let mut data = vec![number as u64; size];
                match (world.rank(), number % 3) {
                    (0, 0) => world.ssend(&data, 1, 0)?,
                    (0, 1) => world.bsend(&data, 1, 0)?,
                    (0, _) => world.send(&data, 1, 0)?,
                    _ => {
                        data.fill(u64::MAX);
                        let status = world.recv(&mut data, 0, 0)?;
                        assert_eq!((status.count(), data[0]), (size, number as u64));
                    }
                }
            }
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

/// Who waits drives the barrier, which may find what is waited for.
#[test]
fn what_a_collective_finds_for_another_is_seen() {
    in_time("a barrier meanwhile", || {
        let result = World::threads(2).run(|world| {
            for _ in 0..100 * ROUNDS {
                if world.rank() == 0 {
                    let open = world.ibarrier()?;
                    world.irecv(vec![0], 1, 0)?.wait()?;
                    world.send(&[8], 1, 0)?;
                    open.wait()?;
                } else {
                    world.send(&[7], 0, 0)?;
                    world.recv(&mut [0], 0, 0)?;
                    world.ibarrier()?.wait()?;
                }
            }
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}
