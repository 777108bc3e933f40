//! Random programs: as the model says, and as on threads.

#[path = "../../../comm/tests/integration/program.rs"]
mod program;

use std::ops::Range;

use crate::job::says;

const SEED: u64 = 1;

/// Runs some programs of the seed on threads here, and then on so many processes.
fn agree(ranks: usize, numbers: Range<u64>) {
    let Range { start: first, end } = numbers;
    let count = end - first;
    let run = |world: &_| program::run(world, SEED, first..end);
    let sums = tenfold_comm::World::threads(ranks).run(run).expect("threads do as the model says");
    let line = format!("{count} programs of seed {SEED} on {ranks} ranks: {:016x}", sums[0]);
    let arguments = [count, SEED, first].map(|number| number.to_string());
    let text = says(ranks, "model", &arguments.each_ref().map(String::as_str), true);
    assert!(text.contains(&line), "from {first}: threads say {line}\n{text}");
}

#[test]
fn random_programs() {
    for ranks in 1..=4 {
        agree(ranks, 0..100);
    }
}

/// In jobs that end in time, also on busy cores.
#[test]
#[ignore = "long: minutes unless optimised"]
fn ten_thousand_random_programs() {
    for ranks in 1..=4 {
        for thousand in 0..10 {
            agree(ranks, thousand * 1000..(thousand + 1) * 1000);
        }
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
