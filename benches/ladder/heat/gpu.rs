//! The kernel of `kernel` on a device: the plate goes up once, and down after all steps.

use tenfold_gpu::OnDevice as _;
use tenfold_kernel::ndarray::ArrayView2;

use super::{Field, Problem, kernel::relax};
use crate::ladder::device::{down, on, up};

pub(super) fn run(problem: &Problem) -> Field {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let values = problem.field.values();
    let u = ArrayView2::from_shape((rows, cols), values).expect("so many values");
    let values = on(|device| {
        let u = up(device, &u)?;
        down(&relax::on(device).steps(problem.steps, &u)?)
    });
    Field::new(rows, cols, values)
}
