//! Monte-Carlo pi, the course's first exercise: the points are made and counted in one kernel.
//!
//! `cargo run --release --package tenfold-kernel --example splitmix_pi`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::{Error, kernel};

/// SplitMix64, of which every output can be had without those before it.
#[kernel]
fn splitmix(i: u64) -> u64 {
    let state = (i + 1) * 0x9E37_79B9_7F4A_7C15;
    let z = (state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9;
    let z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
    z ^ (z >> 31)
}

/// 1 for a point in the quarter of a circle.
#[kernel(reduce(sum))]
fn inside(i: u64) -> u64 {
    let bits: u64 = splitmix(i);
    let x = (bits >> 32) as f64 / 4_294_967_296.0;
    let y = (bits & 0xFFFF_FFFF) as f64 / 4_294_967_296.0;
    (x * x + y * y <= 1.0) as u64
}

fn main() -> Result<(), Error> {
    let n = 10_000_000;
    let one = inside::reduce(0..n)?;
    let all = inside::par().reduce(0..n)?;
    let pi = 4.0 * one as f64 / n as f64;
    println!("pi is about {pi} by {n} points");
    assert_eq!(one, all);
    assert!((pi - std::f64::consts::PI).abs() < 3e-3);
    Ok(())
}
