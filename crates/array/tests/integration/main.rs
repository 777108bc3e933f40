//! The tests of the crate as its users see it.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::reversed_empty_ranges,
    clippy::unwrap_used,
    reason = "the numbers of tests are small, and slices count from the end"
)]

mod bins;
mod blocks;
mod checkpoints;
mod deep;
mod delayed;
mod edges;
mod einsum;
mod elementwise;
mod executor;
mod failures;
#[cfg(feature = "fft")]
mod fft;
mod files;
mod first;
mod found;
mod functions;
mod golden;
mod gufuncs;
mod hostile;
mod huge;
mod instructions;
mod into;
mod lanes;
mod leaves;
#[cfg(feature = "linalg")]
mod linalg;
mod linear;
mod mistakes;
mod neighbours;
mod pictures;
mod plans;
mod programs;
mod random;
#[cfg(feature = "ranks")]
mod ranks;
mod reductions;
mod scans;
mod shapes;
mod storing;
mod subjects;
mod tail;
mod together;
mod traces;
mod values;
mod watchdog;
