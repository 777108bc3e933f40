//! What crosses crates.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod annotated;
mod bench;
mod book;
#[cfg(target_os = "linux")]
mod cluster;
mod completions;
#[cfg(target_os = "linux")]
mod ext;
mod features;
mod figures;
mod ladder;
mod layering;
mod portable;
mod ranks;
mod readme;
mod record;
mod words;
mod workspace;
