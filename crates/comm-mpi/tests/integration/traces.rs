//! What a job records of which its program does not know.

use std::ffi::OsStr;
use std::path::Path;

use tenfold_comm::{CallKind, Ended, Trace};

use crate::job::{self, Variable};

/// What three ranks of the program `slow` write, which takes a second.
fn recorded(name: &str, variables: &[Variable<'_>]) -> Trace {
    let folder = std::env::temp_dir().join(format!("tenfold-mpi-{name}-{}", std::process::id()));
    let variables = [variables, &[("TENFOLD_COMM_TRACE", folder.as_os_str())]].concat();
    let output = job::run_with(3, "wrong", &["slow"], &variables);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("tenfold-comm:"), "{said}");
    let read = |rank: usize| Trace::read(folder.join(format!("rank-{rank}.trace")));
    let trace = Trace::joined((0..3).map(|rank| read(rank).expect("each rank writes its own")));
    std::fs::remove_dir_all(&folder).expect("it is there");
    assert_eq!((trace.size, trace.ranks.len()), (3, 3));
    trace
}

/// By one clock no message comes before it was sent, and no rank leaves the last barrier before all are there: up to so
/// many nanoseconds.
fn is_in_order(trace: &Trace, wrong_ns: u64) {
    for (rank, log) in trace.ranks.iter().enumerate() {
        for send in log.events.iter().filter(|event| event.kind == CallKind::Send) {
            // Who receives it has it with the same number.
            let to = &trace.ranks[send.to as usize];
            let receive = to.events.iter().find(|event| {
                (event.from as usize, event.want) == (rank, send.tag)
                    && event.matched() == Some(send.sequence)
            });
            let receive = receive.unwrap_or_else(|| panic!("{send:?}"));
            let (sent, received) =
                (log.clock.common(send.start_ns), to.clock.common(receive.end_ns));
            assert!(received + wrong_ns > sent, "{send:?} {receive:?}");
        }
    }
    let barriers = trace.ranks.iter().map(|log| {
        let barrier = log.events.iter().rfind(|event| event.kind == CallKind::Barrier);
        let barrier = barrier.expect("the program ends with one");
        (log.clock.common(barrier.start_ns), log.clock.common(barrier.end_ns))
    });
    let (last, first) = barriers
        .fold((0, u64::MAX), |(last, first), (start, end)| (last.max(start), first.min(end)));
    assert!(first + wrong_ns > last, "one comes at {last}, and one leaves at {first}");
}

#[test]
fn each_rank_writes_its_trace() {
    let trace = recorded("traces", &[]);
    for (rank, log) in trace.ranks.iter().enumerate() {
        assert_eq!((log.rank, log.ended, log.dropped), (rank, Ended::Well, 0));
        assert_eq!(log.communicators[0].ranks, [0, 1, 2]);
        assert!(log.places.iter().any(|place| place.file.ends_with("wrong.rs")));
        assert!(log.events.iter().any(|event| event.kind == CallKind::Iallreduce));
    }
    // What was asked for until it was there was received then, and not by the wait behind that.
    let mut waits = trace.ranks[0].events.iter().filter(|event| event.kind == CallKind::Wait);
    let [waited, asked] = [waits.next_back(), waits.next_back()].map(Option::unwrap);
    assert_eq!((asked.want, asked.matched(), waited.request()), (8, Some(0), None));
    // A millisecond is more than clocks of one machine are read apart.
    is_in_order(&trace, 1_000_000);
}

/// In the second that the program takes they go 40 and 80 ms apart.
#[test]
#[cfg(target_os = "linux")]
fn clocks_that_drift_are_brought_together() {
    let library = std::env::temp_dir().join(format!("tenfold-drift-{}.so", std::process::id()));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/drift.c");
    let mut cc = std::process::Command::new("cc");
    let built = cc.args(["-shared", "-fPIC", "-O2", "-o"]).args([&library, &source]).status();
    // MPI's own compiler is one of C.
    assert!(built.expect("there is a C compiler").success());
    let trace = recorded("drift", &[("LD_PRELOAD", library.as_os_str())]);
    std::fs::remove_file(&library).unwrap();
    for (rank, wrong) in [0.0, -0.04, 0.04].into_iter().enumerate() {
        let clock = trace.ranks[rank].clock;
        let apart = (clock.last.offset_ns - clock.first.offset_ns) as f64;
        let since = (clock.last.at_ns - clock.first.at_ns) as f64;
        // A clock that is 4 % fast shows 1.04 s in one.
        let planted = since * wrong / (1.0 - wrong);
        assert!((apart - planted).abs() < 5e6, "rank {rank}: {clock:?}, but {planted} are planted");
    }
    is_in_order(&trace, 5_000_000);
}

/// Where one fails nobody asks for clocks at the end: what was read at the start is there.
#[test]
fn who_fails_keeps_the_clock_of_the_start() {
    let folder = std::env::temp_dir().join(format!("tenfold-mpi-stuck-{}", std::process::id()));
    let variables =
        [("TENFOLD_COMM_TRACE", folder.as_os_str()), ("TENFOLD_COMM_STALL_MS", OsStr::new("20"))];
    let output = job::run_with(3, "wrong", &["a ring of receives"], &variables);
    assert!(!output.status.success());
    let traces = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let traces: Vec<Trace> = traces.map(|path| Trace::read(path).unwrap()).collect();
    std::fs::remove_dir_all(&folder).unwrap();
    // The first that fails ends the job.
    assert!(!traces.is_empty());
    for log in traces.iter().flat_map(|trace| &trace.ranks) {
        assert_eq!((log.ended, log.clock.last), (Ended::Error, log.clock.first));
        assert!(log.rank == 0 || log.clock.first.at_ns > 0);
    }
}

#[test]
fn what_is_wrong_is_told() {
    let variables = [("TENFOLD_COMM_CHECK", "maybe".as_ref())];
    let output = job::run_with(2, "wrong", &["slow"], &variables);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("TENFOLD_COMM_CHECK"), "{said}");
}
