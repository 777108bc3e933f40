//! `kernel` on all cores.

use tenfold_kernel::ndarray::ArrayViewMut2;

use super::{Field, Problem, kernel::relax};

pub(super) fn run(problem: &Problem) -> Field {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let mut values = problem.field.values().to_vec();
    let u = ArrayViewMut2::from_shape((rows, cols), &mut values).expect("so many values");
    relax::par().steps(problem.steps).run(u).expect("one array");
    Field::new(rows, cols, values)
}
