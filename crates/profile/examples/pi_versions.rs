//! The course's first exercise: Monte-Carlo pi in three versions, and which is the fastest. They see the same points.
//!
//! `cargo run --release --package tenfold-profile --example pi_versions`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_profile::timeit;

/// Number `i` of a sequence of random ones between 0 and 1 (SplitMix64).
fn number(i: u64) -> f64 {
    let z = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn pi(inside: usize, n: u64) -> f64 {
    4.0 * inside as f64 / n as f64
}

// ANCHOR: versions
/// A list of points, each a list of its own, as one may write it first.
fn by_lists(n: u64) -> f64 {
    let points: Vec<Vec<f64>> = (0..n).map(|i| vec![number(2 * i), number(2 * i + 1)]).collect();
    pi(points.iter().filter(|point| point[0].powi(2) + point[1].powi(2) <= 1.0).count(), n)
}

/// Operations on whole arrays, as with NumPy.
fn by_arrays(n: u64) -> f64 {
    let x: Vec<f64> = (0..n).map(|i| number(2 * i)).collect();
    let y: Vec<f64> = (0..n).map(|i| number(2 * i + 1)).collect();
    let r2: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x * x + y * y).collect();
    pi(r2.iter().filter(|&&r2| r2 <= 1.0).count(), n)
}

/// A loop that keeps nothing but the count.
fn by_loop(n: u64) -> f64 {
    let is_inside = |&i: &u64| number(2 * i).powi(2) + number(2 * i + 1).powi(2) <= 1.0;
    pi((0..n).filter(is_inside).count(), n)
}
// ANCHOR_END: versions

type Version = fn(u64) -> f64;

fn main() {
    // ANCHOR: timeit
    let n = 1_000_000;
    let versions = [("lists", by_lists as Version), ("arrays", by_arrays), ("loop", by_loop)];
    for (name, version) in versions {
        println!("{name:7} pi is about {}: {}", version(n), timeit(|| version(n)));
        assert_eq!(version(n), by_loop(n));
    }
    // ANCHOR_END: timeit
    assert!((by_loop(n) - std::f64::consts::PI).abs() < 5.0 / (n as f64).sqrt());
}
