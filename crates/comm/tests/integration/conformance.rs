//! The suite of the trait, on threads.

use tenfold_comm::{World, conformance};

use crate::watchdog::in_time;

fn conforms(ranks: usize) {
    in_time("the suite", move || {
        if let Err(error) = World::threads(ranks).run(conformance::run) {
            panic!("{ranks} ranks: {error}");
        }
    });
}

#[test]
fn one_rank() {
    conforms(1);
}

#[test]
fn two_ranks() {
    conforms(2);
}

#[test]
fn three_ranks() {
    conforms(3);
}

#[test]
fn four_ranks() {
    conforms(4);
}

#[test]
fn seven_ranks() {
    conforms(7);
}

/// Cases whose values and arrays grow with the ranks: more than small numbers have bits, and first arrays have room
/// for. The whole suite takes minutes then, where cores are few.
#[cfg(not(miri))]
const OF_MANY: &[&str] = &[
    "all_operations_are_built_in",
    "all_accumulate_at_one",
    "nan_is_found_in_a_window",
    "windows_of_parts",
    "ghosts_are_filled_with_their_corners",
    "a_star_leaves_corners_alone",
    "ghosts_of_any_memory_order",
];

#[cfg(not(miri))]
#[test]
fn twelve_ranks() {
    in_time("twelve", || {
        let result = World::threads(12).run(|world| {
            let cases = conformance::cases();
            let mut cases = cases.iter().filter(|case| OF_MANY.contains(&case.name()));
            cases.try_for_each(|case| case.run(world))
        });
        result.unwrap();
    });
}
