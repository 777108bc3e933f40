//! Heat conduction on a plate: 2-D, 5-point stencil, explicit steps, fixed border.
//!
//! The course's red thread (episodes 2 to 7). Parameters: a = 0.5, dx = dy = 0.01, the largest
//! stable time step. An operation is one update of one inner point.
//!
//! **Check**: the largest absolute difference from `naive`, at most 1e-9 for temperatures up to 100
//! and in proportion for larger ones (rungs may reorder the five terms, and the scheme damps
//! errors).

mod array;
pub(super) mod array_mpi;
mod array_ranks;
mod comm;
mod ffi;
mod field;
#[cfg(feature = "gpu")]
mod gpu;
mod kernel;
mod kernel_threads;
pub(super) mod mpi;
mod naive;
mod threads;
pub(super) mod timed;
mod tuned;

use std::path::Path;

pub use array_mpi::on as arrays_on_job;
pub use field::Field;
pub use mpi::on as on_job;

#[cfg(feature = "gpu")]
use super::device;
use super::job;
use crate::{Picture, Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Heat;

/// One problem: where it starts and how long it runs.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The initial temperatures.
    pub field: Field,
    /// Time steps.
    pub steps: usize,
}

/// Diffusion constant.
pub(crate) const A: f64 = 0.5;
/// Grid spacing between rows.
pub(crate) const DX: f64 = 0.01;
/// Grid spacing between columns.
pub(crate) const DY: f64 = 0.01;

/// The largest stable time step.
pub(crate) fn dt() -> f64 {
    let (dx2, dy2) = (DX * DX, DY * DY);
    dx2 * dy2 / (2.0 * A * (dx2 + dy2))
}

/// Rows, which are as many as columns, and steps.
fn plates(size: Size) -> &'static [(usize, usize)] {
    match size {
        Size::S => &[(64, 20)],
        Size::M => &[(200, 200)],
        Size::L => &[(2000, 50)],
        Size::Course => &[(200, 200), (2000, 50)],
    }
}

impl Workload for Heat {
    type Input = Problem;
    type Output = Field;

    const NAME: &'static str = "heat";
    const ABOUT: &'static str = "heat conduction on a plate: 2-D, 5-point stencil, fixed border";
    const UNIT: &'static str = "update";
    /// Three additions and a multiplication; the loop as written has ten operations.
    const FLOPS: f64 = 4.0;
    const BYTES: f64 = 24.0;
    const RUNGS: &'static [Rung<Problem, Field>] = &[
        rung!(naive),
        rung!(ffi),
        rung!(tuned),
        rung!(threads).on_all_cores(),
        rung!(comm).on_all_cores(),
        rung!(mpi).on_all_cores().unless(job::missing),
        rung!(kernel),
        rung!(kernel_threads, named = "kernel+threads").on_all_cores(),
        rung!(array).on_all_cores(),
        rung!(array_ranks, named = "array+ranks").on_all_cores(),
        rung!(array_mpi, named = "array+mpi").on_all_cores().unless(job::missing),
        rung!(gpu, feature = "gpu", on_device = device::note, unless = device::missing),
    ];

    fn problems(size: Size) -> Vec<Problem> {
        let draw = |&(n, steps): &_| Problem { field: Field::bottle(n, n), steps };
        plates(size).iter().map(draw).collect()
    }

    fn label(problem: &Problem) -> String {
        format!("{}x{}, {} steps", problem.field.rows(), problem.field.cols(), problem.steps)
    }

    fn ops(problem: &Problem) -> f64 {
        let inner = problem.field.rows().saturating_sub(2) * problem.field.cols().saturating_sub(2);
        (inner * problem.steps) as f64
    }

    fn digest(output: &Field) -> Vec<f64> {
        crate::check::digest(output.values())
    }

    fn course(problem: &Problem) -> &'static [(&'static str, f64)] {
        let is_theirs = (problem.field.rows(), problem.steps) == (200, 200);
        if is_theirs { &[("the course's Python", 20.0)] } else { &[] }
    }

    fn check(_: &Problem, reference: &Field, got: &Field) -> Result<f64, String> {
        let largest = reference.values().iter().fold(100.0_f64, |most, t| most.max(t.abs()));
        let tolerance = 1e-9 * largest / 100.0;
        crate::check::largest_difference(reference.values(), got.values(), tolerance)
    }

    fn read(path: &Path) -> Result<Problem, String> {
        Ok(Problem { field: Field::read(path)?, steps: 200 })
    }

    fn picture(_: &Problem, field: &Field) -> Option<Picture> {
        Some(Picture { width: field.cols(), height: field.rows(), values: field.values().to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use rayon::ThreadPoolBuilder;

    use super::{Field, Heat, Problem, comm, naive, tuned};
    use crate::Workload;
    use crate::ladder::{agree, splitmix};

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Heat>();
    }

    fn draw(rows: usize, cols: usize, steps: usize) -> Problem {
        let values = splitmix::uniform(1, 0, rows * cols, 0.0, 100.0);
        Problem { field: Field::new(rows, cols, values), steps }
    }

    #[test]
    fn more_steps_than_rows() {
        agree::on::<Heat>(&draw(5, 7, 100));
        agree::on::<Heat>(&draw(3, 3, 31));
        agree::on::<Heat>(&draw(40, 3, 81));
    }

    #[test]
    fn a_plate_that_is_all_border_stays_as_it_is() {
        for (rows, cols) in [(1, 1), (1, 9), (2, 9), (9, 1), (9, 2), (2, 2)] {
            let problem = draw(rows, cols, 9);
            agree::on::<Heat>(&problem);
            assert_eq!(naive::run(&problem), problem.field);
        }
    }

    /// A linear field is a steady state: its second differences are 0.
    #[test]
    fn a_linear_field_stays_as_it_is() {
        let values = (0..12 * 17).map(|k| (3 * (k / 17) + 2 * (k % 17)) as f64).collect();
        let problem = Problem { field: Field::new(12, 17, values), steps: 50 };
        for (name, field) in agree::each::<Heat>(&problem) {
            let error = Heat::check(&problem, &problem.field, &field);
            assert!(error.is_ok_and(|error| error < 1e-11), "{name}");
        }
    }

    /// The same operations in the same order for each point, whichever rank has it.
    #[test]
    fn ranks_give_the_bits_of_one_core() {
        let bits =
            |field: &Field| -> Vec<u64> { field.values().iter().map(|t| t.to_bits()).collect() };
        for (rows, cols, steps) in [(64, 64, 20), (3, 5, 40), (101, 7, 203)] {
            let problem = draw(rows, cols, steps);
            let serial = tuned::run(&problem);
            for ranks in 1..=4 {
                let pool = ThreadPoolBuilder::new().num_threads(ranks).build().unwrap();
                let field = pool.install(|| comm::run(&problem));
                let same = bits(&field) == bits(&serial);
                assert!(same, "{rows}x{cols}, {steps} steps on {ranks} ranks");
            }
        }
    }

    proptest! {
        #[test]
        fn any_field(rows in 1..=20_usize, cols in 1..=20_usize, steps in 0..=9_usize) {
            agree::on::<Heat>(&draw(rows, cols, steps));
        }
    }
}
