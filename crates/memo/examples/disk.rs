//! A function whose results outlive the process: run it twice, and the second run reads them.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::path::PathBuf;

use tenfold_memo::{memoize, versioned};

fn folder() -> PathBuf {
    std::env::temp_dir().join("tenfold-memo-example")
}

// ANCHOR: disk
/// Editing this changes what `zeta` has on disk.
#[versioned]
fn term(n: u32, s: f64) -> f64 {
    f64::from(n).powf(-s)
}

#[memoize(disk = folder(), disk_bytes = "1MiB", depends(term))]
fn zeta(s: f64, terms: u32) -> f64 {
    (1..=terms).rev().map(|n| term(n, s)).sum()
}
// ANCHOR_END: disk

fn main() {
    let value = zeta(2.0, 1_000_000);
    let info = zeta::cache_info();
    println!("{value}, {info:#}");
    assert!((value - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-5);
    assert_eq!(info.disk_hits + info.disk_writes + info.disk_errors, 1);
}
