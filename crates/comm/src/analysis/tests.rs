//! Traces whose times and efficiencies are worked out by hand.

use proptest::prelude::*;

use super::built::Built;
use super::{Analysis, VerdictKind, WaitKind};
use crate::{CallKind, Clock, Outcome, Reading, Trace};

const LARGE: u64 = 1 << 20;

fn near(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-9, "{value} in place of {expected}");
}

/// Four ranks: a synchronous send to the next at line 1, work for 1000, a receive from the one before at line 2.
fn chain() -> Trace {
    let mut built = Built::new(4);
    for rank in 0..4_usize {
        let sent = 1000 * (3 - rank as u64);
        if rank < 3 {
            built.send((rank, rank + 1), CallKind::Ssend, 8, (0, sent), 1);
        }
        let worked = sent + 1000;
        if rank > 0 {
            built.recv((rank - 1, rank), CallKind::Recv, (worked, worked), 2);
        }
        built.end(rank, worked);
    }
    built.trace()
}

#[test]
fn a_synchronous_chain_is_serialised() {
    let analysis = Analysis::of(&chain());
    assert_eq!((analysis.runtime_ns, analysis.ideal_ns), (4000, 4000));
    let efficiency = analysis.efficiency();
    near(efficiency.load_balance, 1.0);
    near(efficiency.serialisation, 0.25);
    near(efficiency.transfer, 1.0);
    near(efficiency.parallel(), 0.25);
    let late: Vec<u64> = analysis.ranks().iter().map(|rank| rank.late_receiver_ns).collect();
    assert_eq!(late, [3000, 2000, 1000, 0]);
    let verdict = analysis.verdict();
    assert_eq!(
        (verdict.kind, verdict.now_ns, verdict.then_ns),
        (VerdictKind::Serialised, 4000, 1000)
    );
    assert_eq!(
        verdict.to_string(),
        "ranks 0 to 3 ran one after another: rank 0's ssend at a.rs:1 waits for rank 1's recv at a.rs:2; use \
         isend or sendrecv, so that nobody waits to send (4.00µs now, 1.00µs at best)"
    );
}

#[test]
fn its_critical_path_goes_through_all_ranks() {
    let analysis = Analysis::of(&chain());
    let shares: Vec<(usize, Option<&str>, u64)> = (analysis.critical_path_shares().iter())
        .map(|share| (share.rank, share.place.as_deref(), share.ns))
        .collect();
    let before = Some("a.rs:2");
    assert_eq!(shares, [(0, None, 1000), (1, before, 1000), (2, before, 1000), (3, before, 1000)]);
    let path: Vec<(usize, u64, u64)> = (analysis.critical_path().iter())
        .map(|stretch| (stretch.rank, stretch.start_ns, stretch.end_ns))
        .collect();
    assert_eq!(path, [(3, 0, 1000), (2, 1000, 2000), (1, 2000, 3000), (0, 3000, 4000)]);
}

#[test]
fn the_same_with_isend_is_clean() {
    let mut built = Built::new(4);
    for rank in 0..4_usize {
        if rank < 3 {
            let event = built.send((rank, rank + 1), CallKind::Isend, LARGE, (0, 0), 1);
            *event = event.with_request(0);
        }
        if rank > 0 {
            built.recv((rank - 1, rank), CallKind::Recv, (1000, 1010), 2);
        }
        if rank < 3 {
            let event = built.call(rank, CallKind::Wait, (1010, 1020), 3);
            *event = event.with_request(0);
        }
        built.end(rank, 1020);
    }
    let analysis = Analysis::of(&built.trace());
    assert_eq!((analysis.ideal_ns, analysis.runtime_ns), (1010, 1020));
    assert_eq!(analysis.verdict().kind, VerdictKind::Fine, "{analysis}");
    assert!(analysis.efficiency().serialisation > 0.98);
    assert!(analysis.waits().is_empty(), "{:?}", analysis.waits());
}

