//! Ladders with a known fault, to test the harness against itself.
//!
//! `planted` is sound, `planted-slow` does 5 % more work in its `tuned` rungs, and
//! `planted-wrong` has rungs that are wrong in the ways in which rungs are wrong. They are built
//! with the feature `planted` only; `cargo xtask trial` and the tests run them.

use std::hint::black_box;

use tenfold_benches::ladder::{heat, pi};
use tenfold_benches::{Rung, Size, Workload};

/// A workload whose problems have a small companion: `PERCENT` % of the work, done in addition.
pub(crate) trait Extra: Workload {
    fn extra(input: &Self::Input, percent: usize) -> Self::Input;
}

impl Extra for pi::Pi {
    fn extra(input: &pi::Points, percent: usize) -> pi::Points {
        pi::Points { n: input.n * percent as u64 / 100, ..*input }
    }
}

impl Extra for heat::Heat {
    fn extra(input: &heat::Problem, percent: usize) -> heat::Problem {
        heat::Problem { steps: input.steps * percent / 100, ..input.clone() }
    }
}

/// The workload `W`, whose `tuned` rung does `PERCENT` % more than it must.
pub(crate) struct Slowed<W, const PERCENT: usize>(pub(crate) W);

/// A problem and its companion.
pub(crate) struct Pair<I> {
    problem: I,
    companion: I,
}

impl<W: Extra + 'static, const PERCENT: usize> Workload for Slowed<W, PERCENT> {
    type Input = Pair<W::Input>;
    type Output = W::Output;

    const NAME: &'static str = W::NAME;
    const ABOUT: &'static str = W::ABOUT;
    const UNIT: &'static str = W::UNIT;
    const RUNGS: &'static [Rung<Self::Input, Self::Output>] = &[
        Rung::new("naive", "", |pair| rung::<W>("naive")(&pair.problem)),
        Rung::new("tuned", "", |pair| {
            if PERCENT > 0 {
                black_box(rung::<W>("tuned")(&pair.companion));
            }
            rung::<W>("tuned")(&pair.problem)
        }),
    ];

    fn problems(size: Size) -> Vec<Self::Input> {
        let pair = |problem| Pair { companion: W::extra(&problem, PERCENT), problem };
        // One problem is enough for a trial.
        W::problems(size).into_iter().take(1).map(pair).collect()
    }
    fn label(pair: &Self::Input) -> String {
        W::label(&pair.problem)
    }
    fn ops(pair: &Self::Input) -> f64 {
        W::ops(&pair.problem)
    }
    fn check(pair: &Self::Input, reference: &W::Output, got: &W::Output) -> Result<f64, String> {
        W::check(&pair.problem, reference, got)
    }
}

/// The function of the real ladder's rung.
fn rung<W: Workload>(name: &str) -> fn(&W::Input) -> W::Output {
    let rung = W::RUNGS.iter().find(|rung| rung.name == name);
    rung.and_then(|rung| rung.run.ok()).expect("the ladder has naive and tuned everywhere")
}
