//! Random programs, on threads.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tenfold_comm::World;

use crate::program::{self, Program};
use crate::watchdog::in_time;

fn run(size: usize, program: &Program) {
    let sums = World::threads(size).run(|world| program.run(world)).unwrap();
    assert!(sums.iter().all(|sum| *sum == sums[0]), "{sums:?}");
}

fn programs(cases: u32) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let check = |(size, program): (usize, Program)| {
        run(size, &program);
        Ok(())
    };
    runner.run(&(1..6_usize, program::program()), check).unwrap();
}

#[test]
fn random_programs() {
    in_time("random programs", || programs(100));
}

#[test]
#[ignore = "long: minutes unless optimised"]
fn ten_thousand_random_programs() {
    programs(10_000);
}

/// As processes need, which cannot hand programs to each other.
#[test]
fn a_seed_stands_for_the_same_programs() {
    in_time("programs of a seed", || {
        let sum = |seed, numbers: std::ops::Range<u64>| {
            let run = |world: &_| program::run(world, seed, numbers.clone());
            World::threads(3).run(run).unwrap()[0]
        };
        let first = sum(1, 0..4);
        assert_eq!(sum(1, 0..4), first);
        assert!([sum(2, 0..4), sum(1, 0..3), sum(1, 1..5)].iter().all(|other| *other != first));
    });
}