/// The ring of a token: each receives, works for 1000 and sends on.
#[test]
fn a_token_is_serialised_whatever_the_sends() {
    let mut built = Built::new(5);
    for rank in 0..5_u64 {
        let (before, behind) = ((rank as usize + 4) % 5, (rank as usize + 1) % 5);
        let me = rank as usize;
        if rank > 0 {
            built.recv((before, me), CallKind::Recv, (0, 1000 * rank), 1);
        }
        built.send((me, behind), CallKind::Bsend, 8, (1000 * (rank + 1), 1000 * (rank + 1)), 2);
        if rank == 0 {
            built.recv((before, me), CallKind::Recv, (1000, 5000), 3);
        }
    }
    let analysis = Analysis::of(&built.trace());
    near(analysis.efficiency().serialisation, 0.2);
    let verdict = analysis.verdict();
    assert_eq!((verdict.kind, verdict.then_ns), (VerdictKind::Serialised, 1000));
    let text = verdict.to_string();
    assert!(text.contains("recv at a.rs:1 waits") && text.contains("smaller parts"), "{text}");
}

#[test]
fn work_before_a_barrier_may_be_out_of_balance() {
    let mut built = Built::new(4);
    for (rank, work) in [1000, 2000, 4000, 1000].into_iter().enumerate() {
        built.collective(rank, CallKind::Barrier, (work, 4100), 4);
        built.end(rank, 4100);
    }
    let analysis = Analysis::of(&built.trace());
    near(analysis.efficiency().load_balance, 0.5);
    near(analysis.efficiency().serialisation, 1.0);
    near(analysis.efficiency().transfer, 4000.0 / 4100.0);
    let waits: Vec<u64> = analysis.ranks().iter().map(|rank| rank.collective_ns).collect();
    assert_eq!(waits, [3000, 2000, 0, 3000]);
    assert!(analysis.ranks().iter().all(|rank| rank.transfer_ns == 100));
    let verdict = analysis.verdict();
    assert_eq!((verdict.kind, verdict.then_ns), (VerdictKind::Imbalanced, 2100));
    let text = verdict.to_string();
    assert!(
        text.starts_with("rank 2 works for 4.00µs, and ranks in the mean for 2.00µs"),
        "{text}"
    );
    assert!(text.contains("2.00µs of it more than the mean before barrier at a.rs:4"), "{text}");
}

#[test]
fn a_late_sender_is_waited_for_until_it_sends() {
    let mut built = Built::new(2);
    built.send((0, 1), CallKind::Send, LARGE, (3000, 3200), 1);
    built.recv((0, 1), CallKind::Recv, (1000, 3200), 2);
    built.end(0, 3300);
    built.end(1, 5200);
    let analysis = Analysis::of(&built.trace());
    let rank = analysis.ranks()[1];
    assert_eq!((rank.useful_ns, rank.late_sender_ns, rank.transfer_ns), (3000, 2000, 200));
    assert_eq!((analysis.runtime_ns, analysis.ideal_ns), (5200, 5000));
    near(analysis.efficiency().load_balance, 3050.0 / 3100.0);
    near(analysis.efficiency().serialisation, 3100.0 / 5000.0);
    let wait = &analysis.waits()[0];
    assert_eq!((wait.kind, wait.ns, wait.calls), (WaitKind::LateSender, 2000, 1));
    assert_eq!((wait.rank, wait.late_rank), (1, 0));
}

/// A send that is over before its receiver is there was copied, however large.
#[test]
fn what_was_copied_does_not_wait() {
    for (end, waits) in [(200, 0), (1050, 900)] {
        let mut built = Built::new(2);
        built.send((0, 1), CallKind::Send, LARGE, (100, end), 1);
        built.recv((0, 1), CallKind::Recv, (1000, 1050), 2);
        let analysis = Analysis::of(&built.trace());
        assert_eq!(analysis.ranks()[0].late_receiver_ns, waits);
    }
    let mut built = Built::new(2);
    let event = built.send((0, 1), CallKind::Isend, LARGE, (0, 0), 1);
    *event = event.with_request(0);
    let event = built.call(0, CallKind::Wait, (100, 200), 2);
    *event = event.with_request(0);
    built.recv((0, 1), CallKind::Recv, (1000, 1000), 3);
    assert_eq!(Analysis::of(&built.trace()).ranks()[0].waiting_ns(), 0);
}

