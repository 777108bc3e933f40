//! Prices of European call options by the formula of Black and Scholes.
//!
//! A million options: spot and strike from [10, 100), years to expiry from [0.1, 2), drawn from
//! SplitMix64, each in an array of its own; rate 0.02 and volatility 0.3 for all. An operation is
//! one option.
//!
//! **Check**: the largest difference relative to `max(|price|, 1)`, at most 1e-10. A price is a
//! difference of two numbers below 100 whose factors (erf, exp, ln) are good to some 1e-15 if well
//! made, which leaves 1e-12; the rest is for rungs with cheaper polynomials. A cent is 1e-2.

mod approx;
mod array;
#[cfg(feature = "gpu")]
mod gpu;
mod kernel;
mod kernel_threads;
mod naive;
mod options;
mod threads;
mod tuned;

pub use options::Options;

#[cfg(feature = "gpu")]
use super::device;
use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct BlackScholes;

impl Workload for BlackScholes {
    type Input = Options;
    type Output = Vec<f64>;

    const NAME: &'static str = "blackscholes";
    const ABOUT: &'static str = "prices of European call options";
    const UNIT: &'static str = "option";
    const BYTES: f64 = 32.0;
    const RUNGS: &'static [Rung<Options, Vec<f64>>] = &[
        rung!(naive),
        rung!(tuned),
        rung!(threads).on_all_cores(),
        rung!(kernel),
        rung!(kernel_threads, named = "kernel+threads").on_all_cores(),
        rung!(array).on_all_cores(),
        rung!(gpu, feature = "gpu", on_device = device::note, unless = device::missing_u64),
    ];

    fn problems(size: Size) -> Vec<Options> {
        match size {
            Size::S => vec![Options::draw(10_000)],
            Size::M => vec![Options::draw(100_000)],
            Size::L => vec![Options::draw(8_000_000)],
            Size::Course => vec![Options::draw(1_000_000)],
        }
    }

    fn label(options: &Options) -> String {
        format!("{} options", options.spot.len())
    }

    fn ops(options: &Options) -> f64 {
        options.spot.len() as f64
    }

    fn digest(output: &Vec<f64>) -> Vec<f64> {
        crate::check::digest(output)
    }

    fn check(_: &Options, reference: &Vec<f64>, got: &Vec<f64>) -> Result<f64, String> {
        crate::check::largest_relative(reference, got, 1e-10)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BlackScholes, Options};
    use crate::ladder::agree;

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<BlackScholes>();
        for n in [1, 2, 3, 5, 4095, 4096, 4097] {
            agree::on::<BlackScholes>(&Options::draw(n));
        }
    }

    fn one(spot: f64, strike: f64, years: f64, rate: f64, volatility: f64) -> Options {
        Options { spot: vec![spot], strike: vec![strike], years: vec![years], rate, volatility }
    }

    /// Hull, "Options, Futures, and Other Derivatives", example in the chapter on the
    /// Black-Scholes-Merton model: S = 42, K = 40, r = 0.1, sigma = 0.2, T = 0.5 gives 4.76.
    #[test]
    fn the_textbook_s_option() {
        let option = one(42.0, 40.0, 0.5, 0.1, 0.2);
        for (name, prices) in agree::each::<BlackScholes>(&option) {
            assert!((prices[0] - 4.76).abs() < 0.005, "{name}: {}", prices[0]);
        }
    }

    /// What will surely be exercised costs the share less the discounted strike, what surely will
    /// not costs nothing.
    #[test]
    fn sure_things() {
        let is_near = |option: Options, price: f64| {
            for (name, prices) in agree::each::<BlackScholes>(&option) {
                assert!((prices[0] - price).abs() < 1e-12, "{name}: {}", prices[0]);
            }
        };
        is_near(one(100.0, 10.0, 0.1, 0.02, 0.1), 100.0 - 10.0 * (-0.002_f64).exp());
        is_near(one(10.0, 100.0, 0.1, 0.02, 0.1), 0.0);
    }

    proptest! {
        #[test]
        fn any_option(
            spot in 1.0..1000.0,
            strike in 1.0..1000.0,
            years in 0.01..30.0,
            rate in 0.0..0.2,
            volatility in 0.05..1.0,
        ) {
            agree::on::<BlackScholes>(&one(spot, strike, years, rate, volatility));
        }
    }
}
