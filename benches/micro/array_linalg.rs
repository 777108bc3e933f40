//! Factorisations and Fourier transforms of arrays beside what does a block of them: faer and rustfft, on the same
//! elements, in turns. Answers are checked before they are timed.
//!
//! ```sh
//! cargo bench -p tenfold-benches --features linalg --bench array_linalg
//! cargo bench -p tenfold-benches --features linalg --bench array_linalg -- 4096    # a smaller matrix
//! ```

#![expect(clippy::print_stdout, reason = "it shows what it measures")]

use std::time::{Duration, Instant};

use faer::linalg::cholesky::llt::factor;
use faer::linalg::lu::partial_pivoting::factor as lu;
use faer::{Mat, Par, Spec};
use ndarray::{Array1, Array2, s};
use num_complex::Complex64;
use rustfft::FftPlanner;
use tenfold_array::{Array, FftNorm, Random, Settings};

/// How long two take in turns, a few times each: the least of each.
fn in_turns(name: &str, rounds: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    let (mut own, mut other) = (Duration::MAX, Duration::MAX);
    for _ in 0..rounds {
        other = other.min(time(&mut theirs));
        own = own.min(time(&mut ours));
    }
    let ratio = own.as_secs_f64() / other.as_secs_f64();
    println!("{name:44} {own:10.2?}  theirs {other:10.2?}  {ratio:.2} times as long");
}

/// A symmetric positive definite matrix.
fn definite(n: usize) -> Array2<f64> {
    let x = Random::new(1).uniform([n, n], -1.0..1.0, 512).compute().expect("it fits");
    let mut a = &x + &x.t();
    a.diag_mut().mapv_inplace(|d| d + 4.0 * (n as f64).sqrt());
    a
}

fn matrix(a: &Array2<f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[[i, j]])
}

/// One call of faer, with the copy that both need.
fn faers_cholesky(a: &Mat<f64>) -> Mat<f64> {
    let mut l = a.clone();
    let request = factor::cholesky_in_place_scratch::<f64>(l.nrows(), Par::Seq, Spec::default());
    let mut memory = faer::dyn_stack::MemBuffer::new(request);
    let stack = faer::dyn_stack::MemStack::new(&mut memory);
    let none = factor::LltRegularization::default();
    factor::cholesky_in_place(l.as_mut(), none, Par::Seq, stack, Spec::default())
        .expect("it is positive definite");
    l
}

fn faers_lu(a: &Mat<f64>) -> Mat<f64> {
    let (n, mut a) = (a.nrows(), a.clone());
    let (mut order, mut back) = (vec![0_usize; n], vec![0_usize; n]);
    let request = lu::lu_in_place_scratch::<usize, f64>(n, n, Par::Seq, Spec::default());
    let mut memory = faer::dyn_stack::MemBuffer::new(request);
    let stack = faer::dyn_stack::MemStack::new(&mut memory);
    lu::lu_in_place(a.as_mut(), &mut order, &mut back, Par::Seq, stack, Spec::default());
    a
}

fn factorisations(n: usize, rounds: usize) {
    let a = definite(n);
    let (theirs, ours) = (matrix(&a), Array::from_ndarray(a, 1024.min(n)));
    let one = Settings::new().threads(1);
    let l = one.cholesky(&ours).expect("it is positive definite").compute().expect("it fits");
    let off = |l: &Array2<f64>, other: &Mat<f64>| {
        let pairs = l.indexed_iter().filter(|((i, j), _)| i >= j);
        pairs.map(|((i, j), l)| (l - other[(i, j)]).abs()).fold(0.0, f64::max)
    };
    assert!(off(&l, &faers_cholesky(&theirs)) < 1e-10, "another factor");
    for threads in [1, 2] {
        let settings = Settings::new().threads(threads);
        let name = format!("cholesky {n}, {threads} threads, faer one");
        let ours = || drop(settings.cholesky(&ours).expect("it is positive definite"));
        in_turns(&name, rounds, ours, || drop(faers_cholesky(&theirs)));
    }
    for threads in [1, 2] {
        let settings = Settings::new().threads(threads);
        let name = format!("lu {n}, {threads} threads, faer one");
        let ours = || drop(settings.lu(&ours).expect("it is not singular"));
        in_turns(&name, rounds, ours, || drop(faers_lu(&theirs)));
    }
}

fn transforms(points: usize, lanes: usize, rounds: usize) {
    let elements = Array2::from_shape_fn((lanes, points), |(i, j)| {
        Complex64::new(((i * 31 + j * 17) % 101) as f64, ((i * 7 + j * 3) % 67) as f64)
    });
    let plan = FftPlanner::new().plan_fft_forward(points);
    let mut scratch = vec![Complex64::ZERO; plan.get_inplace_scratch_len()];
    let mut theirs = |spectrum: &mut Array2<Complex64>| {
        spectrum.assign(&elements);
        let all = spectrum.as_slice_mut().expect("it is in order");
        plan.process_with_scratch(all, &mut scratch);
    };
    let one = Settings::new().threads(1);
    let x = Array::from_ndarray(elements.clone(), [lanes, points]).fft(1, None, FftNorm::Backward);
    let (mut spectrum, mut expected) = (one.compute(&x).expect("it fits"), elements.clone());
    theirs(&mut expected);
    let off: Array1<f64> = (&spectrum - &expected).slice(s![0, ..]).map(|z| z.norm());
    assert!(off.iter().all(|off| *off < 1e-8 * points as f64), "another spectrum");
    let ours = || one.compute_into(&x, &mut spectrum).expect("it fits");
    let name = format!("fft of {lanes} x {points}, one thread");
    in_turns(&name, rounds, ours, || theirs(&mut expected));
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    let n = arguments.iter().skip(1).find_map(|argument| argument.parse().ok());
    let (n, rounds) = if is_bench { (n.unwrap_or(8192), 3) } else { (300, 1) };
    let times = if is_bench { 20 } else { 1 };
    for (points, lanes) in [(256, 4096), (1000, 1024), (4096, 256), (1009, 1024), (1 << 20, 1)] {
        transforms(points, if is_bench { lanes } else { 2 }, times);
    }
    factorisations(n, rounds);
}
