//! Every pair once, four bodies side by side, the root from single precision.

use super::{
    Bodies, Problem, SOFTENING2,
    lanes::{Groups, LANES, Lanes},
};

// for i in 0..n { for j in 0..n { a[i] += m[j] * d / (|d|^2 + s^2)^(3/2), d = p[j] - p[i] } }
//
// 1. Bodies lie in groups of LANES, x next to x: body i meets a group at a time.
// 2. Newton's third law: a body meets only groups after its own, and pulls on them as they pull on
//    it. With its own group, itself included, it deals one-sidedly.
// 3. What i gathers is summed in LANES sums, added up when i is done.
// 4. 1 / sqrt(r2) is computed in f32, where root and division cost a third, and squared up by one
//    Newton step in f64: an error of at most 2e-7 becomes one of 6e-14. (r2 must be in the range
//    of f32; the softening keeps it off 0.)
pub(super) fn run(problem: &Problem) -> Bodies {
    let mut groups = Groups::new(problem);
    for _ in 0..problem.steps {
        let mut accelerations = vec![[[0.0; LANES]; 3]; groups.masses.len()];
        for group in 0..groups.masses.len() {
            meet(group, &groups, &mut accelerations);
        }
        groups.advance(&accelerations);
    }
    groups.into_bodies()
}

/// The bodies of a group meet each other and all after them.
pub(super) fn meet(group: usize, groups: &Groups, accelerations: &mut [Lanes]) {
    let Groups { positions, masses, .. } = groups;
    let (own, later) = accelerations[group..].split_first_mut().expect("there is such a group");
    for lane in 0..LANES {
        let here = positions[group].map(|axis| axis[lane]);
        let mass = masses[group][lane];
        let mut gathered = [[0.0; LANES]; 3];
        pull(&mut gathered, &mut [[0.0; LANES]; 3], here, mass, &positions[group], &masses[group]);
        let after = positions[group + 1..].iter().zip(&masses[group + 1..]);
        for (theirs, (there, masses)) in later.iter_mut().zip(after) {
            pull(&mut gathered, theirs, here, mass, there, masses);
        }
        (0..3).for_each(|k| own[k][lane] += gathered[k].iter().sum::<f64>());
    }
}

/// One body `here` and a group `there` pull on each other.
#[inline(always)]
fn pull(
    ours: &mut Lanes,
    theirs: &mut Lanes,
    here: [f64; 3],
    mass: f64,
    there: &Lanes,
    masses: &[f64; LANES],
) {
    let d: Lanes = std::array::from_fn(|k| there[k].map(|x| x - here[k]));
    let r2 = std::array::from_fn(|l| {
        d[0][l] * d[0][l] + d[1][l] * d[1][l] + d[2][l] * d[2][l] + SOFTENING2
    });
    let cubed = inverse_root(r2).map(|y| y * y * y);
    for k in 0..3 {
        for l in 0..LANES {
            ours[k][l] += d[k][l] * (cubed[l] * masses[l]);
            theirs[k][l] -= d[k][l] * (cubed[l] * mass);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the Newton step makes good for it")]
#[inline(always)]
fn inverse_root(r2: [f64; LANES]) -> [f64; LANES] {
    let rough = r2.map(|r2| 1.0 / (r2 as f32).sqrt());
    std::array::from_fn(|l| {
        let y = f64::from(rough[l]);
        y * (1.5 - 0.5 * r2[l] * y * y)
    })
}
