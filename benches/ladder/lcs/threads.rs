//! The plain recursion, forked: as many calls as `naive`, on all cores.

use super::{Problem, naive::lcs};

/// Below this many letters in both strings together, the calls are worth less than a fork.
const CUTOFF: usize = 18;

pub(super) fn run(problem: &Problem) -> u32 {
    fork(problem.a(), problem.b())
}

fn fork(a: &[u8], b: &[u8]) -> u32 {
    if a.len() + b.len() < CUTOFF {
        return lcs(a, b);
    }
    let (Some((last_a, before_a)), Some((last_b, before_b))) = (a.split_last(), b.split_last())
    else {
        return 0;
    };
    if last_a == last_b {
        return 1 + fork(before_a, before_b);
    }
    let (x, y) = rayon::join(|| fork(before_a, b), || fork(a, before_b));
    x.max(y)
}
