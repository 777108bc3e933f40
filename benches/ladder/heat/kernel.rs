//! The formula of a point as a kernel: instructions, layout and blocking are the crate's.

use tenfold_kernel::{Nbr2, kernel, ndarray::ArrayViewMut2};

use super::{DX, DY, Field, Problem};

const _: () = assert!(DX == DY, "the weights below are those of a square grid");

/// At the largest stable time step of a square grid, the point itself has the weight 0. Points
/// without four neighbours are the fixed border.
#[kernel(stencil, border = valid)]
pub(super) fn relax(u: Nbr2<f64>) -> f64 {
    0.25 * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]])
}

pub(super) fn run(problem: &Problem) -> Field {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let mut values = problem.field.values().to_vec();
    let u = ArrayViewMut2::from_shape((rows, cols), &mut values).expect("so many values");
    relax::steps(problem.steps).run(u).expect("one array");
    Field::new(rows, cols, values)
}
