//! Every pair once, four bodies side by side, coordinates in arrays of their own.

use super::{Bodies, DT, Problem, SOFTENING2};

/// Bodies that one body meets at a time: two registers of two.
const LANES: usize = 4;

/// A vector of x, y and z for every body, each in an array of its own.
pub(super) type Axes = [Vec<f64>; 3];

// for i in 0..n { for j in 0..n { a[i] += m[j] * d / (|d|^2 + s^2)^(3/2), d = p[j] - p[i] } }
//
// 1. Newton's third law: a pair i < j is met once and pulls on both, which halves the roots and
//    the divisions.
// 2. x, y and z lie in three arrays, so that LANES bodies j are neighbours in each.
// 3. What i gathers is summed in LANES sums, added up when i is done.
pub(super) fn run(problem: &Problem) -> Bodies {
    let mut positions = to_axes(&problem.bodies.positions);
    let mut velocities = to_axes(&problem.bodies.velocities);
    let n = problem.masses.len();
    for _ in 0..problem.steps {
        let mut pulls = [const { Vec::new() }; 3].map(|_: Vec<f64>| vec![0.0; n]);
        for i in 0..n {
            meet(i, &positions, &problem.masses, &mut pulls);
        }
        advance(&mut positions, &mut velocities, &pulls);
    }
    Bodies { positions: from_axes(&positions), velocities: from_axes(&velocities) }
}

pub(super) fn to_axes(triples: &[[f64; 3]]) -> Axes {
    [0, 1, 2].map(|k| triples.iter().map(|triple| triple[k]).collect())
}

pub(super) fn from_axes([x, y, z]: &Axes) -> Vec<[f64; 3]> {
    x.iter().zip(y).zip(z).map(|((&x, &y), &z)| [x, y, z]).collect()
}

/// Kick, then drift.
pub(super) fn advance(positions: &mut Axes, velocities: &mut Axes, pulls: &Axes) {
    for ((position, velocity), pull) in positions.iter_mut().zip(velocities).zip(pulls) {
        for ((p, v), a) in position.iter_mut().zip(velocity).zip(pull) {
            *v += a * DT;
            *p += *v * DT;
        }
    }
}

/// Body `i` meets all bodies after it.
pub(super) fn meet(i: usize, [x, y, z]: &Axes, masses: &[f64], [ax, ay, az]: &mut Axes) {
    let n = masses.len();
    let here = [x[i], y[i], z[i]];
    let mut gathered = [[0.0; LANES]; 3];
    let mut j = i + 1;
    while j + LANES <= n {
        let lanes = j..j + LANES;
        meet_lanes(
            here,
            masses[i],
            &mut gathered,
            [&x[lanes.clone()], &y[lanes.clone()], &z[lanes.clone()]],
            &masses[lanes.clone()],
            [&mut ax[lanes.clone()], &mut ay[lanes.clone()], &mut az[lanes]],
        );
        j += LANES;
    }
    for j in j..n {
        let d = [x[j] - here[0], y[j] - here[1], z[j] - here[2]];
        let r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + SOFTENING2;
        let pull = 1.0 / (r2 * r2.sqrt());
        let (to_i, to_j) = (pull * masses[j], pull * masses[i]);
        for k in 0..3 {
            gathered[k][0] += d[k] * to_i;
        }
        ax[j] -= d[0] * to_j;
        ay[j] -= d[1] * to_j;
        az[j] -= d[2] * to_j;
    }
    ax[i] += gathered[0].iter().sum::<f64>();
    ay[i] += gathered[1].iter().sum::<f64>();
    az[i] += gathered[2].iter().sum::<f64>();
}

#[inline(always)]
fn meet_lanes(
    here: [f64; 3],
    mass: f64,
    gathered: &mut [[f64; LANES]; 3],
    [x, y, z]: [&[f64]; 3],
    masses: &[f64],
    [ax, ay, az]: [&mut [f64]; 3],
) {
    for l in 0..LANES {
        let (dx, dy, dz) = (x[l] - here[0], y[l] - here[1], z[l] - here[2]);
        let r2 = dx * dx + dy * dy + dz * dz + SOFTENING2;
        let pull = 1.0 / (r2 * r2.sqrt());
        let (to_i, to_j) = (pull * masses[l], pull * mass);
        gathered[0][l] += dx * to_i;
        gathered[1][l] += dy * to_i;
        gathered[2][l] += dz * to_i;
        ax[l] -= dx * to_j;
        ay[l] -= dy * to_j;
        az[l] -= dz * to_j;
    }
}
