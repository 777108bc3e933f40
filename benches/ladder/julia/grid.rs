//! The points of the plane that are iterated.

use std::sync::OnceLock;

use super::tuned;

/// `n x n` points over the square around the origin.
#[derive(Debug, Clone)]
pub struct Grid {
    axis: Vec<f64>,
    iterations: OnceLock<u64>,
}

impl Grid {
    /// Half the square's side.
    const BOUND: f64 = 1.2;

    /// `n` points along each side, the ends included.
    ///
    /// # Panics
    /// If `n` is 0.
    #[must_use]
    pub fn new(n: usize) -> Self {
        assert!(n > 0, "a grid of no points");
        Self { axis: linspace(-Self::BOUND, Self::BOUND, n), iterations: OnceLock::new() }
    }

    /// Points along each side, and the most iterations of a point.
    #[must_use]
    pub fn n(&self) -> usize {
        self.axis.len()
    }

    /// The coordinates along each side.
    #[must_use]
    pub fn axis(&self) -> &[f64] {
        &self.axis
    }

    /// All points' iterations together; counted when first asked.
    #[must_use]
    pub fn iterations(&self) -> u64 {
        *self
            .iterations
            .get_or_init(|| tuned::run(self).iter().map(|&count| u64::from(count)).sum())
    }
}

/// As NumPy's: rounded product plus start, and the stop exactly.
fn linspace(start: f64, stop: f64, n: usize) -> Vec<f64> {
    let step = (stop - start) / (n.max(2) - 1) as f64;
    let mut points: Vec<f64> = (0..n).map(|i| i as f64 * step + start).collect();
    if n > 1 {
        points[n - 1] = stop;
    }
    points
}
