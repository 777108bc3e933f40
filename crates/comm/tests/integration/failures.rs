//! Nothing hangs and nothing panics: what a rank does wrong, all are told.

use std::error::Error as _;
use std::fmt;

use tenfold_comm::{
    CallKind, Cause, Communicator, Error, ErrorKind, FileMode, OneSided, ParallelIo, RunError,
    Source, Sum, Tags, ThreadComm, World,
};

use crate::watchdog::in_time;

/// More than is copied aside.
const LARGE: usize = if cfg!(miri) { 2000 } else { 100_000 };

/// The error of a user's program.
#[derive(Debug, PartialEq)]
enum Mine {
    Own,
    Comm(ErrorKind),
}

impl From<Error> for Mine {
    fn from(error: Error) -> Self {
        Self::Comm(error.kind())
    }
}

impl fmt::Display for Mine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Mine {}

fn cause<R: fmt::Debug, E: fmt::Debug>(result: Result<Vec<R>, RunError<E>>) -> (usize, Cause<E>) {
    let error = result.unwrap_err();
    (error.rank(), error.into_cause())
}

type Block = fn(&ThreadComm) -> Result<(), Error>;

/// All calls that can wait for rank 1, which fails.
const BLOCKED: &[(&str, Block)] = &[
    ("recv", |world| world.recv(&mut [0], 1, 0).map(drop)),
    ("recv any", |world| world.recv(&mut [0], Source::Any, Tags::Any).map(drop)),
    ("send", |world| world.send(&[0; LARGE], 1, 0)),
    ("ssend", |world| world.ssend(&[0], 1, 0)),
    ("sendrecv", |world| world.sendrecv((&[0], 1, 0), &mut [0], 1, 0).map(drop)),
    ("probe", |world| world.probe(1, 0).map(drop)),
    ("mprobe", |world| world.mprobe(1, 0).map(drop)),
    ("irecv", |world| world.irecv(vec![0], 1, 0)?.wait().map(drop)),
    ("issend", |world| world.issend(vec![0], 1, 0)?.wait().map(drop)),
    ("wait_any", |world| {
        let mut requests = vec![world.irecv(vec![0], 1, 0)?, world.irecv(vec![0], 2, 0)?];
        tenfold_comm::wait_any(&mut requests).map(drop)
    }),
    ("scope", |world| {
        let mut room = [0; 3];
        world.scope(|scope| scope.irecv(&mut room, 1, 0).map(drop))
    }),
    ("barrier", |world| world.barrier()),
    ("bcast", |world| world.bcast(&mut [0; LARGE], 1)),
    ("gather", |world| world.gather(&[0; LARGE], &mut vec![0; 3 * LARGE], 1)),
    ("allgather", |world| world.allgather(&[0], &mut [0; 3])),
    ("alltoall", |world| world.alltoall(&[0; 3], &mut [0; 3])),
    ("allreduce", |world| world.allreduce(&[0], &mut [0], Sum)),
    ("scan", |world| world.scan(&[0; LARGE], &mut vec![0; LARGE], Sum)),
    ("split", |world| world.split(Some(0), 0).map(drop)),
    ("window", |world| world.window(&[0]).map(drop)),
    ("shared_window", |world| world.shared_window(&[0]).map(drop)),
    ("open_file", |world| world.open_file("nowhere", FileMode::Read).map(drop)),
    #[cfg(feature = "objects")]
    ("recv_object", |world| world.recv_object::<String>(1, 0).map(drop)),
    #[cfg(feature = "objects")]
    ("bcast_object", |world| world.bcast_object(None::<&String>, 1).map(drop)),
];

#[test]
fn an_error_of_one_rank_is_told_to_all_who_wait() {
    in_time("errors", || {
        for (name, blocked) in BLOCKED {
            let result = World::threads(3).run(|world| {
                if world.rank() == 1 {
                    std::thread::yield_now();
                    return Err(Mine::Own);
                }
                let error = blocked(world).expect_err(name);
                assert_eq!(error.kind(), ErrorKind::RankFailed { rank: 1 }, "{name}");
                Err::<(), _>(error.into())
            });
            let (rank, cause) = cause(result);
            assert!(matches!(cause, Cause::Error(Mine::Own)), "{name}: {cause:?}");
            assert_eq!(rank, 1, "{name}");
        }
    });
}

#[test]
fn a_panic_of_one_rank_is_told_to_all_who_wait() {
    in_time("panics", || {
        for (name, blocked) in BLOCKED {
            let result = World::threads(3).run(|world| {
                if world.rank() == 1 {
                    // Without the message of the hook.
                    std::panic::resume_unwind(Box::new(String::from("lost")));
                }
                let error = blocked(world).expect_err(name);
                assert_eq!(error.kind(), ErrorKind::RankFailed { rank: 1 }, "{name}");
                Err::<(), _>(error)
            });
            let (rank, cause) = cause(result);
            assert!(matches!(&cause, Cause::Panic(text) if text == "lost"), "{name}: {cause:?}");
            assert_eq!(rank, 1, "{name}");
        }
    });
}