#[test]
fn whoever_waits_for_a_request_has_the_wait() {
    let mut built = Built::new(2);
    let event = built.call(1, CallKind::Irecv, (0, 0), 1);
    *event = event.with_request(0);
    (event.from, event.want) = (0, 0);
    let event = built.recv((0, 1), CallKind::Wait, (500, 2000), 2);
    *event = event.with_request(0);
    let event = built.send((0, 1), CallKind::Isend, LARGE, (2000, 2000), 3);
    *event = event.with_request(0);
    let event = built.call(0, CallKind::Wait, (2000, 2000), 4);
    *event = event.with_request(0);
    let analysis = Analysis::of(&built.trace());
    assert_eq!(analysis.ranks()[1].late_sender_ns, 1500);
    assert_eq!(analysis.ideal_ns, 2000);
    assert_eq!(analysis.ranks()[0].waiting_ns(), 0);
    assert!(analysis.notes().is_empty(), "{:?}", analysis.notes());
}

/// An `isend` that is waited for before its receiver is there.
#[test]
fn a_request_may_have_a_late_receiver() {
    let mut built = Built::new(2);
    let event = built.send((0, 1), CallKind::Issend, 8, (0, 0), 1);
    *event = event.with_request(3);
    let event = built.call(0, CallKind::Wait, (100, 1000), 2);
    *event = event.with_request(3);
    built.recv((0, 1), CallKind::Recv, (1000, 1000), 3);
    let analysis = Analysis::of(&built.trace());
    assert_eq!(analysis.ranks()[0].late_receiver_ns, 900);
    assert_eq!(analysis.ideal_ns, 1000);
}

#[test]
fn a_root_is_waited_for_or_waits() {
    // (what, who waits how long when rank 1 is the root, and rank r comes after 1000 times r)
    let cases = [
        (CallKind::Bcast, [1000, 0, 0]),
        (CallKind::Scatter, [1000, 0, 0]),
        (CallKind::Reduce, [0, 1000, 0]),
        (CallKind::Gather, [0, 1000, 0]),
        (CallKind::Allreduce, [2000, 1000, 0]),
    ];
    for (kind, expected) in cases {
        let mut built = Built::new(3);
        for (rank, wait) in expected.into_iter().enumerate() {
            let start = 1000 * rank as u64;
            let event = built.collective(rank, kind, (start, start + wait), 1);
            event.to = 1;
        }
        let analysis = Analysis::of(&built.trace());
        let waits: Vec<u64> = analysis.ranks().iter().map(|rank| rank.collective_ns).collect();
        assert_eq!(waits, expected, "{kind}");
        assert_eq!(analysis.ideal_ns, analysis.runtime_ns, "{kind}");
    }
}

#[test]
fn a_scan_waits_for_those_before() {
    let mut built = Built::new(3);
    for (rank, times) in [(0, 0), (2000, 2000), (1000, 2000)].into_iter().enumerate() {
        built.collective(rank, CallKind::Scan, times, 1);
    }
    let analysis = Analysis::of(&built.trace());
    let waits: Vec<u64> = analysis.ranks().iter().map(|rank| rank.collective_ns).collect();
    assert_eq!(waits, [0, 0, 1000]);
    assert_eq!(analysis.ideal_ns, 2000);
}

/// Of two senders the one that was received first sent last: the numbers tell, not the order.
#[test]
fn any_source_is_who_was_recorded() {
    let mut built = Built::new(3);
    built.send((0, 2), CallKind::Send, 8, (0, 0), 1);
    built.send((1, 2), CallKind::Send, 8, (4000, 4000), 1);
    built.recv((1, 2), CallKind::Recv, (1000, 4000), 2);
    built.recv((0, 2), CallKind::Recv, (4000, 4000), 2);
    let analysis = Analysis::of(&built.trace());
    assert_eq!(analysis.ranks()[2].late_sender_ns, 3000);
    assert_eq!(analysis.waits()[0].late_rank, 1);
}

#[test]
fn clocks_are_brought_together() {
    let mut trace = chain();
    for (rank, log) in trace.ranks.iter_mut().enumerate() {
        let ahead = 10_000 * rank as u64;
        (log.start_ns, log.end_ns) = (log.start_ns + ahead, log.end_ns + ahead);
        for event in &mut log.events {
            (event.start_ns, event.end_ns) = (event.start_ns + ahead, event.end_ns + ahead);
        }
        log.clock = Clock::from(Reading { at_ns: 0, offset_ns: -ahead.cast_signed() });
    }
    let analysis = Analysis::of(&trace);
    assert_eq!(analysis.to_string(), Analysis::of(&chain()).to_string());
}

