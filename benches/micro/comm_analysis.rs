//! What the analysis of a trace of a million calls costs, from the bytes of its files to its page: of eight ranks and
//! of 64 that exchange messages, and of 64 that meet in collectives. Pages are written into the folder that
//! `TENFOLD_PAGES` names, if it does.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenfold_comm::{Analysis, CallKind, Event, Members, Place, RankLog, Trace};

/// How many calls there are, or a few less.
const CALLS: u32 = 1_000_000;
/// Messages take so long, and so does what follows the last part of a collective.
const TRANSFER_NS: u64 = 2_000;

/// A trace that grows step by step, with a clock for each rank.
struct Steps {
    trace: Trace,
    clocks: Vec<u64>,
    step: u32,
}

impl Steps {
    fn new(ranks: u32) -> Self {
        let logs = (0..ranks).map(|rank| RankLog {
            places: (0..8).map(|line| Place { file: "heat.rs".into(), line, column: 5 }).collect(),
            communicators: vec![Members { id: 0, ranks: (0..ranks).collect() }],
            ..RankLog::new(rank as usize)
        });
        let trace = Trace { size: ranks as usize, ranks: logs.collect() };
        Self { trace, clocks: vec![0; ranks as usize], step: 0 }
    }

    fn ranks(&self) -> u32 {
        u32::try_from(self.clocks.len()).expect("a bench has few ranks")
    }

    /// The ranks work for 20 to 40 µs, differently each time.
    fn work(&mut self) {
        for (rank, clock) in (0_u32..).zip(&mut self.clocks) {
            let varies = rank.wrapping_mul(7919).wrapping_add(self.step.wrapping_mul(104_729));
            *clock += u64::from(20_000 + varies % 20_000);
        }
    }

    /// Each exchanges messages with those beside it in a ring, so far away: it receives from all, sends to all, and
    /// waits for all.
    fn exchange(&mut self, far: &[u32]) {
        let (begun, ranks) = (self.clocks.clone(), self.ranks());
        // Each step has numbers for so many requests of each kind.
        let (receives, sends) = (64 * self.step, 64 * self.step + 32);
        for (rank, clock) in (0..ranks).zip(&mut self.clocks) {
            let log = &mut self.trace.ranks[rank as usize];
            let start = *clock;
            for (request, far) in (receives..).zip(far) {
                let mut irecv = Event::new(CallKind::Irecv, start, start).with_request(request);
                (irecv.place, irecv.from, irecv.want) = (1, (rank + ranks - far) % ranks, 0);
                log.events.push(irecv);
            }
            for (request, far) in (sends..).zip(far) {
                let mut isend = Event::new(CallKind::Isend, start, start).with_request(request);
                (isend.place, isend.to, isend.tag) = (2, (rank + far) % ranks, 0);
                (isend.sent, isend.sequence) = (1600, self.step);
                log.events.push(isend);
            }
            for (request, far) in (receives..).zip(far) {
                let from = (rank + ranks - far) % ranks;
                let arrived = (*clock).max(begun[from as usize] + TRANSFER_NS);
                let mut wait = Event::new(CallKind::Wait, *clock, arrived).with_request(request);
                (wait.place, wait.from, wait.want, wait.sequence) = (3, from, 0, self.step);
                log.events.push(wait);
                *clock = arrived;
            }
            for request in (sends..).take(far.len()) {
                let mut wait = Event::new(CallKind::Wait, *clock, *clock).with_request(request);
                wait.place = 4;
                log.events.push(wait);
            }
        }
        self.step += 1;
    }

    /// All take part in a collective, each until `end` of all the times at which they come to it.
    fn collective(&mut self, kind: CallKind, end: impl Fn(&[u64], usize) -> u64) {
        let begun = self.clocks.clone();
        for (rank, clock) in self.clocks.iter_mut().enumerate() {
            let last = end(&begun, rank).max(*clock) + TRANSFER_NS;
            let mut event = Event::new(kind, *clock, last);
            (event.place, event.sequence, event.sent) = (5, self.step, 8);
            self.trace.ranks[rank].events.push(event);
            *clock = last;
        }
        self.step += 1;
    }

    fn trace(mut self) -> Trace {
        for (log, clock) in self.trace.ranks.iter_mut().zip(&self.clocks) {
            log.end_ns = *clock;
        }
        self.trace
    }
}

fn last_of_all(begun: &[u64], _: usize) -> u64 {
    begun.iter().copied().max().unwrap_or_default()
}

/// Eight ranks of a ring: a message to the right, and a reduction.
fn reduced() -> Trace {
    let mut steps = Steps::new(8);
    while (steps.step / 2) * 8 * 5 < CALLS {
        steps.work();
        steps.exchange(&[1]);
        steps.collective(CallKind::Allreduce, last_of_all);
    }
    steps.trace()
}

/// 64 ranks: messages to both sides, and nothing else.
fn halos() -> Trace {
    let mut steps = Steps::new(64);
    while steps.step * 64 * 8 < CALLS {
        steps.work();
        steps.exchange(&[1, 63]);
    }
    steps.trace()
}

/// 64 ranks: a scan, a reduction, and an exchange that ranks leave before others come to it.
fn collectives() -> Trace {
    let mut steps = Steps::new(64);
    while steps.step * 64 < CALLS {
        steps.work();
        steps.collective(CallKind::Scan, |begun, rank| last_of_all(&begun[..rank], rank));
        steps.work();
        steps.collective(CallKind::Exchange, |begun, rank| begun[(rank + 1) % 64]);
        steps.collective(CallKind::Allreduce, last_of_all);
    }
    steps.trace()
}

fn analysis(c: &mut Criterion) {
    let mut group = c.benchmark_group("comm analysis");
    for (name, trace) in [
        ("8 ranks", reduced()),
        ("64 ranks, halos", halos()),
        ("64 ranks, collectives", collectives()),
    ] {
        let answer = Analysis::of(&trace);
        assert!(answer.calls().abs_diff(CALLS as usize) < 1_000, "{}", answer.calls());
        assert!(answer.notes().is_empty(), "{:?}", answer.notes());
        // Nothing but the network stands between the run and its ideal.
        let steps =
            trace.ranks[0].events.iter().filter(|event| event.end_ns > event.start_ns).count()
                as u64;
        let lost = answer.runtime() - answer.ideal_runtime();
        assert!(lost.as_nanos() <= u128::from(2 * steps * TRANSFER_NS), "{lost:?}");

        let files: Vec<Vec<u8>> = (trace.ranks.iter())
            .map(|log| Trace { size: trace.size, ranks: vec![log.clone()] }.to_bytes())
            .collect();
        let read = || {
            let logs = files.iter().map(|bytes| Trace::from_bytes(black_box(bytes)));
            Trace::joined(logs.map(|log| log.expect("it was written so")))
        };
        assert_eq!(read(), trace);
        group.sample_size(10).throughput(Throughput::Elements(answer.calls() as u64));
        group.bench_function(format!("{name}, read"), |b| b.iter(read));
        group.bench_function(format!("{name}, analysed"), |b| {
            b.iter(|| Analysis::of(black_box(&trace)));
        });
        group.bench_function(format!("{name}, page"), |b| {
            b.iter(|| answer.to_page(black_box(&trace), "heat").len());
        });
        if let Some(folder) = std::env::var_os("TENFOLD_PAGES") {
            let file = std::path::Path::new(&folder).join(format!("{name}.html"));
            std::fs::write(file, answer.to_page(&trace, name)).expect("a file that can be written");
        }
    }
    group.finish();
}

criterion_group!(benches, analysis);
criterion_main!(benches);
