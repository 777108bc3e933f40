//! The course's heat equation under the profiler, and the profile read: which tenth of the code takes the time?
//!
//! `cargo run --release --package tenfold-profile --example heat_profile`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_profile::{Session, profile};

const SIDE: usize = 100;
const STEPS: usize = 200;

type Plate = Vec<Vec<f64>>;

/// A hot disc on a cold plate.
#[profile]
fn initialise() -> Plate {
    let of_centre = |i: usize| i as f64 - SIDE as f64 / 2.0;
    let is_hot = |i, j| of_centre(i).hypot(of_centre(j)) < SIDE as f64 / 6.0;
    let temperature = |i, j| if is_hot(i, j) { 65.0 } else { 20.0 };
    (0..SIDE).map(|i| (0..SIDE).map(|j| temperature(i, j)).collect()).collect()
}

// ANCHOR: evolve
#[profile]
fn evolve(u: &mut Plate, previous: &Plate) {
    for i in 1..SIDE - 1 {
        for j in 1..SIDE - 1 {
            let around =
                previous[i - 1][j] + previous[i + 1][j] + previous[i][j - 1] + previous[i][j + 1];
            u[i][j] = previous[i][j] + 0.125 * (around - 4.0 * previous[i][j]);
        }
    }
}
// ANCHOR_END: evolve

#[profile]
fn copy(u: &Plate) -> Plate {
    u.clone()
}

fn main() -> Result<(), tenfold_profile::Error> {
    // ANCHOR: session
    let session = Session::start()?;
    let mut u = initialise();
    for _ in 0..STEPS {
        let previous = copy(&u);
        evolve(&mut u, &previous);
    }
    let report = session.finish();
    println!("{report}");
    report.write_prof(std::env::temp_dir().join("tenfold-heat.prof"))?; // for pstats and snakeviz
    // ANCHOR_END: session

    // The least of the calls of each: what a busy machine adds falls on any function.
    let [evolve, copy] = ["evolve", "copy"].map(|name| report.function(name).expect("it ran"));
    assert!(evolve.calls() == STEPS as u64 && evolve.min_ns() > copy.min_ns());
    assert!(report.pareto().is_some_and(|most| most.all == 3));
    assert!(u[SIDE / 2][SIDE / 2] > 60.0 && u[0][0] == 20.0);
    Ok(())
}
