//! What the memos promise.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allocations;
#[cfg(feature = "ndarray")]
mod arrays;
mod bounds;
mod flight;
mod functions;
mod golden;
mod keys;
mod model;
mod watchdog;
