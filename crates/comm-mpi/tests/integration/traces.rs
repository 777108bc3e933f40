//! What a job records of which its program does not know.

use tenfold_comm::{CallKind, Ended, Trace};

use crate::job;

#[test]
fn each_rank_writes_its_trace() {
    let folder = std::env::temp_dir().join(format!("tenfold-mpi-traces-{}", std::process::id()));
    let variables = [("TENFOLD_COMM_TRACE", folder.as_os_str())];
    let output = job::run_with(3, "wrong", &["slow"], &variables);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("tenfold-comm:"), "{said}");
    let read = |rank: usize| Trace::read(folder.join(format!("rank-{rank}.trace"))).unwrap();
    let trace = Trace::joined((0..3).map(read));
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!((trace.size, trace.ranks.len()), (3, 3));
    for (rank, log) in trace.ranks.iter().enumerate() {
        assert_eq!((log.rank, log.ended, log.dropped), (rank, Ended::Well, 0));
        assert_eq!(log.communicators[0].ranks, [0, 1, 2]);
        assert!(log.places.iter().any(|place| place.file.ends_with("wrong.rs")));
        let sends = log.events.iter().filter(|event| event.kind == CallKind::Send);
        for send in sends {
            // Who receives it has it with the same number, and not before it was sent, by one clock.
            let to = &trace.ranks[send.to as usize];
            let receive = to.events.iter().find(|event| {
                (event.from as usize, event.want) == (rank, send.tag)
                    && event.matched() == Some(send.sequence)
            });
            let receive = receive.unwrap_or_else(|| panic!("{send:?}"));
            let (sent, received) =
                (log.clock.common(send.start_ns), to.clock.common(receive.end_ns));
            // A millisecond is more than clocks of one machine are read apart.
            assert!(received + 1_000_000 > sent, "{send:?} {receive:?}");
        }
        assert!(log.events.iter().any(|event| event.kind == CallKind::Iallreduce));
    }
    // What was asked for until it was there was received then, and not by the wait behind that.
    let mut waits = trace.ranks[0].events.iter().filter(|event| event.kind == CallKind::Wait);
    let [waited, asked] = [waits.next_back(), waits.next_back()].map(Option::unwrap);
    assert_eq!((asked.want, asked.matched(), waited.request()), (8, Some(0), None));
}

#[test]
fn what_is_wrong_is_told() {
    let variables = [("TENFOLD_COMM_CHECK", "maybe".as_ref())];
    let output = job::run_with(2, "wrong", &["slow"], &variables);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("TENFOLD_COMM_CHECK"), "{said}");
}
