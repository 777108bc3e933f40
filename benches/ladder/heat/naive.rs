//! The course's `evolve`, line for line: nested Vecs, indexing, a copy after every step.

use super::{A, DX, DY, Field, Problem, dt};

pub(super) fn run(problem: &Problem) -> Field {
    let mut u = problem.field.to_nested();
    let mut u_previous = u.clone();
    for _ in 0..problem.steps {
        evolve(&mut u, &mut u_previous, A, dt(), DX * DX, DY * DY);
    }
    Field::from_nested(&u)
}

fn evolve(u: &mut [Vec<f64>], u_previous: &mut [Vec<f64>], a: f64, dt: f64, dx2: f64, dy2: f64) {
    let n = u.len();
    let m = u[0].len();
    for i in 1..n - 1 {
        for j in 1..m - 1 {
            u[i][j] = u_previous[i][j]
                + a * dt
                    * ((u_previous[i + 1][j] - 2.0 * u_previous[i][j] + u_previous[i - 1][j])
                        / dx2
                        + (u_previous[i][j + 1] - 2.0 * u_previous[i][j] + u_previous[i][j - 1])
                            / dy2);
        }
    }
    for i in 0..n {
        for j in 0..m {
            u_previous[i][j] = u[i][j];
        }
    }
}
