//! Random programs: as the model says, and as on threads.

#[path = "../../../comm/tests/integration/program.rs"]
mod program;

use crate::job::says;

const SEED: u64 = 1;

/// Runs the first programs of the seed on threads here, and then on so many processes.
fn agree(ranks: usize, count: u64) {
    let run = |world: &_| program::run(world, SEED, 0..count);
    let sums = tenfold_comm::World::threads(ranks).run(run).expect("threads do as the model says");
    let line = format!("{count} programs of seed {SEED} on {ranks} ranks: {:016x}", sums[0]);
    let text = says(ranks, "model", &[&count.to_string(), &SEED.to_string()], true);
    assert!(text.contains(&line), "threads say {line}\n{text}");
}

#[test]
fn random_programs() {
    for ranks in 1..=4 {
        agree(ranks, 100);
    }
}

#[test]
#[ignore = "long: minutes unless optimised"]
fn ten_thousand_random_programs() {
    for ranks in 1..=4 {
        agree(ranks, 10_000);
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    for (arguments, message) in [
        (&["-1"][..], "COUNT is `-1`, expected a whole number"),
        (&["1", "x"], "SEED is `x`, expected a whole number"),
        (&["1", "1", ""], "FIRST is ``, expected a whole number"),
        (&["2", "1", "18446744073709551615"], "FIRST and COUNT are more than a number holds"),
        (&["1", "1", "1", "1"], "COUNT, SEED and FIRST are all"),
    ] {
        let text = says(1, "model", arguments, false);
        assert!(text.contains(message), "{arguments:?} does not say {message:?}:\n{text}");
    }
}
