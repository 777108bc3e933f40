//! The course's random sums, and x + x.T: the same numbers in any chunks.
//!
//! ```sh
//! cargo run --release -p tenfold-array --example random_sums
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::{Random, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let x = Random::new(42).standard_normal::<f64, _>([2000, 2000], 500);
    let y = &x + &x.t();
    // Both in one pass over numbers that are made where they are needed: nothing of `x` is ever stored.
    let (sum, rows) = Settings::new().compute_many((&y.sum(), &y.sum_axis(1)))?;
    let (sum, by_rows) = (sum.into_scalar(), rows.sum());
    println!("{sum:.6} {by_rows:.6}");
    assert!((sum - by_rows).abs() < 1e-6);

    let again = Random::new(42).standard_normal::<f64, _>([2000, 2000], [2000, 10]);
    assert_eq!(again.max().compute()?, x.max().compute()?);
    Ok(())
}
