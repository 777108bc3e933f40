//! Monte-Carlo pi in parts: the points are drawn into a buffer that stays in the cache, counted, and
//! forgotten. The parts have the numbers that one long array would have.
//!
//! `cargo run --release --package tenfold-kernel --example random_pi`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::{Error, Philox, kernel};

/// 1 for a point in the quarter of a circle.
#[kernel(reduce(sum))]
fn inside(x: f64, y: f64) -> u64 {
    (x * x + y * y <= 1.0) as u64
}

/// How many of `n` points lie inside, by parts of at most `part` points.
fn count(philox: Philox, n: usize, part: usize) -> Result<u64, Error> {
    let (xs, ys) = (philox.stream(0).random(), philox.stream(1).random());
    let (mut x, mut y) = (vec![0.0; part], vec![0.0; part]);
    let mut sum = 0;
    for start in (0..n).step_by(part) {
        let len = part.min(n - start);
        let (x, y) = (&mut x[..len], &mut y[..len]);
        xs.fill_from(start as u64, &mut *x)?;
        ys.fill_from(start as u64, &mut *y)?;
        sum += inside::reduce(&*x, &*y)?;
    }
    Ok(sum)
}

fn main() -> Result<(), Error> {
    let (philox, n) = (Philox::new(2026), 10_000_000);
    let sum = count(philox, n, 1000)?;
    let pi = 4.0 * sum as f64 / n as f64;
    println!("pi is about {pi} by {n} points");
    assert_eq!(sum, count(philox, n, 123_457)?);
    assert!((pi - std::f64::consts::PI).abs() < 3e-3);
    Ok(())
}
