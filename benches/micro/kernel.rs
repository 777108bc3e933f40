//! Micro-benchmarks of tenfold-kernel. Answers are checked before they are timed.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenfold_kernel::kernel;

#[kernel]
fn triad(a: f64, x: f64, y: f64) -> f64 {
    a * x + y
}

#[kernel(reduce(sum), math = contract)]
fn dot(x: f64, y: f64) -> f64 {
    x * y
}

#[kernel]
fn exponential(x: f64) -> f64 {
    x.exp()
}

fn numbers(n: usize) -> Vec<f64> {
    (0..n).map(|i| (i % 97) as f64 * 0.25).collect()
}

/// What a call costs before the first element.
fn calls(c: &mut Criterion) {
    let (x, mut out) = ([1.0, 2.0, 3.0, 4.0], [0.0; 4]);
    triad::into(2.0, &x, 1.0, &mut out).expect("arrays of one length");
    assert_eq!(out, [3.0, 5.0, 7.0, 9.0]);
    c.bench_function("kernel/call with 4 elements", |b| {
        b.iter(|| triad::into(2.0, black_box(&x), 1.0, &mut out));
    });
}

/// 16 KiB an array: in the first cache.
fn in_cache(c: &mut Criterion) {
    let n = 2048;
    let (x, y, mut out) = (numbers(n), numbers(n), vec![0.0; n]);
    let mut group = c.benchmark_group("kernel/2048 f64");
    group.throughput(Throughput::Elements(n as u64));
    triad::into(2.0, &x, &y, &mut out).expect("one length");
    assert!((0..n).all(|i| out[i] == triad(2.0, x[i], y[i])));
    group.bench_function("triad", |b| b.iter(|| triad::into(2.0, black_box(&x), &y, &mut out)));
    let sum: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
    assert_eq!(dot::reduce(&x, &y).expect("one length"), sum);
    group.bench_function("dot", |b| b.iter(|| dot::reduce(black_box(&x), &y)));
    exponential::into(&x, &mut out).expect("one length");
    assert!((0..n).all(|i| (out[i] / x[i].exp() - 1.0).abs() < 1e-15));
    group.bench_function("exp", |b| b.iter(|| exponential::into(black_box(&x), &mut out)));
    group.finish();
}

criterion_group!(benches, calls, in_cache);
criterion_main!(benches);
