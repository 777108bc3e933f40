//! A program with scopes, of which each rank leaves its report where those of all are collected:
//! `cargo xtask cluster run --profile -n 2 --package tenfold-profile --example ranks`.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::hint::black_box;
use std::path::Path;

use tenfold_profile::{Session, profile, scope};

#[profile]
fn assemble(size: u64) -> Vec<u64> {
    (0..size).map(|i| black_box(i * i % 7)).collect()
}

#[profile]
fn solve(matrix: &[u64]) -> u64 {
    (0..200).fold(1, |x, step| matrix.iter().fold(x, |x, a| black_box(x ^ a).rotate_left(step)))
}

fn main() -> Result<(), tenfold_profile::Error> {
    let session = Session::start()?;
    let answer = scope!("step", solve(&assemble(20_000)));
    let report = session.finish();
    println!("{answer}\n{report}");
    if let Some(folder) = std::env::var_os("TENFOLD_PROFILE_FOLDER") {
        let name = format!("scopes-{}.json", std::process::id());
        report.write_json(Path::new(&folder).join(name))?;
    }
    assert_eq!(report.function("solve").map(|solve| solve.calls()), Some(1));
    Ok(())
}
