//! What a call from C costs, into C and into Rust. Answers are checked before they are timed.

mod c_peer;

use std::ffi::{c_int, c_long, c_void};
use std::hint::black_box;
use std::time::Instant;

use c_peer::quartiles;
use criterion::{Criterion, Throughput, criterion_group};
use libloading::{Library, Symbol};
use tenfold_ffi::Callback;

/// Calls in a sample.
const CALLS: c_long = 200_000;

/// What the function adds. A closure has it; C has it behind the user data, or in a variable.
const STEP: c_int = 3;

/// Elements that are sorted.
const ELEMENTS: usize = 100_000;

const SOURCE: &str = "
#include <stdlib.h>
int loops_step = 3;
int plain(int n) { return n + loops_step; }
int with_data(int n, void *data) { return n + *(int *)data; }
long loop_plain(int (*f)(int), long calls) {
    long sum = 0;
    for (long i = 0; i < calls; i++) sum += f((int)i);
    return sum;
}
long loop_data(int (*f)(int, void *), void *data, long calls) {
    long sum = 0;
    for (long i = 0; i < calls; i++) sum += f((int)i, data);
    return sum;
}
int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
void sort(void *start, size_t count, int (*f)(const void *, const void *)) {
    qsort(start, count, sizeof(double), f);
}
";

type Plain = unsafe extern "C" fn(c_int) -> c_int;
type WithData = unsafe extern "C" fn(c_int, *mut c_void) -> c_int;
type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;

/// The loops and functions of the library.
#[derive(Clone, Copy)]
struct C {
    plain: Plain,
    with_data: WithData,
    compare: Compare,
    loop_plain: unsafe extern "C" fn(Plain, c_long) -> c_long,
    loop_data: unsafe extern "C" fn(WithData, *mut c_void, c_long) -> c_long,
    sort: unsafe extern "C" fn(*mut c_void, usize, Compare),
}

/// The same in Rust, by hand.
extern "C" fn by_hand(n: c_int) -> c_int {
    n + black_box(STEP)
}

fn symbol<T: Copy>(library: &Library, name: &str) -> T {
    // SAFETY: the types below are those of the source above.
    let symbol: Symbol<'_, T> = unsafe { library.get(name) }.expect("the source has it");
    *symbol
}

impl C {
    /// The library stays loaded.
    fn load() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = c_peer::compile(SOURCE, folder.path());
        // SAFETY: it runs nothing when it is loaded.
        let library = unsafe { Library::new(path) }.expect("it was just made");
        let library = Box::leak(Box::new(library));
        Self {
            plain: symbol(library, "plain"),
            with_data: symbol(library, "with_data"),
            compare: symbol(library, "compare"),
            loop_plain: symbol(library, "loop_plain"),
            loop_data: symbol(library, "loop_data"),
            sort: symbol(library, "sort"),
        }
    }

    fn run_plain(self, f: Plain) -> c_long {
        // SAFETY: the function lives during the call.
        unsafe { (self.loop_plain)(f, CALLS) }
    }

    fn run_data(self, f: WithData, data: *mut c_void) -> c_long {
        // SAFETY: function and data live during the call.
        unsafe { (self.loop_data)(f, data, CALLS) }
    }

    fn sorted(self, values: &[f64], f: Compare) -> Vec<f64> {
        let mut values = values.to_vec();
        // SAFETY: there are as many doubles, and the function compares two.
        unsafe { (self.sort)(values.as_mut_ptr().cast(), values.len(), f) };
        values
    }
}

/// A closure that has something and may panic, so that nothing of ours is optimised away.
fn adder(step: c_int) -> impl Fn(c_int) -> c_int + Sync {
    move |n| {
        assert!(n >= 0, "{n} is negative");
        n + step
    }
}

fn ours(c: C, way: usize) -> c_long {
    let step = black_box(STEP);
    let sum = match way {
        0 => Callback::new(adder(step)).scope_with_data(|f, data| c.run_data(f, data)),
        1 => Callback::shared(adder(step)).scope_with_data(|f, data| c.run_data(f, data)),
        2 => Callback::new(adder(step)).scope(|f| c.run_plain(f)),
        _ => Callback::shared(adder(step)).scope(|f| c.run_plain(f)),
    };
    sum.expect("one callback at a time")
}

/// The ways to call, each with its name and the way of C that it is compared with.
const WAYS: [(&str, usize); 7] = [
    ("C function", 0),
    ("C function with user data", 1),
    ("extern \"C\" fn of Rust", 0),
    ("ours with user data", 1),
    ("ours with user data, shared", 1),
    ("ours from the pool", 0),
    ("ours from the pool, shared", 0),
];

