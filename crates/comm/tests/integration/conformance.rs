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

/// More than bytes and small numbers have bits.
#[cfg(not(miri))]
#[test]
fn twelve_ranks() {
    conforms(12);
}
