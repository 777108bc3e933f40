//! How often each line runs.

#![allow(clippy::let_and_return, reason = "lines of all kinds are wanted")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use tenfold_profile::{Lines, Report, Session, profile};

use super::{all_hits, counted, hits, of, timed};
use crate::{alone, record};

#[rustfmt::skip]
mod functions {
    use super::profile;

    #[profile(lines)]
    pub(super) fn loops(n: u64) -> u64 {
        let mut sum = 0; // once
        for i in 0..n { // for
            if i % 3 == 0 { // if
                continue; // continue
            }
            if i == 8 { // second
                break; // break
            }
            sum += i; // add
        }
        while sum > 10 { // while
            sum -= 10; // sub
        }
        let mut stack = vec![1, 2, 3]; // stack
        while let Some(top) = stack.pop() { // pop
            sum += top; // top
        }
        loop { // loop
            sum += 1; // body
            if sum > 20 { // enough
                return sum; // return
            }
        }
    }

    #[profile(lines)]
    pub(super) fn parse(text: &str) -> Result<u64, std::num::ParseIntError> {
        let number: u64 = text.parse()?; // parse
        let Some(rest) = number.checked_sub(5) else { // checked
            return Ok(0); // small
        };
        Ok(rest) // tail
    }

    #[profile(lines)]
    pub(super) fn kind(x: i64) -> &'static str {
        let sign = match x { // match
            0 => "zero", // zero
            n if n < 0 => "negative", // negative
            1 | 2 => {
                let small = "small"; // small
                small // value
            }
            _ => "large", // large
        };
        if x == 0 { // first
            "none" // none
        } else if x < 0 { // elseif
            sign // sign
        } else {
            let text = sign; // other
            text // end
        }
    }

    #[profile(lines)]
    pub(super) fn closures(list: &[u64]) -> u64 {
        let twice = |x: u64| { // twice
            let y = 2 * x; // y
            y // closed
        };
        let once = |x: u64| { x + 1 }; // once
        let sum: u64 = list.iter().map(|x| twice(*x)).map(once).sum(); // sum
        list.iter() // chain
            .filter(|x| {
                let odd = *x % 2 == 1; // odd
                odd // is
            })
            .fold(sum, |a, b| a + b) // fold
    }

    #[profile(lines)]
    pub(super) fn fib(n: u64) -> u64 {
        if n < 2 { // if
            return n; // leaf
        }
        fib(n - 1) + fib(n - 2) // both
    }

    #[profile(lines)]
    pub(super) fn fails(at: u64) -> u64 {
        let mut i = 0; // begin
        loop { // loop
            i += 1; // i
            assert!(i < at, "planted"); // assert
        }
    }

    #[profile(lines)]
    pub(super) fn one() -> u64 { let a = 1; let b = 2; a + b } // one

    #[profile(lines)]
    pub(super) fn outer(n: u64) -> u64 {
        #[profile(lines)]
        fn inner(n: u64) -> u64 {
            let twice = 2 * n; // twice
            twice + 1 // more
        }
        let sum = inner(n); // call
        sum + inner(sum) // again
    }

    #[profile(lines)]
    pub(super) fn conditional() -> u64 {
        #[cfg(test)]
        let a = 1; // there
        #[cfg(not(test))]
        let a = missing(); // gone
        #[allow(unused_mut, reason = "an attribute")]
        let mut b = a; // allowed
        b // tail
    }
}
use functions::*;

fn same(report: &Report, function: &str, expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
    assert_eq!(all_hits(report, function), expected, "{report}");
}

#[test]
fn loops_count_their_headers_as_line_profiler_does() {
    let report = counted(|| assert_eq!(loops(12), 21));
    // 0 to 8 are asked for: 1 + 2 + 4 + 5 + 7 is 19.
    let expected = [
        ("once", 1),
        ("for", 9),
        ("if", 9),
        ("continue", 3),
        ("second", 6),
        ("break", 1),
        ("add", 5),
        ("while", 2),
        ("sub", 1),
        ("stack", 1),
        ("pop", 4),
        ("top", 3),
        ("loop", 1),
        ("body", 6),
        ("enough", 6),
        ("return", 1),
    ];
    same(&report, "loops", &expected);
}

