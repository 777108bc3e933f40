//! The suite that every communicator runs.

use crate::job::says;

fn passes(ranks: usize) {
    let text = says(ranks, "conformance", &[], true);
    assert_eq!(text.matches("has windows, and passes").count(), ranks, "{text}");
}

#[test]
fn one_rank() {
    passes(1);
}

#[test]
fn two_ranks() {
    passes(2);
}

#[test]
fn three_ranks() {
    passes(3);
}

#[test]
fn four_ranks() {
    passes(4);
}

#[test]
fn seven_ranks() {
    passes(7);
}
