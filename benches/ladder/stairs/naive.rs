//! The course's recursion, line for line.

pub(super) fn run(stairs: &u32) -> u64 {
    steps_to(*stairs)
}

pub(super) fn steps_to(stair: u32) -> u64 {
    match stair {
        1 => 1,
        2 => 2,
        3 => 4,
        _ => steps_to(stair - 3) + steps_to(stair - 2) + steps_to(stair - 1),
    }
}
