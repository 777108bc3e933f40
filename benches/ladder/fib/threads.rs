//! The plain recursion, forked: as many calls as `naive`, on all cores.

use super::naive::fib;

/// Below this the calls are worth less than a fork (15 000 calls, some 10 us).
const CUTOFF: u32 = 20;

pub(super) fn run(n: &u32) -> u64 {
    fork(*n)
}

fn fork(n: u32) -> u64 {
    if n < CUTOFF {
        return fib(n);
    }
    let (a, b) = rayon::join(|| fork(n - 1), || fork(n - 2));
    a + b
}