#[test]
fn what_is_missing_is_told() {
    let mut built = Built::new(2);
    built.send((0, 1), CallKind::Send, 8, (10, 10), 1);
    built.recv((1, 0), CallKind::Recv, (20, 30), 2);
    built.recv((0, 1), CallKind::Recv, (0, 5), 3).outcome = Outcome::Failed;
    built.call(1, CallKind::Barrier, (15, 15), 4);
    built.log(1).dropped = 3;
    let mut trace = built.trace();
    trace.size = 4;
    let notes = Analysis::of(&trace).notes().join("\n");
    for part in [
        "2 of 4 ranks have no log",
        "3 calls are left out",
        "1 messages were sent and not received: first rank 0's send at a.rs:1",
        "1 messages were received and not sent: first rank 0's recv at a.rs:2",
    ] {
        assert!(notes.contains(part), "{part} in {notes}");
    }
}

/// Both send first and wait for each other: the run has ended, so one of them did not wait.
#[test]
fn what_would_wait_forever_goes_on() {
    let mut built = Built::new(2);
    for (from, to) in [(0, 1), (1, 0)] {
        built.send((from, to), CallKind::Ssend, LARGE, (0, 1000), 1);
        built.recv((to, from), CallKind::Recv, (1000, 1000), 2);
    }
    let analysis = Analysis::of(&built.trace());
    assert!(analysis.notes()[0].contains("waits of the replay have no end"), "{analysis}");
}

#[test]
fn an_irecv_that_nobody_waits_for_has_its_message() {
    let mut built = Built::new(2);
    built.send((0, 1), CallKind::Ssend, LARGE, (0, 700), 1);
    let event = built.call(1, CallKind::Irecv, (700, 700), 2);
    (event.from, event.want) = (0, 0);
    *event = event.with_request(0);
    let analysis = Analysis::of(&built.trace());
    assert!(analysis.notes().is_empty(), "{analysis}");
    assert_eq!(analysis.ranks()[0].late_receiver_ns, 700);
}

#[test]
fn messages_may_pass_in_turn() {
    // Everybody sends at once, and receives when that has gone: the last one begins.
    let mut built = Built::new(4);
    for rank in 0..4_u64 {
        let (me, gone) = (rank as usize, 1000 * (3 - rank));
        if rank < 3 {
            built.send((me, me + 1), CallKind::Send, LARGE, (0, gone), 1);
        }
        if rank > 0 {
            built.recv((me - 1, me), CallKind::Recv, (gone, gone + 1000), 2);
        }
        built.end(me, 3000);
    }
    let analysis = Analysis::of(&built.trace());
    let verdict = analysis.verdict();
    assert_eq!((verdict.kind, verdict.now_ns, verdict.then_ns), (VerdictKind::InTurn, 3000, 1000));
}

#[test]
fn many_small_messages_are_told() {
    let mut built = Built::new(2);
    for at in 0..500 {
        let times = (1000 * at + 500, 1000 * at + 1000);
        built.send((0, 1), CallKind::Send, 8, times, 1);
        built.recv((0, 1), CallKind::Recv, times, 2);
    }
    let analysis = Analysis::of(&built.trace());
    assert_eq!(analysis.verdict().kind, VerdictKind::SmallMessages, "{analysis}");
    assert_eq!(analysis.traffic()[&(0, 1)].bytes, 4000);
    assert_eq!(analysis.lines()[0].calls, 500);
}

#[test]
fn nothing_is_no_error() {
    let analysis = Analysis::of(&Trace::default());
    assert_eq!(analysis.verdict().to_string(), "no call was recorded");
    assert_eq!(analysis.efficiency().parallel(), 1.0);
    assert!(analysis.to_string().contains("0 ranks"));
}

/// Something that all of a few ranks do in the same order, so that it never hangs.
#[derive(Clone, Debug)]
enum Step {
    Work(usize, u64),
    Eager(usize, usize),
    Synchronous(usize, usize),
    Allreduce,
    Bcast(usize),
    Reduce(usize),
    Scan,
    /// A non-blocking reduction whose operation sends on one rank to another, which receives after it.
    Inside(usize, usize),
}

