//! The course's integral of x^2 - x: the formula of one point is a kernel, and its sum has the same bits on one core and on
//! all. What `math = fast` changes is said and bounded.
//!
//! `cargo run --release --package tenfold-kernel --example integral`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::{Error, kernel};

// ANCHOR: kernels
/// As it is written: each operation is rounded.
#[kernel(reduce(sum))]
fn strict(i: i32, a: f64, dx: f64) -> f64 {
    let x = a + f64::from(i) * dx;
    x * x - x
}

/// Products may be rounded together with the sums they go into.
#[kernel(reduce(sum), math = fast)]
fn fast(i: i32, a: f64, dx: f64) -> f64 {
    let x = a + f64::from(i) * dx;
    x * x - x
}
// ANCHOR_END: kernels

fn main() -> Result<(), Error> {
    let (a, b, n) = (0.0, 2.0, 10_000_000);
    let dx = (b - a) / f64::from(n);
    // ANCHOR: sums
    let one_core = strict::reduce(0..n, a, dx)? * dx;
    let all_cores = strict::par().reduce(0..n, a, dx)? * dx;
    assert_eq!(one_core, all_cores);

    let loose = fast::reduce(0..n, a, dx)? * dx;
    println!("strict {one_core}, fast {loose}, exactly {}", 2.0 / 3.0);
    assert!((one_core - loose).abs() < 1e-12);
    // ANCHOR_END: sums

    // A sum over left ends is below by (f(b) - f(a)) dx / 2.
    assert!((one_core + 2.0 * dx / 2.0 - 2.0 / 3.0).abs() < 1e-9);
    Ok(())
}
