//! Bands of rows as chunks, each taken several steps ahead together with what lies around it.

use tenfold_array::ndarray::{Array2, Ix2};
use tenfold_array::{Array, Border, Settings};

use super::{Field, Problem, kernel::relax, threads::steps_between_meetings};

// 1. A chunk sees `steps` rows on either side and goes `steps` steps ahead as if the edges of what it sees were fixed.
//    At the edges of the plate they are. Elsewhere what is wrong creeps inward by one row a step, and that rim is cut away.
// 2. Within a chunk the step is the rung `kernel`'s.
pub(super) fn run(problem: &Problem) -> Field {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let threads = rayon::current_num_threads();
    let settings = Settings::new().threads(threads);
    let band = rows.div_ceil(threads);
    let values = problem.field.values().to_vec();
    let mut u = Array2::from_shape_vec([rows, cols], values).expect("so many values");
    let mut left = problem.steps;
    while left > 0 {
        let steps = left.min(steps_between_meetings(band));
        let plate = Array::from_ndarray(u, [band, cols]);
        u = settings.compute(&ahead(&plate, steps)).expect("a plate of bands");
        left -= steps;
    }
    Field::new(rows, cols, u.iter().copied().collect())
}

/// A plate of bands some steps later.
pub(super) fn ahead(plate: &Array<f64, Ix2>, steps: usize) -> Array<f64, Ix2> {
    plate.map_overlap(&[steps, 0], Border::Valid, move |seen, _| {
        let mut u = seen.to_owned();
        relax::steps(steps).run(u.view_mut()).expect("one array");
        u
    })
}
