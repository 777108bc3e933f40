//! The course's finite differences: element by element, and by slices. Python gains 189 times by slices; here the compiler
//! makes the same of both.
//!
//! `cargo run --release --package tenfold-profile --example finite_difference`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_profile::timeit;

// ANCHOR: differences
fn by_index(x: &[i64], differences: &mut [i64]) {
    for i in 1..x.len() {
        differences[i - 1] = x[i] - x[i - 1];
    }
}

/// `x[1:] - x[:-1]`
fn by_slices(x: &[i64], differences: &mut [i64]) {
    for ((difference, after), before) in differences.iter_mut().zip(&x[1..]).zip(x) {
        *difference = after - before;
    }
}
// ANCHOR_END: differences

type Way = fn(&[i64], &mut [i64]);

fn main() {
    let n = 10_000_000;
    let x: Vec<i64> = (0..).take(n).collect();
    for (name, way) in [("index", by_index as Way), ("slices", by_slices)] {
        let mut differences = vec![0; n - 1];
        println!("by {name:6} {}", timeit(|| way(&x, &mut differences)));
        assert_eq!(differences, vec![1; n - 1]);
    }
}
