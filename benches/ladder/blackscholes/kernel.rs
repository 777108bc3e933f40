//! The formula as a kernel, with the kernel's own functions.

use tenfold_kernel::kernel;

use super::Options;

pub(super) fn run(options: &Options) -> Vec<f64> {
    let Options { spot, strike, years, rate, volatility } = options;
    let mut prices = vec![0.0; spot.len()];
    price::into(spot, strike, years, *rate, *volatility, &mut prices).expect("one length");
    prices
}

#[kernel(math = fast)]
pub(super) fn price(s: f64, k: f64, t: f64, rate: f64, volatility: f64) -> f64 {
    let deviation = volatility * t.sqrt();
    let d1 = ((s / k).ln() + (rate + 0.5 * volatility * volatility) * t) / deviation;
    let d2 = d1 - deviation;
    s * normal_cdf(d1) - k * (-rate * t).exp() * normal_cdf(d2)
}

#[kernel(math = fast)]
fn normal_cdf(x: f64) -> f64 {
    0.5 + 0.5 * (x * std::f64::consts::FRAC_1_SQRT_2).erf()
}
