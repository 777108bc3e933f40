//! The course's table of powers: a column of numbers against a row of exponents, broadcast.
//!
//! `cargo run --release --package tenfold-kernel --example powers`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::ndarray::{Array1, Axis, Zip};
use tenfold_kernel::{Error, kernel};

#[kernel]
fn power(x: u64, exponent: u32) -> u64 {
    x.pow(exponent)
}

#[kernel(reduce(sum))]
fn total(x: u64) -> u64 {
    x
}

fn main() -> Result<(), Error> {
    let x = Array1::from_iter(1..=20).insert_axis(Axis(1));
    let exponents = Array1::from_iter(1..=8);
    let powers = power::map(&x, &exponents)?;
    for row in powers.rows() {
        println!("{}", row.iter().map(|power| format!("{power:>12}")).collect::<String>());
    }
    assert_eq!(powers.dim(), (20, 8));

    // Each column is the one before times x, and exact.
    for (before, after) in powers.columns().into_iter().zip(powers.columns().into_iter().skip(1)) {
        Zip::from(&x.column(0)).and(before).and(after).for_each(|x, y, z| assert_eq!(x * y, *z));
    }
    // The sum of the cubes is the square of the sum.
    let sums = total::reduce_axis(0, &powers)?;
    assert_eq!(sums[2], sums[0] * sums[0]);
    Ok(())
}
