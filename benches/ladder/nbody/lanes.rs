//! Vectors of x, y and z, of LANES bodies each, as the fast rungs hold them.

use super::{Bodies, DT, Problem};

/// Bodies that one body meets at a time.
pub(super) const LANES: usize = 4;

/// x of LANES bodies, then y, then z.
pub(super) type Lanes = [[f64; LANES]; 3];

/// The bodies of a problem, in groups of LANES; the last is filled up with bodies of no mass.
pub(super) struct Groups {
    pub(super) positions: Vec<Lanes>,
    pub(super) masses: Vec<[f64; LANES]>,
    velocities: Vec<Lanes>,
    n: usize,
}

impl Groups {
    pub(super) fn new(problem: &Problem) -> Self {
        let mut masses = problem.masses.clone();
        masses.resize(masses.len().next_multiple_of(LANES), 0.0);
        Self {
            positions: group(&problem.bodies.positions),
            velocities: group(&problem.bodies.velocities),
            masses: masses.as_chunks().0.to_vec(),
            n: problem.masses.len(),
        }
    }

    /// Kick, then drift.
    pub(super) fn advance(&mut self, accelerations: &[Lanes]) {
        let positions = self.positions.as_flattened_mut().as_flattened_mut();
        let velocities = self.velocities.as_flattened_mut().as_flattened_mut();
        let accelerations = accelerations.as_flattened().as_flattened();
        for ((p, v), a) in positions.iter_mut().zip(velocities).zip(accelerations) {
            *v += a * DT;
            *p += *v * DT;
        }
    }

    pub(super) fn into_bodies(self) -> Bodies {
        let triples = |groups| ungroup(groups, self.n);
        Bodies { positions: triples(&self.positions), velocities: triples(&self.velocities) }
    }
}

fn group(triples: &[[f64; 3]]) -> Vec<Lanes> {
    let lanes = |triples: &[[f64; 3]]| {
        let mut lanes = [[0.0; LANES]; 3];
        for (l, triple) in triples.iter().enumerate() {
            (0..3).for_each(|k| lanes[k][l] = triple[k]);
        }
        lanes
    };
    triples.chunks(LANES).map(lanes).collect()
}

fn ungroup(groups: &[Lanes], n: usize) -> Vec<[f64; 3]> {
    (0..n).map(|i| [0, 1, 2].map(|k| groups[i / LANES][k][i % LANES])).collect()
}
