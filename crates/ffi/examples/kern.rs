//! A library for C and Python: kernels in Rust, and what goes wrong in them.
//!
//! ```text
//! cargo xtask ext ffi --example kern --out .
//! PYTHONPATH=. python3 crates/ffi/examples/heat.py ./libkern.so
//! ```

#![forbid(unsafe_code)]

use std::fmt;

use ndarray::{ArrayView2, ArrayViewD, ArrayViewMut1, ArrayViewMut2, Axis};
use tenfold_ffi::{Complex, export};

tenfold_ffi::exports!(kern);

/// Adds `a * x` to `y`.
#[export(c)]
fn axpy(a: f64, x: &[f64], y: &mut [f64]) -> Result<(), Lengths> {
    same(x.len(), y.len())?;
    y.iter_mut().zip(x).for_each(|(y, x)| *y += a * x);
    Ok(())
}

/// The inner product of `x` and `y`.
#[export(c)]
fn dot(x: &[f64], y: &[f64]) -> Result<f64, Lengths> {
    same(x.len(), y.len())?;
    Ok(x.iter().zip(y).map(|(x, y)| x * y).sum())
}

/// Takes `steps` steps of the heat equation from `u_previous`, and leaves the last two of them.
///
/// The boundary stays as it is. `dx2` and `dy2` are the squares of the distances of the points.
#[export(c)]
fn evolve(
    mut u: ArrayViewMut2<'_, f64>,
    mut u_previous: ArrayViewMut2<'_, f64>,
    steps: u32,
    a: f64,
    dt: f64,
    dx2: f64,
    dy2: f64,
) -> Result<(), Lengths> {
    same(u.nrows(), u_previous.nrows())?;
    same(u.ncols(), u_previous.ncols())?;
    let (rows, columns) = u.dim();
    for step in 0..steps {
        if step > 0 {
            u_previous.assign(&u);
        }
        for i in 1..rows.saturating_sub(1) {
            for j in 1..columns.saturating_sub(1) {
                let p = |i, j| u_previous[(i, j)];
                let x = (p(i + 1, j) - 2.0 * p(i, j) + p(i - 1, j)) / dx2;
                let y = (p(i, j + 1) - 2.0 * p(i, j) + p(i, j - 1)) / dy2;
                u[(i, j)] = p(i, j) + a * dt * (x + y);
            }
        }
    }
    Ok(())
}

/// The sum of each column of `x`, in `sums`.
#[export(c)]
fn column_sums(x: ArrayView2<'_, f64>, mut sums: ArrayViewMut1<'_, f64>) -> Result<(), Lengths> {
    same(x.ncols(), sums.len())?;
    sums.iter_mut().zip(x.axis_iter(Axis(1))).for_each(|(sum, column)| *sum = column.sum());
    Ok(())
}

/// The sum of the elements, whatever the number of axes.
#[export(c)]
fn total(x: ArrayViewD<'_, f64>) -> f64 {
    x.sum()
}

/// The least and the greatest element, and how many there are.
#[export(c)]
fn range(x: &[i32]) -> Result<(i32, i32, usize), &'static str> {
    let least = x.iter().min().ok_or("there is no least element of nothing")?;
    Ok((*least, *x.iter().max().unwrap_or(least), x.len()))
}

/// Half of a number, as a tuple of one.
#[export(c)]
fn halve(n: i64) -> (i64,) {
    (n / 2,)
}

/// The first three powers.
#[export(c)]
fn powers(x: f32) -> [f32; 3] {
    [x, x * x, x * x * x]
}

/// Turns each of `z` by `by`, or by its conjugate if `back`.
#[export(c)]
fn turn(z: &mut [Complex<f64>], by: Complex<f64>, back: bool) -> Complex<f64> {
    let by = if back { by.conj() } else { by };
    z.iter_mut().for_each(|z| *z *= by);
    z.iter().sum()
}

/// How many letters a text has.
#[export(c)]
fn letters(text: &str) -> usize {
    text.chars().count()
}

/// The number of bytes that are `byte`.
#[export(c)]
fn count_bytes(bytes: &[u8], byte: u8) -> u64 {
    bytes.iter().map(|&other| u64::from(other == byte)).sum()
}

/// Panics, which becomes a status in C and a `RuntimeError` in Python.
#[export(c)]
fn fail_at(x: &[f64], index: usize) -> f64 {
    x[index]
}

/// Does nothing.
#[export(c, name = "kern_nothing")]
fn nothing() {}

/// Two lengths that should be one.
#[derive(Debug)]
struct Lengths(usize, usize);

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lengths of {} and {} do not go together", self.0, self.1)
    }
}

fn same(first: usize, second: usize) -> Result<(), Lengths> {
    if first == second { Ok(()) } else { Err(Lengths(first, second)) }
}
