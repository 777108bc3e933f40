//! What ranks as threads promise.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(not(miri))]
mod analysis;
#[cfg(feature = "ndarray")]
mod arrays;
mod calls;
#[cfg(feature = "conformance")]
mod conformance;
#[cfg(not(miri))]
mod environment;
mod exact;
#[cfg(not(miri))]
mod examples;
mod failures;
#[cfg(feature = "ndarray")]
mod halos;
#[cfg(feature = "ndarray")]
mod heat;
mod inputs;
mod mismatch;
mod model;
mod nonblocking;
#[cfg(not(miri))]
mod planted;
mod program;
#[cfg(not(miri))]
mod recording;
mod requests;
#[cfg(all(feature = "report", not(miri)))]
mod traces;
#[path = "../../../../tests/watchdog.rs"]
mod watchdog;
#[cfg(not(miri))]
mod watched;
mod windows;
#[cfg(not(miri))]
mod wrong;
