//! Three loops over nested Vecs.

use super::{Matrix, Problem};

pub(super) fn run(problem: &Problem) -> Matrix {
    let n = problem.a.n();
    let (a, b) = (problem.a.to_nested(), problem.b.to_nested());
    let mut c = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..n {
            for k in 0..n {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    Matrix::new(n, c.concat())
}
