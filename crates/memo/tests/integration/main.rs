//! What the memos promise.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allocations;
#[cfg(feature = "ndarray")]
mod arrays;
mod bounds;
#[cfg(feature = "disk")]
mod disk;
mod flight;
mod functions;
mod golden;
mod keys;
#[cfg(feature = "metrics")]
mod metrics;
mod model;
#[cfg(feature = "s3fifo")]
mod s3fifo;
#[path = "../../../../tests/watchdog.rs"]
mod watchdog;
