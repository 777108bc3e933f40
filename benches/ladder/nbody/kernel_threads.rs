//! `kernel` on all cores.

use ndarray::Axis;

use super::{
    Bodies, Problem,
    kernel::{advance, pull},
};

pub(super) fn run(problem: &Problem) -> Bodies {
    advance(problem, |[x, y, z], m| {
        let [u, v, w] = [x, y, z].map(|axis| axis.view().insert_axis(Axis(1)));
        pull::par().reduce_axis(1, u, v, w, x, y, z, m)
    })
}
