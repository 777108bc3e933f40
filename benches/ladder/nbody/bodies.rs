//! Bodies: where they are and how they move.

use crate::ladder::splitmix;

/// Positions and velocities, both as `[x, y, z]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Bodies {
    /// Where each is.
    pub positions: Vec<[f64; 3]>,
    /// How each moves.
    pub velocities: Vec<[f64; 3]>,
}

/// Bodies, their masses, and for how long they move.
#[derive(Debug, Clone)]
pub struct Problem {
    /// At the start.
    pub bodies: Bodies,
    /// A mass for each.
    pub masses: Vec<f64>,
    /// Time steps.
    pub steps: usize,
}

impl Problem {
    /// `n` bodies of about unit mass together.
    #[must_use]
    pub fn draw(n: usize, steps: usize) -> Self {
        let triples = |stream, bound: f64| {
            let numbers = splitmix::uniform(3, stream, 3 * n, -bound, bound);
            numbers.as_chunks().0.to_vec()
        };
        let bodies = Bodies { positions: triples(0, 1.0), velocities: triples(1, 0.1) };
        let masses = splitmix::uniform(3, 2, n, 0.5, 1.5).iter().map(|m| m / n as f64).collect();
        Self { bodies, masses, steps }
    }
}
