//! A square matrix.

use crate::ladder::splitmix;

/// `n x n` values, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    n: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// A matrix of `n * n` values.
    ///
    /// # Panics
    /// If there are more or fewer values than that.
    #[must_use]
    pub fn new(n: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), n * n, "a matrix of {n}x{n}");
        Self { n, values }
    }

    /// Entries from [0, 1).
    pub(super) fn draw(n: usize, stream: u64) -> Self {
        Self::new(n, splitmix::uniform(5, stream, n * n, 0.0, 1.0))
    }

    /// Rows, and columns.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// The entries, row by row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// As the naive rung holds it.
    pub(super) fn to_nested(&self) -> Vec<Vec<f64>> {
        self.values.chunks(self.n).map(<[f64]>::to_vec).collect()
    }
}