const RANKS: usize = 4;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pair = || (0..RANKS, 1..RANKS).prop_map(|(from, by)| (from, (from + by) % RANKS));
    let step = prop_oneof![
        4 => (0..RANKS, 0..1000_u64).prop_map(|(rank, ns)| Step::Work(rank, ns)),
        2 => pair().prop_map(|(from, to)| Step::Eager(from, to)),
        2 => pair().prop_map(|(from, to)| Step::Synchronous(from, to)),
        1 => Just(Step::Allreduce),
        1 => (0..RANKS).prop_map(Step::Bcast),
        1 => (0..RANKS).prop_map(Step::Reduce),
        1 => Just(Step::Scan),
        2 => pair().prop_map(|(from, to)| Step::Inside(from, to)),
    ];
    prop::collection::vec(step, 0..60)
}

/// The obvious way: step by step, with a clock for each rank. Messages take `transfer`.
fn simulate(steps: &[Step], transfer: u64) -> (Trace, [u64; RANKS]) {
    let (mut built, mut clock) = (Built::new(RANKS), [0; RANKS]);
    for (request, step) in (0_u32..).zip(steps) {
        match *step {
            Step::Work(rank, ns) => clock[rank] += ns,
            Step::Eager(from, to) => {
                let sent = clock[from];
                built.send((from, to), CallKind::Bsend, 8, (sent, sent), 1);
                let end = clock[to].max(sent) + transfer;
                built.recv((from, to), CallKind::Recv, (clock[to], end), 2);
                clock[to] = end;
            }
            Step::Synchronous(from, to) => {
                let end = clock[from].max(clock[to]) + transfer;
                built.send((from, to), CallKind::Ssend, 8, (clock[from], end), 3);
                built.recv((from, to), CallKind::Recv, (clock[to], end), 4);
                (clock[from], clock[to]) = (end, end);
            }
            Step::Allreduce => {
                let end = clock.iter().max().unwrap() + transfer;
                for (rank, clock) in clock.iter_mut().enumerate() {
                    built.collective(rank, CallKind::Allreduce, (*clock, end), 5);
                    *clock = end;
                }
            }
            Step::Bcast(root) => {
                let sent = clock[root];
                for (rank, clock) in clock.iter_mut().enumerate() {
                    let end = if rank == root { sent } else { sent.max(*clock) + transfer };
                    built.collective(rank, CallKind::Bcast, (*clock, end), 6).to = root as u32;
                    *clock = end;
                }
            }
            Step::Reduce(root) => {
                let last = *clock.iter().max().unwrap();
                for (rank, clock) in clock.iter_mut().enumerate() {
                    let end = if rank == root { last + transfer } else { *clock };
                    built.collective(rank, CallKind::Reduce, (*clock, end), 7).to = root as u32;
                    *clock = end;
                }
            }
            Step::Scan => {
                let mut last = 0;
                for (rank, clock) in clock.iter_mut().enumerate() {
                    last = last.max(*clock);
                    let end = if rank == 0 { last } else { last + transfer };
                    built.collective(rank, CallKind::Scan, (*clock, end), 8);
                    *clock = end;
                }
            }
            Step::Inside(from, to) => {
                let end = clock.iter().max().unwrap() + transfer;
                for (rank, clock) in clock.iter_mut().enumerate() {
                    let event = built.collective(rank, CallKind::Iallreduce, (*clock, *clock), 1);
                    *event = event.with_request(request);
                    if rank == from {
                        built.send((from, to), CallKind::Bsend, 8, (end, end), 3);
                    }
                    let event = built.call(rank, CallKind::Wait, (*clock, end), 2);
                    *event = event.with_request(request);
                    *clock = end;
                }
                built.recv((from, to), CallKind::Recv, (clock[to], end + transfer), 4);
                clock[to] = end + transfer;
            }
        }
    }
    clock.iter().enumerate().for_each(|(rank, at)| built.end(rank, *at));
    (built.trace(), clock)
}

