//! The course's first array: a range, what it looks like, and the graph of a sum.
//!
//! ```sh
//! cargo run -p tenfold-array --example arange [graph.svg]
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::Array;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let x = Array::arange(0..1_000_000_i64, 100_000);
    print!("{x}");
    let sum = (&x * 2 + 1).sum();
    print!("{}", sum.plan()?);
    let sum_of = sum.compute()?.into_scalar();
    println!("{sum_of}");
    assert_eq!(sum_of, 1_000_000_000_000);
    if let Some(path) = std::env::args().nth(1) {
        sum.visualize(&path)?;
        println!("the graph is in {path}");
    }
    Ok(())
}
