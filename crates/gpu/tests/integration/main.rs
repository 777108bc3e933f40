//! What devices and arrays promise.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod adapters;
mod algorithms;
mod arrays;
mod built_ins;
mod device;
mod expressions;
mod graphs;
mod kernels;
mod lifetimes;
mod properties;
mod random;
mod raw;
mod reductions;
mod waiting;
