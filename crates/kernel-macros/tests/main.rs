//! The macro's errors and the compiler's, as a user of kernels sees them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod carets;
#[path = "../../../tests/refusals/compiler.rs"]
#[expect(dead_code, reason = "others ask clippy too")]
mod compiler;
#[path = "../../../tests/refusals/marks.rs"]
mod marks;
mod mistyped;
mod refused;
