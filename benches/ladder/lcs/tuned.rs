//! The table, of which one row is enough, as bits.

use super::Problem;

// lcs(i, j) = if a[i] == b[j] { 1 + lcs(i - 1, j - 1) } else { max(lcs(i - 1, j), lcs(i, j - 1)) }
//
// 1. Every cell once, row by row, in place of the recursion.
// 2. Neighbours in a row differ by at most one, so a row is as many bits as it has cells: 0 where it
//    rises. 64 cells are one word.
// 3. All bits of the next row at once: of a run of ones and the 0 behind it, the next row rises at the
//    first match, or else at that 0. Adding the matches to the row carries from the first of them to
//    the 0, which is 1 then (Crochemore, Iliopoulos, Pinzon and Reid, "A fast and practical bit-vector
//    algorithm for the longest common subsequence problem", 2001).
pub(super) fn run(problem: &Problem) -> u32 {
    let words = problem.b().len().div_ceil(WORD);
    let matches = matches(problem.b(), words);
    let mut row = vec![u64::MAX; words];
    for &letter in problem.a() {
        let mut carry = false;
        for (cells, &equal) in row.iter_mut().zip(&matches[usize::from(letter) * words..]) {
            let hits = *cells & equal;
            let sum;
            (sum, carry) = cells.carrying_add(hits, carry);
            *cells = sum | (*cells & !equal);
        }
    }
    // What is behind the last cell matches nothing, and stays 1.
    row.iter().map(|cells| cells.count_zeros()).sum()
}

const WORD: usize = u64::BITS as usize;

/// For each letter that there may be, a row of bits: 1 where the string has it.
fn matches(string: &[u8], words: usize) -> Vec<u64> {
    let mut all = vec![0; words << u8::BITS];
    for (i, &letter) in string.iter().enumerate() {
        all[usize::from(letter) * words + i / WORD] |= 1 << (i % WORD);
    }
    all
}
