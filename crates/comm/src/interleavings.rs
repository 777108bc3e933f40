//! The mailbox in every order that up to three threads can take, by loom:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test --release --package tenfold-comm --lib interleavings
//! ```

use std::sync::Arc;

use loom::thread;

use crate::threads::Shared;
use crate::{
    CallKind, Cancel, Communicator, Error, ErrorKind, Exposed, Joint, Lock, Source, Tags,
    ThreadComm,
};

/// More than is copied aside.
const LARGE: usize = 5000;

/// All orders in which at most so many times a thread is put off that could go on.
fn orders<const RANKS: usize>(
    preemptions: usize,
    programs: [fn(&ThreadComm) -> Result<(), Error>; RANKS],
) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        let shared = Arc::new(Shared::new(RANKS));
        let rank = |rank: usize| {
            let (shared, program) = (Arc::clone(&shared), programs[rank]);
            move || {
                let world = ThreadComm::of_world(Arc::clone(&shared), rank);
                if program(&world).is_err() {
                    shared.fail(rank);
                }
                shared.end(rank);
            }
        };
        let threads: Vec<_> = (1..RANKS).map(|other| thread::spawn(rank(other))).collect();
        rank(0)();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn a_small_message_arrives() {
    orders(
        3,
        [
            |world| world.send(&[7], 1, 0),
            |world| {
                let mut room = [0];
                world.recv(&mut room, 0, 0).unwrap();
                assert_eq!(room, [7]);
                Ok(())
            },
        ],
    );
}

#[test]
fn a_large_message_is_copied_once_and_lets_go() {
    orders(
        3,
        [
            |world| {
                world.send(&[7_u8; LARGE], 1, 0).unwrap();
                Ok(())
            },
            |world| {
                let mut room = [0_u8; LARGE];
                world.recv(&mut room, 0, 0).unwrap();
                assert_eq!(room, [7; LARGE]);
                Ok(())
            },
        ],
    );
}

#[test]
fn messages_do_not_overtake() {
    orders(
        2,
        [
            |world| {
                world.send(&[1], 1, 0)?;
                world.send(&[2], 1, 0)
            },
            |world| {
                let (mut first, mut second) = ([0], [0]);
                let request = world.irecv(vec![0], 0, 0)?;
                world.recv(&mut second, 0, 0).unwrap();
                first.copy_from_slice(&request.wait().unwrap().0);
                assert_eq!((first, second), ([1], [2]));
                Ok(())
            },
        ],
    );
}

/// The second finds the line taken, and the third goes by the queues: both put the first there before.
#[test]
fn messages_do_not_overtake_what_lies_in_a_line() {
    orders(
        2,
        [
            |world| {
                world.send(&[1], 1, 0)?;
                world.send(&[2], 1, 0)?;
                world.ssend(&[3], 1, 0)?;
                world.send(&[4], 1, 0)
            },
            |world| {
                for wanted in 1..=4 {
                    let mut room = [0];
                    world.recv(&mut room, 0, 0).unwrap();
                    assert_eq!(room, [wanted]);
                }
                Ok(())
            },
        ],
    );
}

#[test]
fn both_send_to_each_other() {
    fn exchange(world: &ThreadComm) -> Result<(), Error> {
        let (mine, mut theirs, other) = ([world.rank()], [9], 1 - world.rank());
        world.sendrecv((&mine, other, 0), &mut theirs, other, 0).unwrap();
        assert_eq!(theirs, [other]);
        Ok(())
    }
    orders(2, [exchange, exchange]);
}

#[test]
fn two_senders_and_any_source() {
    fn sends(world: &ThreadComm) -> Result<(), Error> {
        world.ssend(&[world.rank()], 0, 0)
    }
    orders(
        1,
        [
            |world| {
                let (mut a, mut b) = ([0_usize], [0_usize]);
                world.recv(&mut a, Source::Any, Tags::Any).unwrap();
                world.recv(&mut b, Source::Any, Tags::Any).unwrap();
                assert_eq!(a[0] + b[0], 3);
                Ok(())
            },
            sends,
            sends,
        ],
    );
}

/// Either it was taken back and the message waits, or it was met and has the message.
#[test]
fn cancelling_races_with_the_message() {
    orders(
        3,
        [
            |world| world.send(&[7], 1, 0),
            |world| {
                let request = world.irecv(vec![0], 0, 0)?;
                match request.cancel().unwrap() {
                    Cancel::Completed(room, _) => assert_eq!(room, [7]),
                    Cancel::Cancelled(room) => {
                        assert_eq!(room, [0]);
                        let mut room = [0];
                        world.recv(&mut room, 0, 0).unwrap();
                        assert_eq!(room, [7]);
                    }
                    Cancel::Refused(_) => panic!("a receive can be taken back"),
                }
                Ok(())
            },
        ],
    );
}

