//! The macros' errors and the compiler's, as a user of exported functions sees them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accepted;
#[path = "../../../tests/refusals/compiler.rs"]
mod compiler;
#[path = "../../../tests/refusals/marks.rs"]
mod marks;
mod refused;
