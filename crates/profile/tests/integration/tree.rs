//! The call tree: what is counted, and where it stands.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod recursion;
mod sampled;
mod threads;

use std::panic::{AssertUnwindSafe, catch_unwind};

use tenfold_profile::{profile, scope};

use crate::{calls, record, some_try, spin};

#[profile]
fn leaf() -> u64 {
    spin(200)
}

#[profile]
fn parse(text: &str) -> Result<u64, std::num::ParseIntError> {
    scope!("digits");
    let number: u64 = text.parse()?;
    scope!("after the digits");
    Ok(number + leaf())
}

#[test]
fn a_scope_is_left_by_every_way_out() {
    fn early(n: u64) -> u64 {
        scope!("early");
        if n == 0 {
            return leaf();
        }
        'outer: for i in 0.. {
            scope!("turn");
            for _ in 0..2 {
                scope!("inner turn");
                if i == n {
                    break 'outer;
                }
                if i % 2 == 0 {
                    continue 'outer;
                }
            }
        }
        1
    }
    let report = record(|| {
        early(0);
        early(3);
        parse("12").unwrap();
        parse("x").unwrap_err();
    });
    let counts = ["early", "turn", "inner turn", "parse", "digits", "after the digits", "leaf"];
    let counts = counts.map(|name| calls(&report, name).0);
    // Turns 0 to 3: an even one has one inner turn, 1 has two, 3 has one.
    assert_eq!(counts, [2, 4, 5, 2, 2, 1, 2], "{report}");
    assert!(report.functions().iter().all(|f| f.open_calls() == 0), "{report}");
}

#[test]
fn a_panic_leaves_its_scopes() {
    #[profile]
    fn fails(deep: u32) -> u32 {
        if deep == 0 { panic!("planted") } else { fails(deep - 1) }
    }
    let report = record(|| {
        scope!("outside");
        let caught = catch_unwind(AssertUnwindSafe(|| {
            scope!("inside");
            fails(3)
        }));
        assert!(caught.is_err());
        // What comes after stands below `outside`, not below what panicked.
        leaf();
    });
    assert_eq!(calls(&report, "fails"), (4, 1));
    assert_eq!(calls(&report, "inside"), (1, 1));
    assert_eq!(callers(&report, "leaf"), ["outside"]);
    assert!(report.functions().iter().all(|f| f.open_calls() == 0), "{report}");
}

/// Who called a function, by the report's own table.
fn callers(report: &tenfold_profile::Report, name: &str) -> Vec<String> {
    let text = report.stats().strip(true).callers(true).to_string();
    let head = format!("{name}) was called by:");
    let lines = text.lines().skip_while(|line| !line.ends_with(&head)).skip(2);
    let lines = lines.take_while(|line| !line.is_empty());
    let name = |line: &str| line.rsplit_once('(').unwrap().1.trim_end_matches(')').to_owned();
    let mut found: Vec<String> = lines.map(name).collect();
    found.sort();
    found
}

struct Solver {
    steps: u64,
}

trait Run {
    fn run(&mut self) -> u64;

    #[profile]
    fn twice(&mut self) -> u64 {
        self.run() + self.run()
    }
}

#[profile]
impl Solver {
    fn new() -> Self {
        Self { steps: 0 }
    }

    fn step<const N: usize, T: Copy + Into<u64>>(&mut self, by: T) -> u64 {
        self.steps += by.into() * N as u64;
        spin(100)
    }

    #[profile(skip)]
    const fn steps(&self) -> u64 {
        self.steps
    }
}

#[profile]
impl Run for Solver {
    fn run(&mut self) -> u64 {
        self.step::<2, u8>(3)
    }
}

