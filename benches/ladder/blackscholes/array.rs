//! The formula in operations on whole arrays, fused by the planner.

use tenfold_array::ndarray::{Array1, Ix1};
use tenfold_array::{Array, Settings};

use super::Options;

/// Options of a chunk.
const CHUNK: usize = 1 << 17;

// deviation = volatility * sqrt(years); d1 = ..; prices = spot * cdf(d1) - strike * exp(-rate * years) * cdf(d2)
//
// 1. Operations describe; one loop over tiles computes, and no array but the prices is made.
// 2. Chunks go to all cores.
pub(super) fn run(options: &Options) -> Vec<f64> {
    let Options { rate, volatility, .. } = *options;
    let array = |values: &Vec<f64>| Array::from_ndarray(Array1::from(values.clone()), CHUNK);
    let (s, k, t) = (array(&options.spot), array(&options.strike), array(&options.years));
    let deviation = t.map_named("sqrt", f64::sqrt) * volatility;
    let d1 = ((&s / &k).map_named("ln", f64::ln) + &t * (rate + 0.5 * volatility * volatility))
        / &deviation;
    let d2 = &d1 - &deviation;
    let discount = (t * -rate).map_named("exp", f64::exp);
    let prices = s * cdf(&d1) - k * discount * cdf(&d2);
    let settings = Settings::new().threads(rayon::current_num_threads());
    settings.compute(&prices).expect("arrays of one length").to_vec()
}

/// The normal distribution.
fn cdf(x: &Array<f64, Ix1>) -> Array<f64, Ix1> {
    x.map_named("cdf", |x| 0.5 * (1.0 + libm::erf(x / std::f64::consts::SQRT_2)))
}
