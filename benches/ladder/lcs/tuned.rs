//! The table, of which one row is enough.

use super::Problem;

// lcs(i, j) = if a[i] == b[j] { 1 + lcs(i - 1, j - 1) } else { max(lcs(i - 1, j), lcs(i, j - 1)) }
//
// 1. Every cell once, row by row, in place of the recursion.
// 2. `row[j]` is overwritten when it has served as the cell above; `diagonal` saves it for the
//    next column.
// 3. Neighbouring cells differ by at most one, so the larger of all three is always right and
//    needs no branch.
pub(super) fn run(problem: &Problem) -> u32 {
    let mut row = vec![0; problem.b().len()];
    for letter in problem.a() {
        let (mut diagonal, mut left) = (0, 0);
        for (cell, other) in row.iter_mut().zip(problem.b()) {
            let above = *cell;
            left = above.max(left).max(diagonal + u32::from(letter == other));
            diagonal = above;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}