/// A rank that has ended well has sent all that it will.
#[test]
fn who_waits_for_a_rank_that_has_ended_is_told() {
    in_time("ends", || {
        for (name, blocked) in BLOCKED {
            let result = World::threads(3)
                .run(|world| if world.rank() > 0 { Ok(()) } else { blocked(world) });
            let (_, cause) = cause(result);
            let is_ended = matches!(&cause, Cause::Error(error)
                if matches!(error.kind(), ErrorKind::RankEnded { .. }));
            assert!(is_ended, "{name}: {cause:?}");
        }
    });
}

#[test]
fn what_was_sent_before_the_end_arrives() {
    in_time("before the end", || {
        for _ in 0..if cfg!(miri) { 5 } else { 200 } {
            let sums = World::threads(3).run(|world| {
                if world.rank() > 0 {
                    return world.send(&[world.rank()], 0, 0).map(|()| 0);
                }
                let (mut a, mut b) = ([0_usize], [0_usize]);
                world.recv(&mut a, Source::Any, 0)?;
                world.recv(&mut b, Source::Any, 0)?;
                Ok::<_, Error>(a[0] + b[0])
            });
            assert_eq!(sums.unwrap(), [3, 0, 0]);
        }
    });
}

#[test]
fn the_first_failure_is_reported() {
    in_time("the first", || {
        let result = World::threads(4).run(|world| {
            // Rank 2 fails while all others wait.
            if world.rank() == 2 {
                return Err(Mine::Own);
            }
            world.barrier()?;
            Ok(())
        });
        assert_eq!(result.as_ref().unwrap_err().to_string(), "rank 2 failed: Own");
        assert!(matches!(cause(result), (2, Cause::Error(Mine::Own))));
    });
}

#[test]
fn calls_after_a_failure_fail() {
    in_time("after", || {
        let result = World::threads(2).run(|world| {
            if world.rank() == 0 {
                return Err(Mine::Own);
            }
            let _ = world.recv(&mut [0], 0, 0);
            let failed = ErrorKind::RankFailed { rank: 0 };
            assert_eq!(world.send(&[0], 0, 0).unwrap_err().kind(), failed);
            assert_eq!(world.irecv(vec![0], 0, 0).unwrap_err().kind(), failed);
            assert_eq!(world.barrier().unwrap_err().kind(), failed);
            Ok(())
        });
        assert_eq!(cause(result).0, 0);
    });
}

#[test]
fn a_world_has_ranks() {
    let error = World::threads(0).run(|_| Ok::<(), Error>(())).unwrap_err();
    assert!(matches!(error.cause(), Cause::Start(error) if error.kind() == ErrorKind::NoRanks));
    assert_eq!(
        error.to_string(),
        "rank 0 was not started: a world has at least 1 rank, `ranks` is 0"
    );
}

#[test]
fn threads_that_cannot_be_started_are_an_error() {
    in_time("start", || {
        let result = World::threads(2).stack_bytes(1 << 60).run(|world| world.barrier());
        let error = result.unwrap_err();
        assert!(matches!(error.cause(), Cause::Start(_)), "{error}");
        let source = error.source().unwrap();
        assert_eq!(format!("{error:#}"), format!("{error}: {source}"));
    });
}

