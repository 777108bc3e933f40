//! What is recorded.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use tenfold_comm::{
    Analysis, CallKind, Cancel, Communicator, Ended, Error, ErrorKind, Event,
    NonblockingCollectives, Outcome, RankLog, Source, Sum, Tags, ThreadComm, Trace, Tracing, World,
    wait_all, wait_any,
};

use crate::watchdog::in_time;

fn traced(ranks: usize, program: fn(&ThreadComm) -> Result<(), Error>) -> Trace {
    let (result, report) = World::threads(ranks).traced(Tracing::new().quiet()).run(program);
    result.unwrap();
    assert!(report.is_clean(), "{report}");
    report.trace
}

fn kinds(log: &RankLog) -> Vec<CallKind> {
    log.events.iter().map(|event| event.kind).collect()
}

#[test]
fn a_receive_of_any_rank_names_the_message() {
    in_time("any", || {
        let trace = traced(3, |world| {
            if world.rank() > 0 {
                world.send(&[1.0], 0, 4)?;
                return world.send(&[2.0], 0, 4);
            }
            for _ in 0..4 {
                world.recv(&mut [0.0; 9], Source::Any, Tags::Any)?;
            }
            Ok(())
        });
        let mut messages: Vec<_> = trace.ranks[0]
            .events
            .iter()
            .map(|event| (event.from, event.want, event.matched(), event.received))
            .collect();
        messages.sort_unstable();
        let must = [(1, 0), (1, 1), (2, 0), (2, 1)];
        assert_eq!(messages, must.map(|(from, number)| (from, 4, Some(number), 8)));
        let sent: Vec<_> = trace.ranks[2].events.iter().map(|event| event.sequence).collect();
        assert_eq!(sent, [0, 1]);
        assert!(trace.ranks.iter().all(|log| log.ended == Ended::Well && log.dropped == 0));
    });
}

#[test]
fn both_halves_of_an_exchange_are_in_one() {
    in_time("exchange", || {
        let trace = traced(2, |world| {
            let other = 1 - world.rank();
            world.sendrecv((&[1_u8; 3], other, 5), &mut [0_u8; 4], other, 5)?;
            world.sendrecv((&[1_u8; 3], other, 5), &mut [0_u8; 4], other, 5).map(drop)
        });
        let event = trace.ranks[1].events[1];
        assert_eq!((event.to, event.tag, event.sent, event.sequence), (0, 5, 3, 1));
        assert_eq!((event.from, event.want, event.received, event.matched()), (0, 5, 3, Some(1)));
        assert!(event.start_ns <= event.end_ns && event.request().is_none());
    });
}

#[test]
fn a_wait_belongs_to_what_has_started_it() {
    in_time("requests", || {
        let trace = traced(2, |world| {
            let other = 1 - world.rank();
            let receive = world.irecv(vec![0; 2], Source::Any, Tags::Any)?;
            let send = world.isend(vec![1; 2], other, 6)?;
            wait_all([receive, send])?;
            let sum = world.iallreduce(vec![1], vec![0], Sum)?;
            sum.wait().map(drop)
        });
        let log = &trace.ranks[0];
        use CallKind::{Iallreduce, Irecv, Isend, Wait};
        assert_eq!(kinds(log), [Irecv, Isend, Wait, Wait, Iallreduce, Wait]);
        let requests: Vec<_> = log.events.iter().map(|event| event.request().unwrap()).collect();
        assert_eq!(requests, [0, 1, 0, 1, 2, 2]);
        assert_eq!(log.events[0].from, Event::ANY);
        let received = &log.events[2];
        assert_eq!((received.from, received.want, received.matched()), (1, 6, Some(0)));
        assert_eq!((log.events[3].to, log.events[3].sequence), (1, 0));
    });
}

#[test]
fn what_a_scope_waits_for_at_its_end_is_recorded() {
    in_time("scopes", || {
        let trace = traced(2, |world| {
            let (other, mut room) = (1 - world.rank(), [0]);
            world.scope(|scope| {
                scope.irecv(&mut room, other, 0)?;
                world.send(&[1], other, 0)
            })
        });
        use CallKind::{Irecv, Send, Wait};
        assert_eq!(kinds(&trace.ranks[0]), [Irecv, Send, Wait]);
        let wait = trace.ranks[0].events[2];
        assert_eq!((wait.request(), wait.matched()), (Some(0), Some(0)));
    });
}

