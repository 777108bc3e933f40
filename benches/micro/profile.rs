//! What a sample costs beside the code it times, and what recording costs a call. The answers are
//! checked first: a sample runs its closure exactly as often as asked, and says so; a session counts
//! exactly the calls that there were.

use std::cell::Cell;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tenfold_profile::{
    Builder, CountingAllocator, Lines, Scope, Session, Stats, Timeit, profile, scope,
};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::system();

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

#[inline(never)]
fn bare(x: u64) -> u64 {
    black_box(x)
}

#[profile]
#[inline(never)]
fn timed(x: u64) -> u64 {
    black_box(x)
}

#[profile(sample = 64)]
#[inline(never)]
fn sampled(x: u64) -> u64 {
    black_box(x)
}

#[profile]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

/// Two reads of the clock that scopes read: what a timed scope cannot go below.
fn two_reads(x: u64) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: reading the counter has no effect.
        black_box(unsafe { std::arch::x86_64::_rdtsc() });
        // SAFETY: as above.
        black_box(unsafe { std::arch::x86_64::_rdtsc() });
    }
    x
}

/// Runs `f` in a session that is thrown away, after one that shows that calls are counted.
fn in_session(builder: &Builder, name: &str, call: fn(u64) -> u64, f: impl FnOnce()) {
    let session = builder.clone().start().expect("no other session runs");
    for x in 0..1000 {
        black_box(call(x));
    }
    let report = session.finish();
    assert_eq!(report.function(name).map(|function| function.calls()), Some(1000), "{report}");
    let session = builder.clone().start().expect("no other session runs");
    f();
    drop(session);
}

fn calls(c: &mut Criterion) {
    let mut group = c.benchmark_group("profile/call");
    group.bench_function("bare", |b| b.iter(|| bare(black_box(3))));
    group.bench_function("two reads of the counter", |b| b.iter(|| two_reads(black_box(3))));
    group.bench_function("no session", |b| b.iter(|| timed(black_box(3))));
    let plain = Session::builder();
    in_session(&plain, "timed", timed, || {
        group.bench_function("timed", |b| b.iter(|| timed(black_box(3))));
        group.bench_function("scope", |b| b.iter(|| scope!("x", black_box(3))));
    });
    in_session(&plain, "sampled", sampled, || {
        group.bench_function("sampled", |b| b.iter(|| sampled(black_box(3))));
    });
    in_session(&Session::builder().alloc(true), "timed", timed, || {
        group.bench_function("timed, allocations counted", |b| b.iter(|| timed(black_box(3))));
    });
    in_session(&Session::builder().trace(1 << 12), "timed", timed, || {
        group.bench_function("timed, traced", |b| b.iter(|| timed(black_box(3))));
    });
    in_session(&plain, "timed", timed, || {
        // 1973 calls.
        assert_eq!(fib(15), 610);
        group.bench_function("fib(15), recursive", |b| b.iter(|| fib(black_box(15))));
    });
    group.finish();
}

fn allocations(c: &mut Criterion) {
    let mut group = c.benchmark_group("profile/allocate and release");
    let allocate = |x: u64| {
        scope!("allocate");
        black_box(Box::new(x));
        x
    };
    group.bench_function("no session", |b| b.iter(|| black_box(Box::new(3_u64))));
    in_session(&Session::builder().alloc(true), "allocate", allocate, || {
        group.bench_function("counted", |b| b.iter(|| black_box(Box::new(3_u64))));
    });
    in_session(&Session::builder().leaks(true), "allocate", allocate, || {
        group.bench_function("listed", |b| b.iter(|| black_box(Box::new(3_u64))));
    });
    group.finish();
}

/// Four statements a turn.
macro_rules! turns {
    ($(#[$attr:meta])* $name:ident) => {
        $(#[$attr])*
        #[inline(never)]
        fn $name(n: u64) -> u64 {
            let (mut a, mut b) = (1_u64, 2_u64);
            for i in 0..n {
                a = a.rotate_left(5) ^ i;
                b = b.wrapping_add(a);
                a ^= b >> 7;
                b = black_box(b);
            }
            a ^ b
        }
    };
}
turns!(bare_turns);
turns!(
    #[profile(lines)]
    marked_turns
);

/// What goes wide without marks.
macro_rules! sums {
    ($(#[$attr:meta])* $name:ident) => {
        $(#[$attr])*
        #[inline(never)]
        fn $name(list: &[u32]) -> u32 {
            let mut sum = 0_u32;
            for x in list {
                let y = x ^ 0x5555_5555;
                sum = sum.wrapping_add(y);
            }
            sum
        }
    };
}
sums!(bare_sum);
sums!(
    #[profile(lines)]
    marked_sum
);

/// Marked lines, beside the same loops without marks. A turn of the first has five.
fn lines(c: &mut Criterion) {
    const TURNS: u64 = 1000;
    let list: Vec<u32> = (0..4096).collect();
    assert_eq!(bare_turns(TURNS), marked_turns(TURNS));
    assert_eq!(bare_sum(&list), marked_sum(&list));
    let mut group = c.benchmark_group("profile/lines");
    group.bench_function("1000 turns, bare", |b| b.iter(|| bare_turns(black_box(TURNS))));
    group.bench_function("1000 turns, no session", |b| b.iter(|| marked_turns(black_box(TURNS))));
    group.bench_function("sum of 4096, bare", |b| b.iter(|| bare_sum(black_box(&list))));
    group.bench_function("sum of 4096, no session", |b| b.iter(|| marked_sum(black_box(&list))));
    for (name, lines) in
        [("counts", Lines::Counts), ("sample", Lines::Sample), ("time", Lines::Time)]
    {
        in_session(&Session::builder().lines(lines), "marked_turns", marked_turns, || {
            let name = format!("1000 turns, {name}");
            group.bench_function(name, |b| b.iter(|| marked_turns(black_box(TURNS))));
        });
        in_session(&Session::builder().lines(lines), "marked_turns", marked_turns, || {
            let name = format!("sum of 4096, {name}");
            group.bench_function(name, |b| b.iter(|| marked_sum(black_box(&list))));
        });
    }
    group.finish();
}

fn sessions(c: &mut Criterion) {
    c.bench_function("profile/session of nothing", |b| {
        b.iter(|| Session::start().expect("no other session runs").finish());
    });
}

criterion_group!(benches, samples, stats, calls, lines, allocations, sessions);
criterion_main!(benches);
