//! Calls of C and from C, objects, callbacks and exports, and everything that is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod callbacks;
mod calls;
mod compiler;
mod data;
#[cfg(all(feature = "header", feature = "ndarray"))]
mod exported;
#[cfg(feature = "ndarray")]
mod kern;
#[cfg(all(feature = "ndarray", target_os = "linux"))]
mod linked;
#[cfg(feature = "ndarray")]
mod python;
mod records;
mod safety;
mod safety_data;
mod subprocess;
