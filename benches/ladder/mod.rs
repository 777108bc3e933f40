//! The workloads, one line each. A new one is a folder, a `mod` line and a line in [`all`];
//! `cargo xtask new workload NAME` writes all three.

use crate::AnyWorkload;

pub mod heat;

/// Every workload, in the order in which the bench climbs them.
#[must_use]
pub fn all() -> Vec<Box<dyn AnyWorkload>> {
    vec![Box::new(heat::Heat)]
}
