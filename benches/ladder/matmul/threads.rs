//! `tuned` on all cores: each block of `b` packed once, the rows of c shared out.

use rayon::prelude::*;

use super::{
    Matrix, Problem,
    tuned::{DEPTH, TILE, add_rows, pack_columns, pack_rows},
};

pub(super) fn run(problem: &Problem) -> Matrix {
    let n = problem.a.n();
    let mut c = vec![0.0; n * n];
    for k in (0..n).step_by(DEPTH) {
        let columns = (0..n).into_par_iter().step_by(TILE);
        let strips: Vec<_> = columns.map(|j| pack_columns(&problem.b, j, k)).collect();
        c.par_chunks_mut(TILE * n).enumerate().for_each(|(i, rows)| {
            add_rows(rows, n, &pack_rows(&problem.a, i * TILE, k), &strips);
        });
    }
    Matrix::new(n, c)
}
