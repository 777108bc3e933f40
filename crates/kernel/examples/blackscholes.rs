//! Black and Scholes's prices of European options, for a table of strikes and times: the formula is
//! written for one option, with two results.
//!
//! `cargo run --release --package tenfold-kernel --example blackscholes`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::ndarray::{Axis, array};
use tenfold_kernel::{Error, kernel};

#[kernel]
fn normal_cdf(x: f64) -> f64 {
    0.5 + 0.5 * (x * std::f64::consts::FRAC_1_SQRT_2).erf()
}

/// What a call and a put are worth: spot price, strike, years, interest, volatility.
#[kernel]
fn prices(s: f64, k: f64, t: f64, rate: f64, volatility: f64) -> (f64, f64) {
    let deviation = volatility * t.sqrt();
    let d1 = ((s / k).ln() + (rate + 0.5 * volatility * volatility) * t) / deviation;
    let d2 = d1 - deviation;
    let paid = k * (-rate * t).exp();
    let call = s * normal_cdf(d1) - paid * normal_cdf(d2);
    let put = paid * normal_cdf(-d2) - s * normal_cdf(-d1);
    (call, put)
}

fn main() -> Result<(), Error> {
    let (spot, rate, volatility) = (42.0, 0.1, 0.2);
    let strikes = array![35.0, 40.0, 45.0, 50.0].insert_axis(Axis(1));
    let years = array![0.25, 0.5, 1.0, 2.0, 5.0];
    let (calls, puts) = prices::map(spot, &strikes, &years, rate, volatility)?;
    println!("years {years:8.2}\ncalls\n{calls:8.3}\nputs\n{puts:8.3}");

    // Hull, "Options, Futures, and Other Derivatives", has 4.76 and 0.81 for half a year at 40.
    assert!((calls[[1, 1]] - 4.76).abs() < 0.005 && (puts[[1, 1]] - 0.81).abs() < 0.005);
    // A call and what the strike is worth today buy the same as a put and the share.
    for ((row, column), call) in calls.indexed_iter() {
        let paid = strikes[[row, 0]] * f64::exp(-rate * years[column]);
        assert!((call + paid - puts[[row, column]] - spot).abs() < 1e-13 * spot);
    }
    Ok(())
}
