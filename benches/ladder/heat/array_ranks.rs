//! `array` on ranks of one thread each, with a band each that stays where it is.

use tenfold_array::ndarray::Array2;
use tenfold_array::{Array, Error, Settings};
use tenfold_comm::{Communicator, World};

use super::{Field, Problem, array::ahead, comm::depth};

// 1. Each rank keeps its band from meeting to meeting, and asks its neighbours for the rows around it.
// 2. One rank gets all at the end.
pub(super) fn run(problem: &Problem) -> Field {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    // Every rank has a row.
    let ranks = rayon::current_num_threads().min(rows);
    let fields = World::threads(ranks).run(|world| program(world, problem));
    let values = fields.expect("all ranks do the same").swap_remove(0);
    Field::new(rows, cols, values.expect("rank 0 has all").into_iter().collect())
}

/// The plate after all steps, on rank 0.
pub(super) fn program<C: Communicator>(
    world: &C,
    problem: &Problem,
) -> Result<Option<Array2<f64>>, Error> {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let ranks = Settings::new().threads(1).over(world)?;
    let values = problem.field.values().to_vec();
    let u = Array2::from_shape_vec([rows, cols], values).expect("so many values");
    let mut plate = Array::from_ndarray(u, [rows.div_ceil(world.size()), cols]);
    let mut left = problem.steps;
    while left > 0 {
        let steps = left.min(depth(rows, world.size()));
        plate = ranks.persist(&ahead(&plate, steps))?;
        left -= steps;
    }
    ranks.compute_at(0, &plate)
}
