//! What the analysis of a trace costs: a million calls of eight ranks, and its page, which is
//! written into the file that `TENFOLD_PAGE` names, if it does.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenfold_comm::{Analysis, CallKind, Event, Members, Place, RankLog, Trace};

const RANKS: u32 = 8;
/// Calls of a rank in a step.
const CALLS: u32 = 5;
const STEPS: u32 = 25_000;

/// Each step a rank exchanges a message with either neighbour in a ring, waits, and takes part in a reduction.
/// The ranks work for 20 to 40 µs before it, differently each time, and messages take 2 µs.
fn trace() -> Trace {
    let logs = (0..RANKS).map(|rank| RankLog {
        places: (0..8).map(|line| Place { file: "heat.rs".into(), line, column: 5 }).collect(),
        communicators: vec![Members { id: 0, ranks: (0..RANKS).collect() }],
        ..RankLog::new(rank as usize)
    });
    let mut trace = Trace { size: RANKS as usize, ranks: logs.collect() };
    let mut clocks = [0_u64; RANKS as usize];
    for step in 0..STEPS {
        for (rank, clock) in (0..RANKS).zip(&mut clocks) {
            *clock += u64::from(20_000 + (rank * 7919 + step * 104_729) % 20_000);
        }
        let begun = clocks;
        for (rank, clock) in (0..RANKS).zip(&mut clocks) {
            let left = (rank + RANKS - 1) % RANKS;
            let arrived = (*clock).max(begun[left as usize]) + 2_000;
            exchange(&mut trace.ranks[rank as usize], (rank, step), (*clock, arrived));
            *clock = arrived;
        }
        let end = clocks.iter().max().copied().unwrap_or_default() + 2_000;
        for (log, clock) in trace.ranks.iter_mut().zip(&mut clocks) {
            let mut event = Event::new(CallKind::Allreduce, *clock, end);
            (event.place, event.sequence, event.sent) = (5, step, 8);
            log.events.push(event);
            log.end_ns = end;
            *clock = end;
        }
    }
    trace
}

/// An irecv from the left, an isend to the right, and the waits for both.
fn exchange(log: &mut RankLog, (rank, step): (u32, u32), (start, arrived): (u64, u64)) {
    let (left, right) = ((rank + RANKS - 1) % RANKS, (rank + 1) % RANKS);
    let mut irecv = Event::new(CallKind::Irecv, start, start).with_request(2 * step);
    (irecv.place, irecv.from, irecv.want) = (1, left, 0);
    let mut isend = Event::new(CallKind::Isend, start, start).with_request(2 * step + 1);
    (isend.place, isend.to, isend.tag, isend.sent, isend.sequence) = (2, right, 0, 1600, step);
    let mut received = Event::new(CallKind::Wait, start, arrived).with_request(2 * step);
    (received.place, received.from, received.want, received.sequence) = (3, left, 0, step);
    let mut sent = Event::new(CallKind::Wait, arrived, arrived).with_request(2 * step + 1);
    sent.place = 4;
    log.events.extend([irecv, isend, received, sent]);
}

fn analysis(c: &mut Criterion) {
    let trace = trace();
    let calls = RANKS * CALLS * STEPS;
    let answer = Analysis::of(&trace);
    assert_eq!(answer.calls(), calls as usize);
    assert!(answer.notes().is_empty(), "{:?}", answer.notes());
    // Nothing but the network stands between the run and its ideal: in each step a message and a reduction, of 2 µs each.
    let lost = answer.runtime() - answer.ideal_runtime();
    assert!(lost.as_micros() <= u128::from(4 * STEPS), "{lost:?}");

    let mut group = c.benchmark_group("comm analysis");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(calls)));
    group.bench_function("1e6 calls", |b| b.iter(|| Analysis::of(black_box(&trace))));
    group.bench_function("1e6 calls, page", |b| {
        b.iter(|| answer.to_page(black_box(&trace), "heat").len());
    });
    group.finish();
    if let Some(file) = std::env::var_os("TENFOLD_PAGE") {
        std::fs::write(file, answer.to_page(&trace, "heat")).expect("a file that can be written");
    }
}

criterion_group!(benches, analysis);
criterion_main!(benches);
