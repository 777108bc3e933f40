//! The course's `is_prime`, over all numbers at once: lanes leave the loop when they know.
//!
//! `cargo run --release --package tenfold-kernel --example primes`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::{Error, kernel};

#[kernel]
fn is_prime(n: u32) -> bool {
    if n < 2 {
        return false;
    }
    let mut d = 2;
    while d * d <= n {
        if n % d == 0 {
            return false;
        }
        d += 1;
    }
    true
}

#[kernel(reduce(count))]
fn count(n: u32) -> bool {
    is_prime(n)
}

fn main() -> Result<(), Error> {
    println!("{}", is_prime::explain());
    let below_hundred = is_prime::map(0..100)?;
    let primes: Vec<usize> = (0..100).filter(|&n| below_hundred[n]).collect();
    println!("{primes:?}");
    let below_million = count::par().reduce(0..1_000_000)?;
    println!("{below_million} primes below a million");
    assert_eq!((primes.len(), below_million), (25, 78_498));
    Ok(())
}
