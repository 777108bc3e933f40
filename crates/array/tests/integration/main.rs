//! The tests of the crate as its users see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod delayed;
mod executor;
mod files;
mod first;
mod pictures;
mod plans;
mod watchdog;
