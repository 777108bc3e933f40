//! The obvious loops over nested arrays, every ordered pair.

use super::{Bodies, DT, Problem, SOFTENING2};

pub(super) fn run(problem: &Problem) -> Bodies {
    let Bodies { mut positions, mut velocities } = problem.bodies.clone();
    let n = positions.len();
    for _ in 0..problem.steps {
        let mut accelerations = vec![[0.0; 3]; n];
        for i in 0..n {
            for j in 0..n {
                let dx = positions[j][0] - positions[i][0];
                let dy = positions[j][1] - positions[i][1];
                let dz = positions[j][2] - positions[i][2];
                let r2 = dx * dx + dy * dy + dz * dz + SOFTENING2;
                let pull = problem.masses[j] / (r2 * r2.sqrt());
                accelerations[i][0] += dx * pull;
                accelerations[i][1] += dy * pull;
                accelerations[i][2] += dz * pull;
            }
        }
        for i in 0..n {
            for k in 0..3 {
                velocities[i][k] += accelerations[i][k] * DT;
                positions[i][k] += velocities[i][k] * DT;
            }
        }
    }
    Bodies { positions, velocities }
}
