//! `tuned` on bands of rows, a band or more for each core.

use rayon::prelude::*;

use super::{Field, Problem, tuned::Plate};

// 1. A band is copied with a halo of `steps` rows on either side and taken `steps` steps ahead as
//    if its edges were fixed. What is wrong with that creeps inward by one row a step, and has used
//    up the halo when the band is read back. So cores meet once in `steps` steps.
// 2. The price is the halo, updated by two cores: `steps` rows of a band on average.
pub(super) fn run(problem: &Problem) -> Field {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let mut values = problem.field.values().to_vec();
    let mut room = vec![0.0; values.len()];
    advance(&mut values, &mut room, cols, problem.steps);
    Field::new(rows, cols, values)
}

/// Takes values ahead, with room for as many.
pub(super) fn advance(old: &mut Vec<f64>, new: &mut Vec<f64>, cols: usize, steps: usize) {
    let rows = old.len() / cols;
    let band = rows.div_ceil(rayon::current_num_threads());
    let mut left = steps;
    while left > 0 {
        let steps = left.min(steps_between_meetings(band));
        new.par_chunks_mut(band * cols).enumerate().for_each(|(i, out)| {
            let first = i * band;
            let last = first + out.len() / cols;
            let halo = first.saturating_sub(steps)..(last + steps).min(rows);
            let mut plate = Plate::new(&old[halo.start * cols..halo.end * cols], cols, steps);
            plate.advance(steps);
            out.copy_from_slice(plate.rows(first - halo.start, last - halo.start));
        });
        std::mem::swap(old, new);
        left -= steps;
    }
}

/// So that the halo costs no more than some tenth of the band.
pub(super) fn steps_between_meetings(band: usize) -> usize {
    (band / 10).max(1)
}
