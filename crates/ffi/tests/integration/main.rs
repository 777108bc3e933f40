//! Calls of C, and everything that is refused before one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod compiler;
mod safety;
