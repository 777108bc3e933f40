//! The suite that every communicator runs.

use crate::job::says;

#[test]
fn one_rank() {
    says(1, "conformance", &[], true);
}

#[test]
fn two_ranks() {
    says(2, "conformance", &[], true);
}

#[test]
fn three_ranks() {
    says(3, "conformance", &[], true);
}

#[test]
fn four_ranks() {
    says(4, "conformance", &[], true);
}

#[test]
fn seven_ranks() {
    says(7, "conformance", &[], true);
}
