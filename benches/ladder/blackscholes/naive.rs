//! The formula, option by option, with the library's functions.

use std::f64::consts::SQRT_2;

use super::Options;

#[expect(clippy::needless_range_loop, reason = "written as one writes it in Python")]
pub(super) fn run(options: &Options) -> Vec<f64> {
    let Options { rate, volatility, .. } = *options;
    let mut prices = vec![0.0; options.spot.len()];
    for i in 0..prices.len() {
        let (s, k, t) = (options.spot[i], options.strike[i], options.years[i]);
        let deviation = volatility * t.sqrt();
        let d1 = ((s / k).ln() + (rate + 0.5 * volatility * volatility) * t) / deviation;
        let d2 = d1 - deviation;
        prices[i] = s * normal_cdf(d1) - k * (-rate * t).exp() * normal_cdf(d2);
    }
    prices
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * (1.0 + libm::erf(x / SQRT_2))
}
