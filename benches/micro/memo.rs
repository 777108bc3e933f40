//! Micro-benchmarks of tenfold-memo, beside other caches, a hand-written one and Python's. An answer is
//! checked before it is timed.

use std::hint::black_box;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use cached::macros::{cached, concurrent_cached};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group};
use foldhash::fast::RandomState;
use lru::LruCache;
use tenfold_memo::{Disk, Memo, lru_cache, memoize};
use tenfold_profile::{Scope, Timeit};

/// A function that one of the engines remembers.
type Remembered = fn(u64) -> u64;

/// What is asked for again and again.
const HOT: u64 = 512;

/// What all of them remember.
fn body(n: u64) -> u64 {
    n + 1
}

/// The functions of one size.
macro_rules! engines {
    ($module:ident, $size:literal) => {
        mod $module {
            use super::*;

            #[lru_cache(maxsize = $size)]
            pub(super) fn ours(n: u64) -> u64 {
                body(n)
            }

            #[memoize(maxsize = $size, single_flight = false)]
            pub(super) fn ours_alone(n: u64) -> u64 {
                body(n)
            }

            #[memoize(maxsize = $size, scope = "thread")]
            pub(super) fn ours_of_thread(n: u64) -> u64 {
                body(n)
            }

            #[cached(max_size = $size)]
            pub(super) fn cached(n: u64) -> u64 {
                body(n)
            }

            /// As ours, computes once for all who ask at one time.
            #[cached(max_size = $size, sync_writes = "by_key")]
            pub(super) fn cached_by_key(n: u64) -> u64 {
                body(n)
            }

            #[concurrent_cached(max_size = $size)]
            pub(super) fn concurrent_cached(n: u64) -> u64 {
                body(n)
            }

            /// What one writes by hand.
            pub(super) fn mutex_lru(n: u64) -> u64 {
                static CACHE: LazyLock<Mutex<LruCache<u64, u64, RandomState>>> =
                    LazyLock::new(|| {
                        let size = NonZero::new($size).expect("not 0");
                        Mutex::new(LruCache::with_hasher(size, RandomState::default()))
                    });
                let known = CACHE.lock().expect("nobody panics").get(&n).copied();
                known.unwrap_or_else(|| {
                    let value = body(n);
                    CACHE.lock().expect("nobody panics").put(n, value);
                    value
                })
            }

            pub(super) fn moka(n: u64) -> u64 {
                static CACHE: LazyLock<moka::sync::Cache<u64, u64>> =
                    LazyLock::new(|| moka::sync::Cache::new($size));
                CACHE.get_with(n, || body(n))
            }

            pub(super) fn quick_cache(n: u64) -> u64 {
                static CACHE: LazyLock<quick_cache::sync::Cache<u64, u64>> =
                    LazyLock::new(|| quick_cache::sync::Cache::new($size));
                let value = CACHE.get_or_insert_with(&n, || Ok::<_, ()>(body(n)));
                value.expect("it cannot fail")
            }

            /// What the loop and the call cost.
            #[inline(never)]
            pub(super) fn nothing_remembered(n: u64) -> u64 {
                body(n)
            }

            pub(super) const ALL: &[(&str, Remembered)] = &[
                ("nothing remembered", nothing_remembered),
                ("ours", ours),
                ("ours, no single flight", ours_alone),
                ("ours, of the thread", ours_of_thread),
                ("Mutex of lru", mutex_lru),
                ("cached", cached),
                ("cached, by key", cached_by_key),
                ("concurrent_cached", concurrent_cached),
                ("quick_cache", quick_cache),
                ("moka", moka),
            ];
        }
    };
}

#[memoize]
fn ours_unbounded(n: u64) -> u64 {
    body(n)
}

engines!(large, 10_000);
engines!(small, 1024);

fn checked(f: Remembered) -> Remembered {
    assert!((0..2 * HOT).all(|n| f(n % HOT) == body(n % HOT)));
    f
}

/// The next of the hot keys, in no order that a processor foresees.
fn key(i: &mut u64) -> u64 {
    *i = i.wrapping_add(0x9E37_79B9);
    *i % HOT
}

