//! The course's integral of x^2 - x: the formula of one point is a kernel, and its sum has the same bits on one core and on
//! all. What `math = fast` changes is said and bounded.
//!
//! `cargo run --release --package tenfold-kernel --example integral`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::{Error, kernel};

// ANCHOR: kernels
/// As it is written: each operation is rounded. `i` counts in f64, so that nothing has to be converted.
#[kernel(reduce(sum))]
fn strict(i: f64, a: f64, dx: f64) -> f64 {
    let x = a + i * dx;
    x * x - x
}

/// Products may be rounded together with the sums they go into.
#[kernel(reduce(sum), math = fast)]
fn fast(i: f64, a: f64, dx: f64) -> f64 {
    let x = a + i * dx;
    x * x - x
}
// ANCHOR_END: kernels

fn main() -> Result<(), Error> {
    let (a, b, n) = (0.0, 2.0, 1e7);
    let dx = (b - a) / n;
    // ANCHOR: sums
    let one_core = strict::reduce(0.0..n, a, dx)? * dx;
    let all_cores = strict::par().reduce(0.0..n, a, dx)? * dx;
    assert_eq!(one_core, all_cores);

    let loose = fast::reduce(0.0..n, a, dx)? * dx;
    println!("strict {one_core}, fast {loose}, exactly {}", 2.0 / 3.0);
    assert!((one_core - loose).abs() < 1e-12);
    // ANCHOR_END: sums

    // A sum over left ends is below by (f(b) - f(a)) dx / 2.
    assert!((one_core + 2.0 * dx / 2.0 - 2.0 / 3.0).abs() < 1e-9);
    Ok(())
}
