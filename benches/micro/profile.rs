//! What a sample costs beside the code it times. The answers are checked first: a sample runs its
//! closure exactly as often as asked, and says so.

use std::cell::Cell;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tenfold_profile::{Scope, Stats, Timeit};

fn checked(scope: Scope) -> Timeit {
    let timeit = Timeit::new().scope(scope);
    let calls = Cell::new(0_u64);
    let sample = timeit.sample(1000, || calls.set(calls.get() + 1));
    assert_eq!((sample.loops, calls.get()), (1000, 1000));
    timeit
}

fn samples(c: &mut Criterion) {
    let mut group = c.benchmark_group("profile");
    for (name, scope) in [("sample, thread", Scope::Thread), ("sample, process", Scope::Process)] {
        let timeit = checked(scope);
        group.bench_function(name, |b| b.iter(|| timeit.sample(1, || black_box(0))));
    }
    let timeit = checked(Scope::Thread);
    group.bench_function("1000 loops of nothing", |b| {
        b.iter(|| timeit.sample(1000, || black_box(0)));
    });
    group.finish();
}

fn stats(c: &mut Criterion) {
    let values: Vec<f64> = (0..1000).map(|i| f64::from(i * 7919 % 1000)).collect();
    assert_eq!(Stats::of(&values).map(|s| (s.min, s.median)), Some((0.0, 499.5)));
    c.bench_function("profile/statistics of 1000", |b| b.iter(|| Stats::of(black_box(&values))));
}

criterion_group!(benches, samples, stats);
criterion_main!(benches);
