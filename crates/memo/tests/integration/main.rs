//! What the memos promise.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allocations;
mod bounds;
mod flight;
mod golden;
mod keys;
mod model;
mod watchdog;
