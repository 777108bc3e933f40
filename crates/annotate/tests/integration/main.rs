//! What `tenfold-annotate` promises.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod analysis;
mod command;
mod objdump;
mod planted;
mod program;
mod refusals;