proptest! {
    /// The replay finds, in the times of a slow network, those of a network that takes no time.
    #[test]
    fn the_replay_is_the_simulation_without_transfer(steps in steps(), transfer in 0..500_u64) {
        let (trace, ends) = simulate(&steps, transfer);
        let (_, ideal) = simulate(&steps, 0);
        let analysis = Analysis::of(&trace);
        prop_assert_eq!(analysis.ideal_ns, *ideal.iter().max().unwrap());
        prop_assert_eq!(analysis.runtime_ns, *ends.iter().max().unwrap());
        for (time, end) in analysis.ranks().iter().zip(ends) {
            prop_assert_eq!(time.useful_ns + time.waiting_ns() + time.transfer_ns, end);
        }
        let shares: u64 = analysis.critical_path_shares().iter().map(|share| share.ns).sum();
        prop_assert_eq!(shares, analysis.ideal_ns);
        prop_assert!(analysis.notes().is_empty());
    }
}

/// Three ranks start a reduction, rank 1 after it has worked for 1000. Then its operation runs on rank 0, which waits
/// for the reduction, and sends what rank 2 has waited for, and works on for 2000.
#[test]
fn an_operation_may_send() {
    let mut built = Built::new(3);
    for rank in 0..3 {
        let start = if rank == 1 { 1000 } else { 0 };
        let event = built.collective(rank, CallKind::Iallreduce, (start, start), 1);
        *event = event.with_request(0);
    }
    built.send((0, 2), CallKind::Send, 8, (1000, 1010), 3);
    built.recv((0, 2), CallKind::Recv, (0, 1010), 4);
    for (rank, times) in [(0, 1020), (1000, 1020), (3010, 3020)].into_iter().enumerate() {
        let event = built.call(rank, CallKind::Wait, times, 2);
        *event = event.with_request(0);
    }
    built.end(0, 1520);
    let trace = built.trace();
    let analysis = Analysis::of(&trace);
    assert_eq!((analysis.runtime_ns, analysis.ideal_ns, analysis.calls), (3020, 3000, 8));
    let useful: Vec<u64> = analysis.ranks().iter().map(|rank| rank.useful_ns).collect();
    assert_eq!(useful, [500, 1000, 2000]);
    near(analysis.efficiency().load_balance, 3500.0 / 3.0 / 2000.0);
    near(analysis.efficiency().serialisation, 2.0 / 3.0);
    near(analysis.efficiency().transfer, 3000.0 / 3020.0);
    let of = |rank: usize| analysis.ranks()[rank];
    assert_eq!((of(0).collective_ns, of(0).transfer_ns), (1000, 20));
    assert_eq!((of(2).late_sender_ns, of(2).transfer_ns), (1000, 20));
    let path: Vec<usize> = analysis.critical_path().iter().map(|part| part.rank).collect();
    assert_eq!(path, [1, 0, 2]);
    let wait = analysis.lines().iter().find(|line| line.call == CallKind::Wait).unwrap();
    assert_eq!((wait.calls, wait.ns, wait.waiting_ns), (3, 1010 + 20 + 10, 1000));
}

/// The operation of a reduction that waits itself: on both ranks it meets the other in a barrier. Rank 1 comes at 1000.
#[test]
fn an_operation_may_meet_others() {
    let mut built = Built::new(2);
    for rank in 0..2 {
        let start = 1000 * rank as u64;
        built.call(rank, CallKind::Barrier, (1010, 1020), 2).sequence = 1;
        built.call(rank, CallKind::Allreduce, (start, 1030), 1).sequence = 0;
        built.end(rank, 1530);
    }
    let analysis = Analysis::of(&built.trace());
    assert!(analysis.notes().is_empty(), "{analysis}");
    assert_eq!((analysis.runtime_ns, analysis.ideal_ns, analysis.calls), (1530, 1500, 4));
    let useful: Vec<u64> = analysis.ranks().iter().map(|rank| rank.useful_ns).collect();
    assert_eq!(useful, [500, 1500]);
    assert_eq!(analysis.ranks()[0].collective_ns, 1000);
    assert_eq!(analysis.ranks()[1].waiting_ns(), 0);
}

