//! The options on offer.

use crate::ladder::splitmix;

/// Calls, one per index of the three arrays.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the share costs today.
    pub spot: Vec<f64>,
    /// What the call lets one buy it for.
    pub strike: Vec<f64>,
    /// When: years from today.
    pub years: Vec<f64>,
    /// Riskless interest, a year, compounded all the time.
    pub rate: f64,
    /// Standard deviation of a year's return.
    pub volatility: f64,
}

impl Options {
    /// `n` options.
    #[must_use]
    pub fn draw(n: usize) -> Self {
        let uniform = |stream, low, high| splitmix::uniform(11, stream, n, low, high);
        Self {
            spot: uniform(0, 10.0, 100.0),
            strike: uniform(1, 10.0, 100.0),
            years: uniform(2, 0.1, 2.0),
            rate: 0.02,
            volatility: 0.3,
        }
    }
}
