//! One kernel of each template: elementwise, stencil and reduction. Their loops are the same for every kernel, and
//! `cargo xtask annotate crates/kernel --package tenfold-kernel --example templates` shows what the
//! compiler made of them.
//!
//! `cargo run --release --package tenfold-kernel --example templates`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::ndarray::{Array1, Array2};
use tenfold_kernel::{Error, Nbr2, kernel};

#[kernel]
fn saxpy(a: f64, x: f64, y: f64) -> f64 {
    a * x + y
}

#[kernel(stencil, border = nearest)]
fn heat(u: Nbr2<f64>) -> f64 {
    0.5 * u[[0, 0]] + 0.125 * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]])
}

#[kernel(reduce(sum))]
fn dot(x: f64, y: f64) -> f64 {
    x * y
}

fn main() -> Result<(), Error> {
    let (x, mut y) = (Array1::linspace(0.0, 1.0, 1001), Array1::ones(1001));
    saxpy::update(2.0, &x, &mut y)?;
    assert_eq!((y[0], y[1000]), (1.0, 3.0));

    // What is warm everywhere stays so.
    let plate = heat::map(&Array2::from_elem((30, 40), 3.0))?;
    assert!(plate.iter().all(|&u| u == 3.0));

    // Of 1 + 2 x, times x, from 0 to 1: 1/2 + 2/3 of 1000, and the ends once more.
    let sum = dot::reduce(&x, &y)?;
    assert!((sum - (7000.0 / 6.0 + 1.5)).abs() < 1e-3);
    println!("saxpy, heat and dot: {sum:.6}");
    Ok(())
}
