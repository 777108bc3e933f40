//! Where the time of a small solver goes: 90 % of it in one of three functions.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::hint::black_box;

use tenfold_profile::{Session, profile, scope};

/// Work of a known size: nothing but arithmetic.
fn spin(rounds: u64) -> u64 {
    (0..rounds).fold(1, |x, i| black_box(x ^ i).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[profile]
fn assemble() -> u64 {
    spin(5_000)
}

#[profile]
fn solve() -> u64 {
    spin(90_000)
}

#[profile]
fn check() -> u64 {
    spin(5_000)
}

fn main() -> Result<(), tenfold_profile::Error> {
    let session = Session::start()?;
    let mut sum = 0_u64;
    {
        scope!("steps");
        for _ in 0..200 {
            sum = sum.wrapping_add(assemble()).wrapping_add(solve()).wrapping_add(check());
        }
    }
    let report = session.finish();
    println!("{report}");

    let most = report.functions()[0];
    assert!(sum > 0 && most.name().ends_with("solve") && most.calls() == 200);
    Ok(())
}
