//! The course's way through Cython, here: untyped, typed, with bounds checked once. What each step takes away is what
//! `cargo xtask annotate crates/kernel --package tenfold-kernel --example typing` tints.
//!
//! `cargo run --release --package tenfold-kernel --example typing`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::ndarray::Array2;
use tenfold_kernel::{Error, View2, ViewMut2, kernel};

/// A number behind a pointer, whose type is known when it is looked at, as in Python.
type Number = Box<dyn Fn() -> f64>;

// ANCHOR: untyped
fn untyped(u: &[Vec<Number>], out: &mut [Vec<Number>]) {
    for i in 1..u.len() - 1 {
        for j in 1..u[0].len() - 1 {
            let around = u[i - 1][j]() + u[i + 1][j]() + u[i][j - 1]() + u[i][j + 1]();
            out[i][j] = Box::new(move || 0.25 * around);
        }
    }
}
// ANCHOR_END: untyped

// ANCHOR: typed
fn typed(u: &[Vec<f64>], out: &mut [Vec<f64>]) {
    for i in 1..u.len() - 1 {
        for j in 1..u[0].len() - 1 {
            out[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);
        }
    }
}
// ANCHOR_END: typed

// ANCHOR: hoisted
#[kernel(loop, bounds = hoist)]
fn hoisted(u: View2<f64>, out: ViewMut2<f64>) {
    for i in 1..u.nrows() - 1 {
        for j in 1..u.ncols() - 1 {
            out[[i, j]] = 0.25 * (u[[i - 1, j]] + u[[i + 1, j]] + u[[i, j - 1]] + u[[i, j + 1]]);
        }
    }
}
// ANCHOR_END: hoisted

fn main() -> Result<(), Error> {
    let plate = Array2::from_shape_fn((50, 60), |(i, j)| (i * j % 7) as f64);
    let rows: Vec<Vec<f64>> = plate.rows().into_iter().map(|row| row.to_vec()).collect();
    let boxed = |row: &Vec<f64>| row.iter().map(|&x| Box::new(move || x) as Number).collect();
    let boxes = || rows.iter().map(boxed).collect::<Vec<Vec<Number>>>();
    let (mut a, mut b, mut c) = (boxes(), rows.clone(), plate.clone());
    untyped(&boxes(), &mut a);
    typed(&rows, &mut b);
    hoisted::call(&plate, &mut c)?;
    assert!(a.iter().flatten().map(|x| x()).eq(c.iter().copied()));
    assert!(b.iter().flatten().eq(&c));
    println!("the same three times: {:.3}", c.sum());
    Ok(())
}
