//! The product of tenfold-gpu, on a device.

use ndarray::ArrayView2;

use super::{Matrix, Problem};
use crate::ladder::device::{down, on, up};

pub(super) fn run(problem: &Problem) -> Matrix {
    let n = problem.a.n();
    let view = |matrix| ArrayView2::from_shape((n, n), Matrix::values(matrix)).expect("n * n");
    let c = on(|device| {
        let (a, b) = (up(device, &view(&problem.a))?, up(device, &view(&problem.b))?);
        down(&a.matmul(&b)?)
    });
    Matrix::new(n, c)
}