fn call(c: C, way: usize) -> c_long {
    match way {
        0 => c.run_plain(c.plain),
        1 => {
            let mut step = STEP;
            c.run_data(c.with_data, (&raw mut step).cast())
        }
        2 => c.run_plain(by_hand),
        _ => ours(c, way - 3),
    }
}

/// What all loops come to.
fn answer() -> c_long {
    (0..CALLS).map(|n| n + c_long::from(STEP)).sum()
}

fn unsorted() -> Vec<f64> {
    let mut state = 1_u64;
    let next = |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64
    };
    (0..ELEMENTS).map(next).collect()
}

fn sort_by_closure(c: C, values: &[f64]) -> Vec<f64> {
    let compare = |a: *const c_void, b: *const c_void| -> c_int {
        // SAFETY: C gives elements of the array.
        let a = unsafe { *a.cast::<f64>() };
        // SAFETY: as above.
        let b = unsafe { *b.cast::<f64>() };
        c_int::from(a > b) - c_int::from(a < b)
    };
    let sorted = Callback::new(compare).scope(|f| c.sorted(values, f));
    sorted.expect("one callback at a time")
}

fn calls(criterion: &mut Criterion) {
    let c = C::load();
    let mut group = criterion.benchmark_group("ffi/callback, 200,000 calls from C");
    group.throughput(Throughput::Elements(CALLS.unsigned_abs()));
    for (way, (name, _)) in WAYS.iter().enumerate() {
        assert_eq!(call(c, way), answer(), "{name}");
        group.bench_function(*name, |b| b.iter(|| call(c, black_box(way))));
    }
    group.finish();

    let values = unsorted();
    let mut expected = values.clone();
    expected.sort_by(f64::total_cmp);
    let mut group = criterion.benchmark_group("ffi/qsort, 100,000 doubles");
    group.throughput(Throughput::Elements(ELEMENTS as u64));
    assert_eq!(c.sorted(&values, c.compare), expected);
    group.bench_function("C function", |b| b.iter(|| c.sorted(&values, c.compare)));
    assert_eq!(sort_by_closure(c, &values), expected);
    group.bench_function("ours from the pool", |b| b.iter(|| sort_by_closure(c, &values)));
    group.bench_function("Rust's sort_by", |b| {
        b.iter(|| {
            let mut values = values.clone();
            values.sort_by(f64::total_cmp);
            values
        });
    });
    group.finish();
}

criterion_group!(benches, calls);

fn nanoseconds(calls: usize, run: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    run();
    begin.elapsed().as_secs_f64() * 1e9 / calls as f64
}

/// `--table`: all ways in turns, so that what disturbs the machine disturbs all of them alike; the ratio to
/// the way of C is taken in each turn. `benches/record` has what it printed.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn table() {
    const TURNS: usize = 201;
    let c = C::load();
    let mut times = vec![Vec::with_capacity(TURNS); WAYS.len()];
    for (way, (name, _)) in WAYS.iter().enumerate() {
        assert_eq!(call(c, way), answer(), "{name}");
    }
    for _ in 0..TURNS {
        for (way, times) in times.iter_mut().enumerate() {
            let calls = usize::try_from(CALLS).expect("some");
            times.push(nanoseconds(calls, || assert_eq!(call(c, black_box(way)), answer())));
        }
    }
    println!("{:<30} {:>9} {:>9}   x C (quartiles)", "ns a call from C", "least", "median");
    for (way, (name, peer)) in WAYS.iter().enumerate() {
        let own = &times[way];
        let ratios = own.iter().zip(&times[*peer]).map(|(a, b)| a / b).collect();
        let least = own.iter().copied().fold(f64::INFINITY, f64::min);
        let [_, median, _] = quartiles(own.clone());
        let [low, middle, high] = quartiles(ratios);
        println!("{name:<30} {least:>9.2} {median:>9.2}   {middle:.3} ({low:.3} to {high:.3})");
    }
    sort_table(c);
}

#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn sort_table(c: C) {
    let values = unsorted();
    let time = |run: &dyn Fn() -> Vec<f64>| nanoseconds(ELEMENTS, || drop(black_box(run())));
    let ratios = (0..31)
        .map(|_| time(&|| sort_by_closure(c, &values)) / time(&|| c.sorted(&values, c.compare)))
        .collect();
    let [low, middle, high] = quartiles(ratios);
    println!("qsort of {ELEMENTS} doubles by a closure: {middle:.3} x C ({low:.3} to {high:.3})");
}

fn main() {
    if std::env::args().any(|arg| arg == "--table") {
        return table();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
