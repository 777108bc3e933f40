//! The length of the longest common subsequence of two strings.
//!
//! Not in the course, but the usual next step after its exercises on caching: a recursion with two
//! arguments. Strings of four letters are drawn from SplitMix64. One pair is short enough for the
//! plain recursion (about ten million calls); 200 letters each are for the rungs that remember.
//!
//! An operation is one cell of the table that dynamic programming fills: the product of the
//! lengths, for every rung alike. Plain recursion comes to most cells thousands of times, which
//! shows as thousands of times the time per cell.
//!
//! **Check**: equality; where `naive` would take forever, with a table filled cell by cell when
//! the problem is drawn.

mod memo;
mod naive;
mod problem;
mod threads;
mod tuned;

pub use problem::Problem;

use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Lcs;

impl Workload for Lcs {
    type Input = Problem;
    type Output = u32;

    const NAME: &'static str = "lcs";
    const ABOUT: &'static str = "longest common subsequence: recursion against a table";
    const UNIT: &'static str = "cell";
    const RUNGS: &'static [Rung<Problem, u32>] = &[
        rung!(naive).unless(Problem::too_long),
        rung!(tuned),
        rung!(threads).on_all_cores().unless(Problem::too_long),
        rung!(memo).unless(Problem::too_deep),
    ];

    fn problems(size: Size) -> Vec<Problem> {
        match size {
            Size::S => vec![Problem::draw(12)],
            Size::M => vec![Problem::draw(14), Problem::draw(100)],
            Size::L => vec![Problem::draw(20), Problem::draw(2000)],
            Size::Course => vec![Problem::draw(18), Problem::draw(200)],
        }
    }

    fn label(problem: &Problem) -> String {
        format!("{}x{} letters", problem.a().len(), problem.b().len())
    }

    fn ops(problem: &Problem) -> f64 {
        (problem.a().len() * problem.b().len()) as f64
    }

    fn digest(output: &u32) -> Vec<f64> {
        vec![f64::from(*output)]
    }

    fn check(_: &Problem, reference: &u32, got: &u32) -> Result<f64, String> {
        crate::check::equal(reference, got)
    }

    fn known(problem: &Problem) -> Option<u32> {
        problem.known()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{Lcs, Problem};
    use crate::{Workload, ladder::agree};

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Lcs>();
        agree::on::<Lcs>(&Problem::draw(200));
    }

    /// Rows of whole words of bits, and of one cell less and more.
    #[test]
    fn rungs_agree_about_rows_of_words() {
        for n in [63, 64, 65, 127, 128, 129] {
            agree::on::<Lcs>(&Problem::draw(n));
        }
    }

    fn every_rung_gives(a: &str, b: &str, expected: u32) {
        let problem = Problem::new(a.into(), b.into());
        agree::on::<Lcs>(&problem);
        assert_eq!(Lcs::RUNGS[1].run.unwrap()(&problem), expected, "{a:?} and {b:?}");
    }

    /// The first is Cormen et al., "Introduction to Algorithms", figure 15.8: BCBA.
    #[test]
    fn known_strings() {
        every_rung_gives("ABCBDAB", "BDCABA", 4);
        every_rung_gives("AGGTAB", "GXTXAYB", 4);
        every_rung_gives("", "", 0);
        every_rung_gives("abc", "", 0);
        every_rung_gives("", "abc", 0);
        every_rung_gives("same", "same", 4);
        every_rung_gives("abc", "xyz", 0);
    }

    /// The longest of all subsequences of `a` that `b` contains in order.
    fn brute_force(a: &[u8], b: &[u8]) -> u32 {
        let common = |chosen: &u32| {
            let letters = (0..a.len()).filter(|i| chosen >> i & 1 == 1).map(|i| a[i]);
            let mut rest = b.iter();
            letters.into_iter().all(|letter| rest.any(|&other| other == letter))
        };
        (0..1_u32 << a.len()).filter(common).map(u32::count_ones).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn any_strings(a in vec(b'a'..=b'd', 0..9), b in vec(b'a'..=b'd', 0..9)) {
            let expected = brute_force(&a, &b);
            let problem = Problem::new(a, b);
            agree::on::<Lcs>(&problem);
            prop_assert_eq!(Lcs::RUNGS[0].run.unwrap()(&problem), expected);
        }
    }
}
