//! The definition: the last letters are equal, or one of them goes.

use super::Problem;

pub(super) fn run(problem: &Problem) -> u32 {
    lcs(problem.a(), problem.b())
}

pub(super) fn lcs(a: &[u8], b: &[u8]) -> u32 {
    let (Some((last_a, before_a)), Some((last_b, before_b))) = (a.split_last(), b.split_last())
    else {
        return 0;
    };
    if last_a == last_b {
        1 + lcs(before_a, before_b)
    } else {
        lcs(before_a, b).max(lcs(a, before_b))
    }
}