#[test]
fn methods_of_blocks_have_their_types_names() {
    let report = record(|| {
        let mut solver = Solver::new();
        assert!(solver.twice() > 0 && solver.step::<1, u32>(1) > 0);
        assert_eq!(solver.steps(), 13);
    });
    assert_eq!(calls(&report, "Solver::new"), (1, 1));
    assert_eq!(calls(&report, "Solver::step"), (3, 3));
    let names: Vec<&str> = report.functions().iter().map(|f| f.name()).collect();
    assert!(
        names.iter().any(|n| n.contains("Solver as ") && n.ends_with("Run>::run")),
        "{names:?}"
    );
    assert!(names.iter().any(|n| n.ends_with("Run::twice")), "{names:?}");
    assert_eq!(names.len(), 4);
    let new = report.function("Solver::new").unwrap();
    assert!(new.file().ends_with("tests/integration/tree.rs") && !new.is_scope());
    let source = include_str!("tree.rs").lines().nth(new.line() as usize - 1).unwrap();
    assert_eq!(source.trim(), "fn new() -> Self {");
}

#[test]
fn scopes_are_expressions_and_closures_too() {
    let report = record(|| {
        let sum: u64 = (0..5).map(|i| scope!("square", i * i)).sum();
        assert_eq!(sum, 30);
        let halve = |x: u64| {
            scope!("halve");
            x / 2
        };
        assert_eq!(scope!("halves", halve(4) + halve(6)), 5);
    });
    assert_eq!(["square", "halve", "halves"].map(|name| calls(&report, name).0), [5, 2, 1]);
}

#[test]
fn a_label_may_have_any_name() {
    const SITE: &str = "a constant";
    const fn here() -> &'static str {
        "a function"
    }
    let report = record(|| {
        scope!(SITE);
        scope!(here());
    });
    assert_eq!([SITE, here()].map(|name| calls(&report, name).0), [1, 1]);
}

#[test]
fn self_times_add_up_to_the_root() {
    #[profile]
    fn middle() -> u64 {
        spin(3_000) + leaf() + leaf()
    }
    let report = record(|| {
        scope!("root");
        for _ in 0..2_000 {
            middle();
        }
    });
    let root = report.function("root").unwrap().total_ns();
    let sum: f64 = report.functions().iter().map(|f| f.self_ns()).sum();
    assert!((sum / root - 1.0).abs() < 0.01, "{sum} of {root}\n{report}");
}

#[test]
fn a_known_split_is_found() {
    #[profile]
    fn most() -> u64 {
        spin(1_800)
    }
    #[profile]
    fn rest() -> u64 {
        spin(200)
    }
    // So short that the host seldom takes the core away in the middle, and with several tries.
    let share = || {
        let report = record(|| (0..100).map(|_| most() ^ rest()).fold(0, u64::wrapping_add));
        let pareto = report.pareto().unwrap();
        assert!(pareto.all == 2 && pareto.share >= 0.9, "{pareto}");
        report.function("most").unwrap().self_ns() / report.total_ns()
    };
    some_try(share, |share| (share - 0.9).abs() < 0.02);
}

#[test]
fn what_is_too_short_is_marked_and_named() {
    #[profile]
    fn nothing() {}
    let report = record(|| {
        (0..1_000_000).for_each(|_| nothing());
        leaf();
        scope!("long", spin(100_000));
    });
    assert!(report.function("nothing").unwrap().is_distorted());
    assert!(!report.function("long").unwrap().is_distorted());
    let diagnosis = report.diagnosis().join("\n");
    assert!(diagnosis.contains("distorted") && diagnosis.contains("nothing`"), "{diagnosis}");
    assert!(report.to_string().contains('!'), "{report}");
}

#[test]
fn what_recording_costs_is_in_no_figure() {
    #[profile]
    fn tiny() -> u64 {
        spin(1)
    }
    let plain = |rounds: u64| (0..rounds).map(|_| spin(1)).fold(0, u64::wrapping_add);
    // The same work with and without scopes inside: how much more, as a part of what recording takes.
    let wrong = || {
        let report = record(|| {
            for _ in 0..20 {
                scope!("with", (0..20_000).map(|_| tiny()).fold(0, u64::wrapping_add));
                scope!("without", plain(20_000));
            }
        });
        let min = |name: &str| report.function(name).unwrap().min_ns().unwrap();
        let (_, overhead) = report.overhead_ns();
        (min("with") - min("without")) / (20_000.0 * overhead)
    };
    // Not optimised, what is inlined into the caller costs some more than what is measured.
    some_try(wrong, |wrong| wrong.abs() < 1.0);
}
