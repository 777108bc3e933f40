//! The formula without branches and calls, two options in a register.

use super::{
    Options,
    approx::{exp_of_negative, ln, scaled_tail},
};

// for (s, k, t) in options { price = s * N(d1) - k * exp(-r * t) * N(d2) }
//
// 1. ln, exp and N have no branches, so the compiler makes vectors of the whole loop.
// 2. s phi(d1) = k exp(-r t) phi(d2), where phi is the density: one exponential serves both N.
// 3. N(d) = tail(-d) or 1 - tail(d), and the two tails, fractions both, are divided once.
pub(super) fn run(options: &Options) -> Vec<f64> {
    let Options { spot, strike, years, rate, volatility } = options;
    let price = |((&s, &k), &t)| price(s, k, t, *rate, *volatility);
    spot.iter().zip(strike).zip(years).map(price).collect()
}

#[inline(always)]
pub(super) fn price(s: f64, k: f64, t: f64, rate: f64, volatility: f64) -> f64 {
    let deviation = volatility * t.sqrt();
    let d1 = (ln(s / k) + (rate + 0.5 * volatility * volatility) * t) / deviation;
    let d2 = d1 - deviation;
    let paid = k * exp_of_negative(-rate * t);
    let weight = s * exp_of_negative(-0.5 * d1 * d1);
    let (p1, q1) = scaled_tail(d1.abs());
    let (p2, q2) = scaled_tail(d2.abs());
    let (certain1, p1) = if d1 > 0.0 { (s, -p1) } else { (0.0, p1) };
    let (certain2, p2) = if d2 > 0.0 { (paid, -p2) } else { (0.0, p2) };
    certain1 - certain2 + weight * (p1 * q2 - p2 * q1) / (q1 * q2)
}