/// Of what one call waits for all but the first are told within it.
#[test]
fn one_call_may_wait_for_several() {
    let mut built = Built::new(3);
    for (from, sent) in [(1, 900), (2, 100)] {
        built.send((from, 0), CallKind::Send, 8, (sent, sent + 10), 1);
        built.end(from, 1010);
        let event = built.call(0, CallKind::Irecv, (0, 0), 2);
        (event.from, event.want) = (from as u32, 0);
        *event = event.with_request(from as u32);
    }
    for (from, times) in [(2, (1005, 1008)), (1, (0, 1010))] {
        let event = built.recv((from, 0), CallKind::Wait, times, 3);
        *event = event.with_request(from as u32);
    }
    let analysis = Analysis::of(&built.trace());
    assert_eq!((analysis.runtime_ns, analysis.ideal_ns, analysis.calls), (1010, 1000, 6));
    let time = analysis.ranks()[0];
    assert_eq!((time.useful_ns, time.late_sender_ns, time.transfer_ns), (0, 900, 110));
    assert!(analysis.notes().is_empty(), "{analysis}");
}

/// A row of four ranks, each of which waits for those beside it. Rank 0 is late for the first exchange and rank 3
/// for the second, at the same time: nobody waits for both.
#[test]
fn who_is_far_away_is_not_waited_for_in_an_exchange() {
    let ms = |time: u64| time * 1_000_000;
    let mut built = Built::new(4);
    let first = [(100, 100), (0, 100), (0, 0), (0, 0)];
    let second = [(100, 100), (100, 100), (0, 100), (100, 100)];
    for (rank, times) in first.iter().zip(second).enumerate() {
        for (line, (start, end)) in [*times.0, times.1].into_iter().enumerate() {
            built.collective(rank, CallKind::Exchange, (ms(start), ms(end)), line as u16);
        }
    }
    let analysis = Analysis::of(&built.trace());
    assert_eq!((analysis.runtime_ns, analysis.ideal_ns), (ms(100), ms(100)));
    near(analysis.efficiency().serialisation, 1.0);
    let waits: Vec<u64> = analysis.ranks().iter().map(|rank| rank.collective_ns).collect();
    assert_eq!(waits, [0, ms(100), ms(100), 0]);
}

/// Two ranks that work for a moment, one for longer, and send much to each other.
#[test]
fn a_moment_of_work_is_not_what_takes_the_time() {
    let mut built = Built::new(2);
    for rank in 0..2_usize {
        let start = if rank == 0 { 10 } else { 2 };
        let event = built.send((rank, 1 - rank), CallKind::Sendrecv, LARGE, (start, 1_000_000), 1);
        (event.from, event.want, event.link) = (1 - rank as u32, 0, 0);
    }
    let analysis = Analysis::of(&built.trace());
    assert!(analysis.efficiency().load_balance < 0.7);
    assert_eq!(analysis.verdict().kind, VerdictKind::Transfers, "{analysis}");
}

/// A file that was written wrongly, or by somebody else, is analysed like any other.
#[test]
fn whatever_times_there_are_nothing_breaks() {
    let times = [0, 1, u64::MAX / 3, u64::MAX - 1, u64::MAX];
    for (start, end) in times.iter().flat_map(|start| times.map(|end| (*start, end))) {
        let mut built = Built::new(5);
        for rank in 0..5_usize {
            let event =
                built.send((rank, (rank + 1) % 5), CallKind::Sendrecv, end, (start, end), 1);
            (event.from, event.want, event.link) = ((rank as u32 + 4) % 5, 0, 0);
            built.collective(rank, CallKind::Window, (end, start), 2);
            built.call(rank, CallKind::Put, (start, end), 3);
            built.log(rank).dropped = start % 2;
        }
        built.end(4, start);
        let trace = built.trace();
        let analysis = Analysis::of(&trace);
        let efficiency = analysis.efficiency();
        assert!((0.0..=1.0).contains(&efficiency.parallel()), "{efficiency:?}");
        assert!(analysis.to_string().contains("5 ranks"), "{start} {end}");
    }
}

/// The log of rank 0 was full, and begins at 500; rank 1 waits since 0 for what is sent at 1000.
#[test]
fn a_call_that_logs_begin_within_is_no_work() {
    let mut built = Built::new(2);
    built.call(0, CallKind::Probe, (500, 600), 1);
    built.send((0, 1), CallKind::Bsend, 8, (1000, 1010), 1);
    built.recv((0, 1), CallKind::Recv, (0, 1010), 2);
    built.log(0).dropped = 7;
    let analysis = Analysis::of(&built.trace());
    assert_eq!(analysis.runtime_ns, 510);
    assert_eq!((analysis.ranks()[1].useful_ns, analysis.ranks()[1].late_sender_ns), (0, 500));
}
