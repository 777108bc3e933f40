//! The pull of one body on another as a kernel, summed over all that pull.

use ndarray::{Array1, Axis};
use tenfold_kernel::{Error, kernel};

use super::{Bodies, DT, Problem, SOFTENING2};

// for i in 0..n { for j in 0..n { a[i] += m[j] * d / (|d|^2 + s^2)^(3/2), d = p[j] - p[i] } }
//
// 1. A column of those that are pulled and a row of those that pull make n x n pairs, which no
//    array ever holds: the sum along the row goes on with the function.
// 2. `math = fast` makes of `1.0 / x.sqrt()` an estimate of the processor and some terms of a series.
// 3. A pair is a long chain of operations, and what waits for it fills the processor: the constant
//    comes first, so that each square goes into the sum with one operation, and products pair up.
pub(super) fn run(problem: &Problem) -> Bodies {
    advance(problem, |[x, y, z], m| {
        let [u, v, w] = [x, y, z].map(|axis| axis.view().insert_axis(Axis(1)));
        pull::reduce_axis(1, u, v, w, x, y, z, m)
    })
}

/// What body j does to body i.
#[kernel(reduce(sum, sum, sum), math = fast)]
pub(super) fn pull(
    xi: f64,
    yi: f64,
    zi: f64,
    xj: f64,
    yj: f64,
    zj: f64,
    mass: f64,
) -> (f64, f64, f64) {
    let x = xj - xi;
    let y = yj - yi;
    let z = zj - zi;
    let root = 1.0 / (SOFTENING2 + x * x + y * y + z * z).sqrt();
    let pull = (mass * root) * (root * root);
    (x * pull, y * pull, z * pull)
}

#[kernel]
fn add(step: f64, rate: f64, value: f64) -> f64 {
    value + step * rate
}

/// x, y and z of all bodies.
type Axes = [Array1<f64>; 3];

/// All steps, with the accelerations that `accelerate` gives.
pub(super) fn advance(
    problem: &Problem,
    accelerate: impl Fn(&Axes, &Array1<f64>) -> Result<(Array1<f64>, Array1<f64>, Array1<f64>), Error>,
) -> Bodies {
    let masses = Array1::from_vec(problem.masses.clone());
    let mut positions = to_axes(&problem.bodies.positions);
    let mut velocities = to_axes(&problem.bodies.velocities);
    for _ in 0..problem.steps {
        let (x, y, z) = accelerate(&positions, &masses).expect("arrays of one length");
        for (axis, acceleration) in [x, y, z].iter().enumerate() {
            add::update(DT, acceleration, &mut velocities[axis]).expect("arrays of one length");
            add::update(DT, &velocities[axis], &mut positions[axis]).expect("the same");
        }
    }
    Bodies { positions: from_axes(&positions), velocities: from_axes(&velocities) }
}

fn to_axes(points: &[[f64; 3]]) -> Axes {
    [0, 1, 2].map(|axis| points.iter().map(|point| point[axis]).collect())
}

fn from_axes([x, y, z]: &Axes) -> Vec<[f64; 3]> {
    x.iter().zip(y).zip(z).map(|((&x, &y), &z)| [x, y, z]).collect()
}