#[test]
fn a_loop_of_no_turn_asks_once() {
    let report = counted(|| loops(0));
    assert_eq!((hits(&report, "loops", "for"), hits(&report, "loops", "add")), (1, 0));
}

#[test]
fn every_way_out_is_one() {
    let report = counted(|| {
        parse("x").unwrap_err();
        assert_eq!((parse("3"), parse("12"), parse("7")), (Ok(0), Ok(7), Ok(2)));
    });
    same(&report, "parse", &[("parse", 4), ("checked", 3), ("small", 1), ("tail", 2)]);
}

#[test]
fn arms_and_branches_are_lines() {
    let report = counted(|| {
        assert_eq!([0, -3, 1, 2, 9].map(kind), ["none", "negative", "small", "small", "large"]);
    });
    let expected = [
        ("match", 5),
        ("zero", 1),
        ("negative", 1),
        ("small", 2),
        ("value", 2),
        ("large", 1),
        ("first", 5),
        ("none", 1),
        ("elseif", 4),
        ("sign", 1),
        ("other", 3),
        ("end", 3),
    ];
    same(&report, "kind", &expected);
}

#[test]
fn closures_have_lines_of_their_own() {
    let report = counted(|| assert_eq!(closures(&[1, 2, 3]), 12 + 3 + 4));
    let expected = [
        ("twice", 1),
        ("y", 3),
        ("closed", 3),
        ("once", 1),
        ("sum", 1),
        ("chain", 1),
        ("odd", 3),
        ("is", 3),
        ("fold", 0),
    ];
    same(&report, "closures", &expected);
}

#[test]
fn recursion_counts_all_calls() {
    for report in [counted(|| fib(10)), timed(|| fib(10))] {
        same(&report, "fib", &[("if", 177), ("leaf", 89), ("both", 88)]);
        assert_eq!(report.function("fib").unwrap().calls(), 177);
    }
}

#[test]
fn threads_that_ended_are_counted() {
    let report = counted(|| {
        (0..10).for_each(|_| drop(thread::spawn(|| parse("7")).join()));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| drop(parse("7"))));
            }
        });
    });
    assert_eq!(hits(&report, "parse", "tail"), 4010);
}

#[test]
fn a_panic_leaves_the_lines_in_order() {
    let report = counted(|| {
        catch_unwind(AssertUnwindSafe(|| fails(3))).unwrap_err();
        catch_unwind(AssertUnwindSafe(|| fails(1))).unwrap_err();
    });
    same(&report, "fails", &[("begin", 2), ("loop", 2), ("i", 4), ("assert", 4)]);
}

#[test]
fn statements_on_one_line_are_one() {
    let report = counted(|| (0..5).map(|_| one()).sum::<u64>());
    let lines = of(&report, "one").lines;
    assert_eq!(lines.iter().map(|line| line.hits).collect::<Vec<_>>(), [Some(5)]);
    assert_eq!(lines[0].text, "{ let a = 1; let b = 2; a + b }");
}

/// What another macro has handed on has spans of its own.
#[test]
fn attributes_go_together() {
    let report = counted(|| outer(1));
    same(&report, "functions::outer", &[("twice", 0), ("more", 0), ("call", 1), ("again", 1)]);
    same(&report, "outer::inner", &[("twice", 2), ("more", 2)]);
}

#[test]
fn statements_that_are_not_there_have_no_hits() {
    let report = counted(conditional);
    let lines = all_hits(&report, "conditional");
    let names = ["there", "gone", "allowed", "tail"].map(str::to_owned);
    assert_eq!(lines, names.into_iter().zip([1, 0, 1, 1]).collect::<Vec<_>>());
}

struct Solver {
    steps: u64,
}

#[profile(lines)]
impl Solver {
    fn new() -> Self {
        Self { steps: 0 } // new
    }

