//! What the crate promises, tried on real work, on idle cores and on contended ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod command;
mod counted;
mod counters;
mod identical;
mod lines;
mod merged;
mod ranks;
mod report;
mod sampled;
mod session;
mod stats;
mod timeit;
mod tree;

use std::hint::black_box;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tenfold_profile::{Builder, CountingAllocator, Report, Session};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::system();

/// There is one session in a process, and tests run side by side.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a session around `f` finds.
fn record<R>(f: impl FnOnce() -> R) -> Report {
    record_with(Session::builder(), f)
}

fn record_with<R>(builder: Builder, f: impl FnOnce() -> R) -> Report {
    let _alone = alone();
    let session = builder.start().unwrap();
    f();
    session.finish()
}

/// The host may take the core away in the middle, also for a while: one of several tries is as it should be.
fn some_try(what: impl Fn() -> f64, is_right: impl Fn(f64) -> bool) {
    let mut tries = vec![];
    while tries.len() < 10 {
        let found = what();
        if is_right(found) {
            return;
        }
        tries.push(found);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{tries:?}");
}

/// Work of a known size: nothing but arithmetic.
fn spin(rounds: u64) -> u64 {
    (0..rounds).fold(1, |x, i| black_box(x ^ i).wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 32
}

/// All calls, primitive ones.
fn calls(report: &Report, name: &str) -> (u64, u64) {
    report.function(name).map_or((0, 0), |f| (f.calls(), f.primitive_calls()))
}
