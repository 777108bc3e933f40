//! The product of two arrays, block by block.

use tenfold_array::ndarray::{Array2, Ix2};
use tenfold_array::{Array, Settings};

use super::{Matrix, Problem};

/// Rows and columns of a block: 512 KiB, of which three fit the second cache or nearly so.
const BLOCK: usize = 256;

// c = a.dot(b)
//
// 1. A block of c is the sum of products of blocks of a and b, which the array crate leaves to `matrixmultiply`.
// 2. Blocks of c go to all cores.
pub(super) fn run(problem: &Problem) -> Matrix {
    let n = problem.a.n();
    let settings = Settings::new().threads(rayon::current_num_threads());
    let values = settings.compute(&product(problem)).expect("matrices of one size");
    Matrix::new(n, values.iter().copied().collect())
}

/// The product, block by block.
pub(super) fn product(problem: &Problem) -> Array<f64, Ix2> {
    array(&problem.a).dot(&array(&problem.b))
}

fn array(matrix: &Matrix) -> Array<f64, Ix2> {
    let n = matrix.n();
    let values = Array2::from_shape_vec([n, n], matrix.values().to_vec()).expect("so many values");
    Array::from_ndarray(values, BLOCK)
}
