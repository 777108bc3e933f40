//! Every pair once, four bodies side by side, the root from single precision.

use super::{
    Bodies, Problem, SOFTENING2,
    lanes::{Groups, LANES, Lanes},
};

/// Groups that a body meets in one go.
const BLOCK: usize = 16;

// for i in 0..n { for j in 0..n { a[i] += m[j] * d / (|d|^2 + s^2)^(3/2), d = p[j] - p[i] } }
//
// 1. Bodies lie in groups of LANES, x next to x: body i meets a group at a time.
// 2. Newton's third law: a body meets only groups after its own, and pulls on them as they pull on
//    it. With its own group, itself included, it deals one-sidedly.
// 3. What i gathers is summed in LANES sums, added up when i is done.
// 4. 1 / sqrt(r2) is computed in f32, where root and division cost a third, and squared up by one
//    Newton step in f64: an error of at most 2e-7 becomes one of 6e-14. (r2 must be in the range
//    of f32; the softening keeps it off 0.)
// 5. BLOCK groups go through the formula in steps, a loop each. In one loop, each group is a chain of
//    operations that mostly wait for each other, too long for the core to begin with the next one
//    meanwhile: 2.2 ns a pair in place of 1.5.
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
        let mut ours = [[0.0; LANES]; 3];
        let mut one_sided = [[[0.0; LANES]; 3]];
        let itself = group..group + 1;
        pull(&mut ours, &mut one_sided, here, mass, &positions[itself.clone()], &masses[itself]);
        let there = positions[group + 1..].chunks(BLOCK);
        let masses = masses[group + 1..].chunks(BLOCK);
        for ((theirs, there), masses) in later.chunks_mut(BLOCK).zip(there).zip(masses) {
            pull(&mut ours, theirs, here, mass, there, masses);
        }
        (0..3).for_each(|k| own[k][lane] += ours[k].iter().sum::<f64>());
    }
}

/// One body `here` and up to BLOCK groups `there` pull on each other.
#[inline(always)]
fn pull(
    ours: &mut Lanes,
    theirs: &mut [Lanes],
    here: [f64; 3],
    mass: f64,
    there: &[Lanes],
    masses: &[[f64; LANES]],
) {
    let mut pulls = [[0.0; LANES]; BLOCK];
    for (square, there) in pulls.iter_mut().zip(there) {
        let [x, y, z] = distance(here, there);
        *square = std::array::from_fn(|l| x[l] * x[l] + y[l] * y[l] + z[l] * z[l] + SOFTENING2);
    }
    to_inverse_cubes(&mut pulls[..there.len()]);
    for (((theirs, there), masses), pull) in theirs.iter_mut().zip(there).zip(masses).zip(&pulls) {
        let d = distance(here, there);
        for k in 0..3 {
            for l in 0..LANES {
                ours[k][l] += d[k][l] * (pull[l] * masses[l]);
                theirs[k][l] -= d[k][l] * (pull[l] * mass);
            }
        }
    }
}

#[inline(always)]
fn distance(here: [f64; 3], there: &Lanes) -> Lanes {
    std::array::from_fn(|k| there[k].map(|x| x - here[k]))
}

/// x^(-3/2) of every number.
#[expect(clippy::cast_possible_truncation, reason = "the Newton step makes good for it")]
#[inline(always)]
fn to_inverse_cubes(numbers: &mut [[f64; LANES]]) {
    let numbers = numbers.as_flattened_mut();
    let mut roots = [0.0_f32; BLOCK * LANES];
    let roots = &mut roots[..numbers.len()];
    for (root, number) in roots.iter_mut().zip(&*numbers) {
        *root = *number as f32;
    }
    for root in roots.iter_mut() {
        *root = 1.0 / root.sqrt();
    }
    for (number, root) in numbers.iter_mut().zip(roots) {
        let root = f64::from(*root);
        let root = root * (1.5 - 0.5 * *number * root * root);
        *number = root * root * root;
    }
}
