//! The crate `matrixmultiply`, which picks instructions at run time.

use super::{Matrix, Problem};

pub(super) fn run(problem: &Problem) -> Matrix {
    let n = problem.a.n();
    let stride = n.cast_signed();
    let mut c = vec![0.0; n * n];
    let (a, b) = (problem.a.values().as_ptr(), problem.b.values().as_ptr());
    // SAFETY: `a` and `b` are read and `c` is written at i * n + j for i and j below n; a Matrix has
    // n * n values, `c` was made that long above, and it overlaps neither.
    unsafe {
        matrixmultiply::dgemm(
            n,
            n,
            n,
            1.0,
            a,
            stride,
            1,
            b,
            stride,
            1,
            0.0,
            c.as_mut_ptr(),
            stride,
            1,
        );
    }
    Matrix::new(n, c)
}