#[test]
fn collectives_have_the_same_number_on_all_ranks() {
    in_time("numbers", || {
        let trace = traced(3, |world| {
            world.barrier()?;
            let part = world.split(Some(u32::from(world.rank() > 0)), 0)?.expect("it is in one");
            part.barrier()?;
            world.bcast(&mut [1], 2)?;
            world.ibarrier()?.wait()
        });
        let numbers = |log: &RankLog| {
            let of_world = log.events.iter().filter(|event| event.communicator == 0);
            of_world.map(|event| (event.kind, event.sequence)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&trace.ranks[0]), numbers(&trace.ranks[2]));
        let log = &trace.ranks[2];
        let bcast = log.events.iter().find(|event| event.kind == CallKind::Bcast).unwrap();
        assert_eq!((bcast.to, bcast.sent), (2, 4));
        assert_eq!(log.communicators[1].ranks, [1, 2]);
        assert_eq!(log.communicators[1].id, trace.ranks[1].communicators[1].id);
        assert_ne!(log.communicators[1].id, trace.ranks[0].communicators[1].id);
    });
}

#[test]
fn what_fails_is_recorded_and_counts_as_nothing_sent() {
    in_time("failures", || {
        let trace = traced(1, |world| {
            let line = line!() + 1;
            world.send(&[1], 9, 0).unwrap_err();
            world.isend(vec![1], 0, 0)?.wait()?;
            assert!(world.iprobe(0, 1)?.is_none() && world.iprobe(0, 1)?.is_none());
            world.recv(&mut [0], 0, 0)?;
            assert!(line > 0);
            Ok(())
        });
        let log = &trace.ranks[0];
        let outcomes: Vec<_> = log.events.iter().map(|event| event.outcome).collect();
        use Outcome::{Done, Failed, Nothing};
        assert_eq!(outcomes, [Failed, Done, Done, Nothing, Nothing, Done]);
        assert_eq!((log.events[0].to, log.events[1].sequence), (Event::NOBODY, 0));
        assert!(log.place(&log.events[0]).unwrap().file.ends_with("recording.rs"));
    });
}

#[test]
fn the_last_calls_are_kept() {
    in_time("ring", || {
        let tracing = Tracing::new().quiet().events(3);
        let (_, report) = World::threads(1).traced(tracing).run(|world| {
            (0..5).try_for_each(|tag| {
                let send = world.isend(vec![1], 0, tag)?;
                world.recv(&mut [0], 0, tag)?;
                send.wait().map(drop)
            })
        });
        let log = &report.trace.ranks[0];
        assert_eq!((log.dropped, log.events.len()), (12, 3));
        assert_eq!(log.events[1].want, 4);
        assert!(report.to_string().contains("rank 0: the first 12 calls were not kept"));
    });
}

/// Another process, which its variables make record and tell.
#[test]
fn runs_as_its_environment_says() {
    let result = World::threads(2).run(|world| {
        world.bsend(&[1], 1 - world.rank(), 3)?;
        if std::env::var_os("TENFOLD_COMM_CHECK").is_some() {
            world.recv(&mut [0], 1 - world.rank(), 4)?;
        }
        Ok::<(), Error>(())
    });
    assert_eq!(result.is_err(), std::env::var_os("TENFOLD_COMM_CHECK").is_some());
}

#[test]
fn a_program_need_not_know() {
    let folder = std::env::temp_dir().join(format!("tenfold-traces-{}", std::process::id()));
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "recording::runs_as_its_environment_says", "--nocapture"]);
    child.env("TENFOLD_COMM_CHECK", "1").env("TENFOLD_COMM_STALL_MS", "10");
    let output = child.env("TENFOLD_COMM_TRACE", &folder).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("tenfold-comm: deadlock: ranks 0, 1 wait for ever"), "{said}");
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let trace = Trace::read(&file).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(trace.ranks.len(), 2);
    assert_eq!(kinds(&trace.ranks[1]), [CallKind::Bsend, CallKind::Recv]);
    assert_eq!(trace.ranks[1].ended, Ended::Error);
}

/// Requests of two communicators in one list: each message is of its own.
#[test]
fn a_wait_for_any_is_of_the_communicator_of_its_message() {
    in_time("two communicators", || {
        let trace = traced(2, |world| {
            let copy = world.dup()?;
            if world.rank() == 0 {
                world.send(&[1], 1, 3)?;
                world.barrier()?;
                return copy.send(&[1], 1, 3);
            }
            let mut list = vec![copy.irecv(vec![0], 0, 3)?, world.irecv(vec![0], 0, 3)?];
            wait_any(&mut list)?;
            world.barrier()?;
            wait_any(&mut list).map(drop)
        });
        let id = |log: &RankLog, event: &Event| log.communicator(event).unwrap().id;
        let of = |rank: usize, kind| {
            let log = &trace.ranks[rank];
            let events = log.events.iter().filter(move |event| event.kind == kind);
            events.map(|event| id(log, event)).collect::<Vec<_>>()
        };
        assert_eq!(of(1, CallKind::Wait), of(0, CallKind::Send));
    });
}

