//! Fibonacci numbers by plain recursion, and by thinking first.
//!
//! The course's example of caching (episode 2): fib(40). An operation is one call of the plain
//! recursion, of which fib(n) takes 2 fib(n + 1) - 1; a rung that needs fewer shows it as less
//! time per operation. `threads` shows that more cores do not make up for the better algorithm,
//! `memo` that the recursion need not be given up for it.
//!
//! **Check**: equality.

mod memo;
mod naive;
mod threads;
mod tuned;

use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Fib;

impl Workload for Fib {
    type Input = u32;
    type Output = u64;

    const NAME: &'static str = "fib";
    const ABOUT: &'static str = "Fibonacci numbers: plain recursion against a loop";
    const UNIT: &'static str = "call";
    const RUNGS: &'static [Rung<u32, u64>] =
        &[rung!(naive), rung!(tuned), rung!(threads).on_all_cores(), rung!(memo)];

    fn problems(size: Size) -> Vec<u32> {
        match size {
            Size::S => vec![22],
            Size::M => vec![30],
            Size::L => vec![43],
            Size::Course => vec![40],
        }
    }

    fn label(n: &u32) -> String {
        format!("fib({n})")
    }

    fn ops(n: &u32) -> f64 {
        (2 * tuned::run(&(n + 1)) - 1) as f64
    }

    fn digest(output: &u64) -> Vec<f64> {
        vec![*output as f64]
    }

    fn course(n: &u32) -> &'static [(&'static str, f64)] {
        let theirs = &[("the course's Python", 27.94), ("its lru_cache", 79.7e-6)];
        if *n == 40 { theirs } else { &[] }
    }

    fn check(_: &u32, reference: &u64, got: &u64) -> Result<f64, String> {
        crate::check::equal(reference, got)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fib, naive, tuned};
    use crate::{Workload, ladder::agree};

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Fib>();
        (0..20).for_each(|n| agree::on::<Fib>(&n));
    }

    /// OEIS A000045.
    #[test]
    fn gives_the_published_numbers() {
        let first = [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55];
        assert!((0..).zip(first).all(|(n, fib)| naive::run(&n) == fib));
        assert_eq!(tuned::run(&40), 102_334_155);
        assert_eq!(tuned::run(&93), 12_200_160_415_121_876_738);
    }

    #[test]
    fn an_operation_is_a_call() {
        fn calls(n: u32) -> u64 {
            if n < 2 { 1 } else { 1 + calls(n - 1) + calls(n - 2) }
        }
        assert!((0..20).all(|n| Fib::ops(&n) == calls(n) as f64));
    }
}
