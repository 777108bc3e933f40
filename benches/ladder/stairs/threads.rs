//! The plain recursion, forked: as many calls as `naive`, on all cores.

use super::naive::steps_to;

/// Below this the calls are worth less than a fork (9 000 calls, some 10 us).
const CUTOFF: u32 = 16;

pub(super) fn run(stairs: &u32) -> u64 {
    fork(*stairs)
}

fn fork(stair: u32) -> u64 {
    if stair < CUTOFF {
        return steps_to(stair);
    }
    let below = || rayon::join(|| fork(stair - 3), || fork(stair - 2));
    let ((a, b), c) = rayon::join(below, || fork(stair - 1));
    a + b + c
}