/// What was taken back has no number, and the receiver counts on.
#[test]
fn a_send_that_was_cancelled_is_not_counted() {
    in_time("cancelled", || {
        let trace = traced(2, |world| {
            if world.rank() == 1 {
                world.barrier()?;
                return world.recv(&mut [0], 0, 5).map(drop);
            }
            let request = world.issend(vec![1], 1, 5)?;
            assert!(matches!(request.cancel()?, Cancel::Cancelled(_)));
            world.barrier()?;
            world.send(&[2], 1, 5)
        });
        let received = trace.ranks[1].events.last().unwrap().matched().unwrap();
        assert_eq!(trace.ranks[0].events.last().unwrap().sequence, received);
    });
}

/// What was taken back, or thrown away, before others that are sent already: those have the numbers that their
/// receiver counts.
#[test]
fn sends_behind_one_that_was_cancelled_have_its_number() {
    in_time("cancelled before others", || {
        for is_cancelled in [true, false] {
            let tracing = Tracing::new().quiet();
            let (result, report) = World::threads(2).traced(tracing).run(|world| {
                if world.rank() == 1 {
                    world.barrier()?;
                    let mut room = [0];
                    for must in [2, 3, 4] {
                        world.recv(&mut room, 0, 5)?;
                        assert_eq!(room, [must]);
                    }
                    return Ok(());
                }
                let first = world.issend(vec![1], 1, 5)?;
                let second = world.issend(vec![2], 1, 5)?;
                world.bsend(&[3], 1, 5)?;
                if is_cancelled {
                    assert!(matches!(first.cancel()?, Cancel::Cancelled(_)));
                } else {
                    drop(first);
                }
                world.barrier()?;
                second.wait()?;
                world.send(&[4], 1, 5)
            });
            result.unwrap();
            let sent = |event: &Event| (event.kind, event.sequence);
            let log = &report.trace.ranks[0];
            let is_sent = |event: &&Event| event.kind != CallKind::Barrier;
            let sent: Vec<_> = log.events.iter().filter(is_sent).map(sent).collect();
            use CallKind::{Bsend, Issend, Send, Wait};
            let must = [(Issend, Event::NONE), (Issend, 0), (Bsend, 1), (Wait, 0), (Send, 2)];
            assert_eq!(sent, must);
            let analysis = Analysis::of(&report.trace);
            assert!(analysis.notes().is_empty(), "{:?}", analysis.notes());
            assert_eq!(report.is_clean(), is_cancelled);
        }
    });
}

/// How often the rank of the test below has asked.
static ASKED: AtomicU32 = AtomicU32::new(0);

/// Its message is received where it asks, not where it waits; what it has asked in vain was a wait.
#[test]
fn a_loop_that_asks_for_a_request_waits_for_it() {
    in_time("polls", || {
        let trace = traced(2, |world| {
            if world.rank() == 0 {
                while ASKED.load(Ordering::Relaxed) < 10_000 {
                    thread::yield_now();
                }
                return world.send(&[1], 1, 3);
            }
            let mut request = world.irecv(vec![0], 0, 3)?;
            while !request.is_done() {
                ASKED.fetch_add(1, Ordering::Relaxed);
            }
            request.wait().map(drop)
        });
        let log = &trace.ranks[1];
        assert_eq!(kinds(log), [CallKind::Irecv, CallKind::Wait, CallKind::Wait]);
        let [asked, waited] = [&log.events[1], &log.events[2]];
        assert_eq!((asked.request(), asked.matched()), (Some(0), Some(0)));
        assert!(asked.start_ns < asked.end_ns);
        assert_eq!((waited.request(), waited.matched()), (None, None));
        let analysis = Analysis::of(&trace);
        assert!(analysis.notes().is_empty(), "{:?}", analysis.notes());
    });
}

/// A folder that cannot be made: that is told, also where nothing else is.
#[test]
fn a_trace_that_cannot_be_written_is_told() {
    let file = std::env::temp_dir().join(format!("tenfold-no-folder-{}", std::process::id()));
    fs::write(&file, "a file").unwrap();
    let tracing = Tracing::new().quiet().folder(file.join("traces"));
    let (result, report) = World::threads(1).traced(tracing).run(|world| world.barrier());
    fs::remove_file(&file).unwrap();
    result.unwrap();
    assert!(report.is_clean());
    let error = report.unwritten.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::TraceFile { must: "writable" });
    let said = report.to_string();
    assert!(said.contains(file.to_str().unwrap()) && said.ends_with(")\n"), "{said}");
}
