//! The ladder and its harness: workloads as `ladder/NAME/`, rungs as files in them, and a harness
//! that checks an answer before it times it.

#![expect(
    clippy::cast_precision_loss,
    reason = "counts become ns per operation and back; all are far below 2^53"
)]

mod any;
pub mod check;
#[path = "../ladder/mod.rs"]
pub mod ladder;
mod workload;

pub use any::{AnyProblem, AnyWorkload, Checked, RungInfo};
pub use workload::{Cores, Excuse, Picture, Rung, Size, Workload};
