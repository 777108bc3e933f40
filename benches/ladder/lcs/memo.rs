//! The definition, remembered: a cell is known by how many letters of each string are left.

use tenfold_memo::memoize;

use super::Problem;

pub(super) fn run(problem: &Problem) -> u32 {
    // What is remembered is of these two strings, so each run starts with nothing.
    lcs::cache_clear();
    lcs(problem.a().len(), problem.b().len(), problem)
}

#[memoize(scope = "thread", ignore(problem))]
fn lcs(n: usize, m: usize, problem: &Problem) -> u32 {
    let (Some((last_a, _)), Some((last_b, _))) =
        (problem.a()[..n].split_last(), problem.b()[..m].split_last())
    else {
        return 0;
    };
    if last_a == last_b {
        1 + lcs(n - 1, m - 1, problem)
    } else {
        lcs(n - 1, m, problem).max(lcs(n, m - 1, problem))
    }
}
