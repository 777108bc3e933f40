//! What `tenfold-ffi-build` promises.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod bindings;
mod made;
mod mutations;
mod package;
mod refusals;