fn hits(c: &mut Criterion) {
    let mut group = c.benchmark_group("memo/hit");
    let unbounded: (&str, Remembered) = ("ours, unbounded", ours_unbounded);
    for &(name, f) in large::ALL.iter().chain([&unbounded]) {
        let (f, mut i) = (checked(f), 0);
        group.bench_function(name, |b| b.iter(|| f(black_box(key(&mut i)))));
    }
    python(&mut group, "hit");
    group.finish();
}

fn misses(c: &mut Criterion) {
    let mut group = c.benchmark_group("memo/miss");
    for &(name, f) in small::ALL {
        let (f, mut n) = (checked(f), HOT);
        group.bench_function(name, |b| {
            b.iter(|| {
                n += 1;
                f(black_box(n))
            });
        });
    }
    python(&mut group, "miss");
    group.finish();
}

/// The time of a call of Python's function; none where there is no Python.
fn python_call(kind: &str) -> Option<Duration> {
    const CALLS: u32 = 200_000;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("micro/lru_cache.py");
    let mut python = Command::new("python3");
    let output = python.arg(script).arg(kind).arg(CALLS.to_string()).output().ok()?;
    let nanoseconds = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(Duration::from_nanos(nanoseconds) / CALLS)
}

fn python(group: &mut BenchmarkGroup<'_, WallTime>, kind: &str) {
    if python_call(kind).is_none() {
        return;
    }
    group.bench_function("Python's lru_cache", |b| {
        b.iter_custom(|calls| {
            let call = python_call(kind).unwrap_or_default();
            call.saturating_mul(u32::try_from(calls).unwrap_or(u32::MAX))
        });
    });
}

/// Both threads at once: the time of a call while the other thread calls too.
fn two_threads(c: &mut Criterion) {
    let mut group = c.benchmark_group("memo/hit, two threads");
    let unbounded: (&str, Remembered) = ("ours, unbounded", ours_unbounded);
    for &(name, f) in large::ALL.iter().chain([&unbounded]) {
        let f = checked(f);
        group.bench_function(name, |b| b.iter_custom(|calls| both(f, calls)));
    }
    group.finish();
}

fn both(f: Remembered, calls: u64) -> Duration {
    let start = Barrier::new(2);
    let run = |mut i: u64| {
        start.wait();
        let begin = Instant::now();
        for _ in 0..calls {
            black_box(f(black_box(key(&mut i))));
        }
        begin.elapsed()
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| run(7));
        let ours = run(0);
        ours.max(other.join().expect("nothing panics"))
    })
}

#[memoize(maxsize = 1000)]
fn borrowed(text: &str, n: u32) -> usize {
    text.len() + n as usize
}

fn borrowed_keys(c: &mut Criterion) {
    let texts: Vec<String> = (0..100).map(|n| format!("a text of some length, {n}")).collect();
    assert!(texts.iter().all(|text| borrowed(text, 3) == borrowed(text, 3)));
    assert_eq!(borrowed::cache_info().misses, 100);
    let mut texts = texts.iter().cycle();
    c.bench_function("memo/hit of (&str, u32)", |b| {
        b.iter(|| texts.next().map(|text| borrowed(black_box(text), 3)));
    });
}

fn disk(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let memo: Memo<u32, Vec<f64>> =
        Memo::builder().maxsize(0).disk(Disk::new(folder.path(), "bench")).build();
    let value = |n: u32| -> Vec<f64> { (0..512).map(|i| f64::from(i * n)).collect() };
    for n in 0..100 {
        assert_eq!(memo.get_or_insert_with(n, || value(n)), value(n));
        assert_eq!(memo.get_or_insert_with(n, || unreachable!("it is on disk")), value(n));
    }
    let mut n = 0;
    c.bench_function("memo/disk hit, 4 KiB", |b| {
        b.iter(|| {
            n = (n + 1) % 100;
            memo.get_or_insert_with(n, || unreachable!("it is on disk"))
        });
    });
    let mut n = 100;
    c.bench_function("memo/disk miss and write, 4 KiB", |b| {
        b.iter(|| {
            n += 1;
            memo.get_or_insert_with(n, || vec![f64::from(n); 512])
        });
    });
    assert_eq!(memo.info().disk_errors, 0);
}

