//! Micro-benchmarks of tenfold-kernel. Answers are checked before they are timed.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use tenfold_kernel::ndarray::Array2;
use tenfold_kernel::{Nbr2, Philox, kernel};

#[kernel]
fn triad(a: f64, x: f64, y: f64) -> f64 {
    a * x + y
}

#[kernel(reduce(sum), math = contract)]
fn dot(x: f64, y: f64) -> f64 {
    x * y
}

#[kernel(stencil, border = valid)]
fn around(u: Nbr2<f64>) -> f64 {
    u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]]
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
    assert_eq!(dot::reduce(&x, &x).expect("one length"), 30.0);
    c.bench_function("kernel/reduce 4 elements", |b| b.iter(|| dot::reduce(black_box(&x), &x)));
    // The first is narrower than a group, and read from a copy.
    for cols in [1, 16] {
        let u = Array2::from_shape_fn((3, cols + 2), |(i, j)| (i * j) as f64);
        let mut inner = Array2::zeros((1, cols));
        around::into(&u, &mut inner).expect("two less");
        assert!((0..cols).all(|j| inner[[0, j]] == 4.0 * (j + 1) as f64));
        c.bench_function(&format!("kernel/stencil of {cols} elements"), |b| {
            b.iter(|| around::into(black_box(&u), &mut inner));
        });
    }
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

/// 16 KiB of random numbers, beside a quick generator that goes from state to state.
#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
fn random(c: &mut Criterion) {
    let (philox, mut peer) = (Philox::new(7).stream(1), Xoshiro256PlusPlus::seed_from_u64(7));
    let (mut floats, mut words) = (vec![0.0; 2048], vec![0_u32; 4096]);
    let is_even = |x: &[f64]| (x.iter().sum::<f64>() / x.len() as f64 - 0.5).abs() < 0.05;

    let mut group = c.benchmark_group("kernel/2048 random f64");
    group.throughput(Throughput::Elements(floats.len() as u64));
    let fraction = |bits: u64| (bits >> 11) as f64 * (f64::EPSILON / 2.0);
    philox.random().fill(&mut floats).expect("a slice");
    let [low, high, ..] = philox.block(7).map(u64::from);
    assert!(is_even(&floats) && floats[14] == fraction(low | high << 32));
    group.bench_function("philox", |b| b.iter(|| philox.random().fill(black_box(&mut floats))));
    let normal = philox.standard_normal();
    group.bench_function("normal", |b| b.iter(|| normal.fill(black_box(&mut floats))));
    let mut fill = |x: &mut [f64]| x.iter_mut().for_each(|x| *x = fraction(peer.next_u64()));
    fill(&mut floats);
    assert!(is_even(&floats));
    group.bench_function("xoshiro256++", |b| b.iter(|| fill(black_box(&mut floats))));
    group.finish();

    let mut group = c.benchmark_group("kernel/4096 random u32");
    group.throughput(Throughput::Elements(words.len() as u64));
    philox.random().fill(&mut words).expect("a slice");
    assert!(words.chunks(4).zip(0..).all(|(words, n)| words == philox.block(n)));
    group.bench_function("philox", |b| b.iter(|| philox.random().fill(black_box(&mut words))));
    let mut fill = |x: &mut [u32]| {
        for pair in x.chunks_exact_mut(2) {
            let bits = peer.next_u64();
            (pair[0], pair[1]) = (bits as u32, (bits >> 32) as u32);
        }
    };
    group.bench_function("xoshiro256++", |b| b.iter(|| fill(black_box(&mut words))));
    group.finish();
}

criterion_group!(benches, calls, in_cache, random);
criterion_main!(benches);
