//! The course's first arrays of Dask: a range in chunks, its squares, a sum of random numbers, and x + x.T.
//!
//! ```sh
//! cargo run -p tenfold-array --example first_array [squares.svg]
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::{Array, Error, Random};

fn main() -> Result<(), Error> {
    // ANCHOR: squares
    // 1, 4, 7, .. 49: 17 numbers in chunks of 5.
    let a = Array::arange(0..17_i64, 5) * 3 + 1;
    print!("{a}");
    let squares = a.square();
    print!("{}", squares.plan()?); // nothing has been computed yet
    let squares_of = squares.compute()?;
    println!("{squares_of}");
    // ANCHOR_END: squares
    assert!(squares_of.iter().copied().eq((1..50).step_by(3).map(|x| x * x)));
    if let Some(path) = std::env::args().nth(1) {
        squares.visualize(&path)?;
        println!("the graph is in {path}");
    }

    // ANCHOR: sums
    let x = Random::new(1).uniform(20, 0.0..1.0, 5);
    println!("{}", x.sum().compute()?);

    let x = Random::new(2).uniform::<f64, _>([15, 15], 0.0..1.0, [10, 5]);
    let sum = (&x + &x.t()).sum().compute()?.into_scalar();
    println!("{sum}");
    // ANCHOR_END: sums
    assert!((sum - 2.0 * x.sum().compute()?.into_scalar()).abs() < 1e-12);
    Ok(())
}