/// Either the receiver has the message, or the sender has its buffer back.
#[test]
fn taking_back_races_with_who_has_probed() {
    orders(
        3,
        [
            |world| {
                let request = world.issend(vec![7], 1, 0)?;
                world.recv(&mut [0], 1, 1)?;
                let met = matches!(request.cancel().unwrap(), Cancel::Completed(..));
                world.send(&[u8::from(met)], 1, 2)
            },
            |world| {
                let message = world.mprobe(0, 0)?;
                world.send(&[0], 0, 1)?;
                let (mut room, mut met) = ([0], [9_u8]);
                let result = message.recv(&mut room).map_err(|error| error.kind());
                world.recv(&mut met, 0, 2)?;
                match result {
                    Ok(_) => assert_eq!((room, met), ([7], [1])),
                    Err(kind) => assert_eq!((kind, met), (ErrorKind::Cancelled, [0])),
                }
                Ok(())
            },
        ],
    );
}

#[test]
fn a_failure_wakes_who_waits() {
    orders(
        2,
        [
            |_| Err(ErrorKind::Write.into()),
            |world| {
                let kind = world.recv(&mut [0], 0, 0).unwrap_err().kind();
                assert_eq!(kind, ErrorKind::RankFailed { rank: 0 });
                Ok(())
            },
            |world| {
                let kind = world.ssend(&[0], 1, 5).unwrap_err().kind();
                assert!(matches!(
                    kind,
                    ErrorKind::RankFailed { rank: 0 } | ErrorKind::RankEnded { .. }
                ));
                Ok(())
            },
        ],
    );
}

/// What a rank has sent before it ended is received, and no more is waited for.
#[test]
fn an_end_wakes_who_waits() {
    orders(
        3,
        [
            |world| world.send(&[7], 1, 0),
            |world| {
                let mut room = [0];
                world.recv(&mut room, Source::Any, 0).unwrap();
                let kind = world.recv(&mut room, 0, 0).unwrap_err().kind();
                assert_eq!((room, kind), ([7], ErrorKind::RankEnded { rank: 0 }));
                Ok(())
            },
        ],
    );
}

#[test]
fn a_probe_sees_what_comes() {
    orders(
        3,
        [
            |world| world.send(&[7], 1, 4),
            |world| {
                assert_eq!(world.probe(0, Tags::Any).unwrap().tag(), 4);
                let message = world.mprobe(0, 4).unwrap();
                let mut room = [0];
                message.recv(&mut room).unwrap();
                assert_eq!(room, [7]);
                Ok(())
            },
        ],
    );
}

#[test]
fn a_barrier_of_three() {
    orders(1, [|world| world.barrier(); 3]);
}

/// Whoever comes second finds what the first has put back.
#[test]
fn an_exclusive_lock_leaves_nobody_else() {
    fn counts(world: &ThreadComm) -> Result<(), Error> {
        let memory = world.expose((&[0_u8][..]).into())?;
        memory.lock(0, Lock::Exclusive)?;
        let mut count = [0_u8];
        memory.get((&mut count[..]).into(), 0, 0)?;
        memory.put((&[count[0] + 1][..]).into(), 0, 0)?;
        memory.unlock(0)?;
        memory.lock(0, Lock::Shared)?;
        memory.get((&mut count[..]).into(), 0, 0)?;
        memory.unlock(0)?;
        // The one of the two that is second sees both.
        world.send(&count, 1 - world.rank(), 0)?;
        let mut other = [0_u8];
        world.recv(&mut other, 1 - world.rank(), 0)?;
        assert_eq!(count.max(other), [2]);
        Ok(())
    }
    orders(1, [counts, counts]);
}

#[test]
fn a_failure_wakes_who_waits_for_a_lock() {
    orders(
        1,
        [
            |world| {
                let memory = world.expose((&[0_u8][..]).into())?;
                memory.lock(1, Lock::Exclusive)?;
                // And does not give it back.
                Err(ErrorKind::Write.into())
            },
            |world| {
                let Ok(memory) = world.expose((&[0_u8][..]).into()) else { return Ok(()) };
                if let Err(error) = memory.lock(1, Lock::Shared) {
                    assert_eq!(error.kind(), ErrorKind::RankFailed { rank: 0 });
                }
                Ok(())
            },
        ],
    );
}

#[test]
fn locks_are_given_in_turn() {
    fn locks(world: &ThreadComm) -> Result<(), Error> {
        let memory = world.expose((&[0_u8][..]).into())?;
        let lock = if world.rank() == 0 { Lock::Exclusive } else { Lock::Shared };
        for _ in 0..2 {
            memory.lock(0, lock).unwrap();
            memory.unlock(0).unwrap();
        }
        Ok(())
    }
    orders(1, [locks, locks]);
}

#[test]
fn what_is_published_is_seen() {
    fn turns(world: &ThreadComm) -> Result<(), Error> {
        let mut memory = world.join((&[0_u8][..]).into())?;
        memory.own().unwrap()[0] = 5;
        memory.meet(CallKind::Publish).unwrap();
        assert!(memory.own().is_none());
        assert_eq!(memory.part(1 - world.rank()), Some(&[5][..]));
        Ok(())
    }
    orders(1, [turns, turns]);
}