criterion_group!(benches, hits, misses, two_threads, borrowed_keys, disk);

/// `--table`: the least time of a call, all engines in turns, so that what disturbs the machine
/// disturbs all of them alike. `benches/record` has what it printed.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn table() {
    println!(
        "{:<24} {:>8} {:>8} {:>12}   ns a call, the least of clean samples",
        "", "hit", "miss", "two threads"
    );
    let unbounded: [(&str, Remembered); 1] = [("ours, unbounded", ours_unbounded)];
    let hits = least(large::ALL.iter().chain(&unbounded), key);
    let misses = least(small::ALL.iter(), |n| {
        *n += 1;
        *n + HOT
    });
    // The median: a lock that one thread gets several times in a row makes for a low least.
    let both = |&(_, f): &(&str, Remembered)| {
        let mut times: Vec<f64> = (0..1000).filter_map(|_| clean_pair(f)).collect();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let together: Vec<f64> = large::ALL.iter().chain(&unbounded).map(both).collect();
    for (i, (name, _)) in large::ALL.iter().chain(&unbounded).enumerate() {
        let miss = misses.get(i).map_or_else(String::new, |miss| format!("{miss:.1}"));
        println!("{name:<24} {:>8.1} {miss:>8} {:>12.1}", hits[i], together[i]);
    }
    let python = |kind| (0..5).filter_map(|_| python_call(kind)).min();
    if let (Some(hit), Some(miss), Some(bare)) = (python("hit"), python("miss"), python("bare")) {
        let [hit, miss, bare] = [hit, miss, bare].map(|time| time.as_nanos());
        println!("{:<24} {hit:>8} {miss:>8}   (a call without it {bare})", "Python's lru_cache");
    }
}

/// The time of a call while another thread calls too; none if they did not run at the same time.
fn clean_pair(f: Remembered) -> Option<f64> {
    const CALLS: u64 = 20_000;
    let ready = AtomicUsize::new(0);
    let run = |mut i: u64| {
        let timeit = Timeit::new().scope(Scope::Thread);
        // Not a barrier that sleeps: the one would be done before the other is awake.
        ready.fetch_add(1, Ordering::SeqCst);
        while ready.load(Ordering::SeqCst) < 2 {
            std::hint::spin_loop();
        }
        let begin = Instant::now();
        let sample = timeit.sample(CALLS, || black_box(f(black_box(key(&mut i)))));
        (sample, begin, Instant::now())
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| run(7));
        let (ours, other) = (run(0), other.join().expect("nothing panics"));
        let longest = (ours.2 - ours.1).max(other.2 - other.1);
        let together = ours.2.min(other.2).saturating_duration_since(ours.1.max(other.1));
        // A thread that waits for a lock may sleep: that is no disturbance, but what is measured.
        (together > longest.mul_f64(0.9)).then(|| ours.0.wall_ns().max(other.0.wall_ns()))
    })
}

/// The least time of a call of each function, in ns.
fn least<'a>(
    functions: impl Iterator<Item = &'a (&'a str, Remembered)>,
    next: impl Fn(&mut u64) -> u64,
) -> Vec<f64> {
    const CALLS: u64 = 5_000;
    let timeit = Timeit::new().scope(Scope::Thread);
    let mut all: Vec<(Remembered, u64, f64)> =
        functions.map(|(_, f)| (checked(*f), 0, f64::INFINITY)).collect();
    for _ in 0..400 {
        for (f, i, least) in &mut all {
            let sample = timeit.sample(CALLS, || f(black_box(next(i))));
            if sample.is_clean() {
                *least = least.min(sample.wall_ns());
            }
        }
    }
    all.into_iter().map(|(_, _, least)| least).collect()
}

fn main() {
    if std::env::args().any(|arg| arg == "--table") {
        return table();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