#[test]
fn a_rank_does_not_wait_for_itself() {
    in_time("alone", || {
        let result = World::threads(1).run(|world| {
            let kind = |result: Result<_, Error>| result.map(drop::<()>).unwrap_err().kind();
            let bytes = 4 * LARGE;
            let send = ErrorKind::SelfSend { rank: 0, bytes };
            assert_eq!(kind(world.send(&[0; LARGE], 0, 0)), send);
            assert_eq!(kind(world.ssend(&[0; LARGE], 0, 0)), send);
            assert_eq!(kind(world.issend(vec![0; LARGE], 0, 0)?.wait().map(drop)), send);
            let receive = ErrorKind::SelfReceive { rank: 0 };
            assert_eq!(kind(world.recv(&mut [0], 0, 0).map(drop)), receive);
            assert_eq!(kind(world.recv(&mut [0], Source::Any, 0).map(drop)), receive);
            assert_eq!(kind(world.probe(Source::Any, Tags::Any).map(drop)), receive);
            let mut requests = vec![world.irecv(vec![0], 0, 0)?, world.irecv(vec![0], 0, 0)?];
            assert_eq!(kind(tenfold_comm::wait_any(&mut requests).map(drop)), receive);
            // What is small, buffered or awaited goes through.
            world.send(&[1], 0, 0)?;
            world.bsend(&[2; LARGE], 0, 0)?;
            let mut room = [0; LARGE];
            assert_eq!(requests.pop().unwrap().wait()?.0, [1]);
            world.recv(&mut room, 0, 0)?;
            world.sendrecv((&[3; LARGE], 0, 1), &mut room, 0, 1)?;
            assert_eq!(room, [3; LARGE]);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn a_ready_send_needs_its_receiver() {
    in_time("ready", || {
        let not_ready = |world: &ThreadComm| {
            let error = world.rsend(&[1], 0, 3).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotReady { to: 0, tag: 3 });
            Ok::<_, Error>(())
        };
        World::threads(1).run(not_ready).unwrap();
    });
}

/// Runs what goes wrong on two ranks, and gives the first error.
fn wrong(program: impl Fn(&ThreadComm) -> Result<(), Error> + Send + Sync + 'static) -> ErrorKind {
    match cause(World::threads(2).run(program)) {
        (_, Cause::Error(error)) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn different_counts_in_a_collective_are_an_error() {
    in_time("counts", || {
        let kind = wrong(|world| world.bcast(&mut vec![0; 3 + world.rank()], 0));
        let must =
            ErrorKind::CountMismatch { call: CallKind::Bcast, expected: 4, sent: 3, from: 0 };
        assert_eq!(kind, must);
        let kind = wrong(|world| {
            let count = LARGE - world.rank();
            world.allreduce(&vec![0; count], &mut vec![0; count], Sum)
        });
        assert!(matches!(kind, ErrorKind::CountMismatch { call: CallKind::Allreduce, .. }));
        let kind = wrong(|world| {
            let root = world.rank() == 0;
            world.gather(&vec![0; 2 + world.rank()], &mut vec![0; if root { 4 } else { 0 }], 0)
        });
        let must =
            ErrorKind::CountMismatch { call: CallKind::Gather, expected: 2, sent: 3, from: 1 };
        assert_eq!(kind, must);
        let kind = wrong(|world| {
            let root = world.rank() == 0;
            world.gather(&vec![0; 2 + world.rank()], &mut vec![0; if root { 5 } else { 0 }], 0)
        });
        assert_eq!(kind, ErrorKind::Length { argument: "recv", len: 5, needed: 4 });
    });
}

#[test]
fn different_collectives_are_an_error() {
    in_time("collectives", || {
        let kind = wrong(|world| match world.rank() {
            0 => world.barrier(),
            _ => world.allreduce(&[0], &mut [0], Sum),
        });
        assert!(matches!(kind, ErrorKind::CollectiveMismatch { .. }), "{kind:?}");
        let kind = wrong(|world| {
            world.bcast(&mut [0], world.rank())?;
            world.barrier()
        });
        assert!(matches!(kind, ErrorKind::CollectiveMismatch { .. }), "{kind:?}");
        let kind = wrong(|world| match world.rank() {
            0 => world.bcast(&mut [0_u32], 0),
            _ => world.bcast(&mut [0_f32], 0),
        });
        assert!(matches!(kind, ErrorKind::Type { .. }), "{kind:?}");
    });
}

#[test]
fn a_panic_in_an_operation_fails_the_world() {
    in_time("operation", || {
        let result = World::threads(3).run(|world| {
            let panics = |_: i32, _: i32| -> i32 { std::panic::resume_unwind(Box::new("op")) };
            world.allreduce(&[1], &mut [0], panics)
        });
        assert!(matches!(cause(result), (_, Cause::Panic(text)) if text == "op"));
    });
}

#[test]
fn sentences_have_the_numbers() {
    let kinds = [
        ErrorKind::Rank { argument: "to", rank: 4, size: 4 },
        ErrorKind::Truncated { sent: 5, room: 3, from: 1, tag: 7 },
        ErrorKind::CountMismatch { call: CallKind::Bcast, expected: 4, sent: 3, from: 0 },
    ];
    let sentences = [
        "`to` is 4, but the communicator has 4 ranks, from 0",
        "rank 1 sent 5 elements with tag 7, the buffer has room for 3",
        "bcast: rank 0 takes part with 3 elements, this rank expects 4",
    ];
    assert_eq!(kinds.map(|kind| kind.to_string()), sentences);
}

/// What is thrown, and throws once more when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::resume_unwind(Box::new("bomb"));
        }
    }
}

#[test]
fn a_panic_that_panics_when_dropped_is_reported() {
    in_time("bomb", || {
        for ranks in 1..4 {
            let result = World::threads(ranks).run(|world| {
                if world.rank() == 0 {
                    std::panic::resume_unwind(Box::new(Bomb));
                }
                world.recv(&mut [0], 0, 0).map(drop)
            });
            assert!(matches!(cause(result), (0, Cause::Panic(_))), "{ranks} ranks");
        }
    });
}

/// An error that comes second is dropped by its rank.
#[test]
fn an_error_that_panics_when_dropped_ends_its_rank() {
    in_time("error bomb", || {
        let result = World::threads(2).run(|world| {
            let _ = world.barrier();
            if world.rank() == 0 {
                std::panic::resume_unwind(Box::new("first"));
            }
            let _ = world.recv(&mut [0], 0, 0);
            Err::<(), _>(Bomb)
        });
        let error = result.err().map(|error| error.rank());
        assert_eq!(error, Some(0));
    });
}
