//! A small solver on three threads, its memory counted too, as a page: give a file name for it.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::hint::black_box;

use tenfold_profile::{CountingAllocator, Session, profile, scope};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::system();

/// Work of a known size: nothing but arithmetic.
fn spin(rounds: u64) -> u64 {
    (0..rounds).fold(1, |x, i| black_box(x ^ i).wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 40
}

#[profile]
fn assemble(size: u64) -> Vec<u64> {
    (0..size).map(element).collect()
}

#[profile]
fn element(at: u64) -> u64 {
    spin(200 + at)
}

#[profile]
fn solve(matrix: &[u64]) -> u64 {
    scope!("iterate");
    (0..40).fold(0, |sum, _| sum ^ residual(matrix) ^ precondition())
}

#[profile]
fn residual(matrix: &[u64]) -> u64 {
    spin(40_000) + matrix[0]
}

#[profile]
fn precondition() -> u64 {
    spin(4_000)
}

fn main() -> Result<(), tenfold_profile::Error> {
    let session = Session::builder().leaks(true).start()?;
    let sum = scope!("run", {
        std::thread::scope(|threads| {
            let worker = |size| threads.spawn(move || solve(&assemble(size)));
            let workers = [worker(50), worker(100)];
            let own = solve(&assemble(300));
            workers.into_iter().filter_map(|worker| worker.join().ok()).fold(own, |a, b| a ^ b)
        })
    });
    let report = session.finish();
    println!("{sum}\n{report}");
    if let Some(file) = std::env::args().nth(1) {
        report.write_html(file)?;
    }
    assert_eq!(report.function("solve").map(|solve| solve.calls()), Some(3));
    assert_eq!(report.function("residual").map(|residual| residual.calls()), Some(120));
    assert!(report.function("assemble").is_some_and(|assemble| assemble.bytes() >= 450 * 8));
    Ok(())
}
