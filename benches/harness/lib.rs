//! The ladder and its harness: workloads as `ladder/NAME/`, rungs as files in them, and a harness
//! that checks an answer before it times it.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts become ns per operation and back; all are far below 2^53"
)]

mod any;
pub mod check;
mod cli;
mod climb;
mod compare;
pub mod document;
mod host;
#[path = "../ladder/mod.rs"]
pub mod ladder;
mod launcher;
mod peer;
mod picture;
mod pools;
mod profile;
mod progress;
mod run;
mod settings;
mod stats;
mod worker;
mod workload;

pub use any::{AnyProblem, AnyWorkload, Checked, RungInfo};
pub use cli::main;
pub use workload::{Cores, Excuse, Note, Noter, Picture, Rung, Size, Workload};
