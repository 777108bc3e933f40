//! API mode: what generated bindings call.

pub(crate) mod array;
mod bits;
pub mod generated;
pub(crate) mod opaque;
mod resolve;
