//! `array` on ranks of one thread each, which have both factors and make as many blocks of the product.

use tenfold_array::ndarray::Array2;
use tenfold_array::{Error, Settings};
use tenfold_comm::{Communicator, World};

use super::{Matrix, Problem, array};

pub(super) fn run(problem: &Problem) -> Matrix {
    let world = World::threads(rayon::current_num_threads());
    let products = world.run(|world| program(world, problem));
    let product = products.expect("all ranks do the same").swap_remove(0);
    Matrix::new(problem.a.n(), product.expect("rank 0 has all").into_iter().collect())
}

/// The product, on rank 0.
pub(super) fn program<C: Communicator>(
    world: &C,
    problem: &Problem,
) -> Result<Option<Array2<f64>>, Error> {
    Settings::new().threads(1).over(world)?.compute_at(0, &array::product(problem))
}