    fn step<const N: usize, T: Copy + Into<u64>>(&mut self, by: T) -> u64 {
        for _ in 0..N {
            self.steps += by.into(); // step
        }
        self.steps
    }

    #[profile(sample = 2)]
    fn often(&self) -> u64 {
        self.steps
    }

    #[profile(skip)]
    const fn steps(&self) -> u64 {
        self.steps
    }
}

#[test]
fn blocks_have_the_lines_of_their_functions() {
    let report = counted(|| {
        let mut solver = Solver::new();
        assert_eq!((solver.step::<3, u8>(1), solver.step::<2, u32>(2)), (3, 7));
        assert_eq!(solver.steps(), solver.often());
    });
    let lines = report.lines().unwrap();
    let names: Vec<String> = lines.functions().into_iter().map(|f| f.name).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(hits(&report, "Solver::step", "step"), 5);
    assert_eq!(report.function("Solver::often").unwrap().calls(), 1);
    let step = of(&report, "Solver::step");
    assert!(step.file.ends_with("lines/hits.rs"), "{step:?}");
    let source = include_str!("hits.rs");
    for line in step.lines.iter().skip(1) {
        assert_eq!(source.lines().nth(line.number as usize - 1).unwrap().trim(), line.text.trim());
    }
}

#[test]
fn a_session_that_does_not_want_lines_has_none() {
    let report = record(|| fib(5));
    assert!(report.lines().is_none());
    assert_eq!(report.function("fib").unwrap().calls(), 15);
}

#[test]
fn nothing_is_counted_outside_of_sessions() {
    let _alone = alone();
    fib(5);
    for n in [3, 3] {
        let session = Session::builder().lines(Lines::Counts).start().unwrap();
        fib(n);
        let report = session.finish();
        fib(9);
        assert_eq!(hits(&report, "fib", "if"), 5);
    }
}

#[test]
fn a_call_that_outlives_its_session_is_none_of_the_next() {
    #[profile(lines)]
    fn outlives(sessions: &mut Vec<Session>, reports: &mut Vec<Report>) {
        for _ in 0..3 {
            let session = sessions.pop(); // pop
            reports.extend(session.map(Session::finish)); // finish
            let next = Session::builder().lines(Lines::Time).start().unwrap(); // start
            sessions.push(next); // push
        }
    }
    let _alone = alone();
    let (mut sessions, mut reports) = (vec![], vec![]);
    sessions.push(Session::builder().lines(Lines::Counts).start().unwrap());
    outlives(&mut sessions, &mut reports);
    assert_eq!(hits(&reports[0], "outlives", "finish"), 1);
    assert_eq!(hits(&reports[0], "outlives", "start"), 0);
    assert!(reports[1..].iter().all(|report| report.lines().unwrap().functions().is_empty()));
    let text = reports[1].to_string();
    assert!(text.contains("no function with `#[profile(lines)]` was entered"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn hits_are_what_a_counting_twin_says(list in proptest::collection::vec(0_u64..9, 0..40)) {
        #[profile(lines)]
        fn ours(list: &[u64]) -> u64 {
            let mut sum = 0;
            for x in list { // for
                match x {
                    0 => break, // zero
                    1..=3 => sum += 1, // few
                    _ => {
                        if x % 2 == 0 {
                            continue; // even
                        }
                        let mut y = *x;
                        while y > 0 { // while
                            y -= 1; // body
                        }
                    }
                }
            }
            sum
        }
        let (mut asked, mut few, mut even, mut odd, mut turns, mut zero) = (0, 0, 0, 0, 0, 0);
        for x in &list {
            asked += 1;
            match x {
                0 => { zero = 1; break }
                1..=3 => few += 1,
                x if x % 2 == 0 => even += 1,
                x => { odd += 1; turns += x }
            }
        }
        let report = counted(|| ours(&list));
        let found: Vec<u64> = all_hits(&report, "ours").into_iter().map(|(_, hits)| hits).collect();
        let end = u64::from(zero == 0);
        prop_assert_eq!(found, vec![asked + end, zero, few, even, turns + odd, turns]);
    }
}
