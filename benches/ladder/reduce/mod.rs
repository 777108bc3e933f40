//! What climate scientists ask first: how far is each number from the mean of its column, over a file that is four
//! times as large as the memory one has.
//!
//! Not in the course as such, but its chapter on Dask ends there: rows are days, columns are places. Asked are, of
//! x - x.mean(0), the mean of each row, the standard deviation and the maximum. An operation is one number of the file.
//!
//! The file lies in the system's folder for temporary files and is drawn when the first rung wants it. Its pages are in
//! the cache, so that rungs are compared, not disks.
//!
//! **Check**: the largest difference, relative where the number is larger than 1, at most 1e-11. The largest sum, that
//! of the squares, has 1.3e8 terms. Their rounding errors do not all have one sign, so that two orders are some
//! sqrt(n) eps = 2.6e-12 apart, while dividing by n - 1 instead of n is 4e-9 off.

mod array;
mod naive;
mod problem;
mod tuned;

pub use problem::Problem;

use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Reduce;

/// What is asked of the anomalies.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The mean of each row.
    pub means: Vec<f64>,
    /// The standard deviation of all.
    pub deviation: f64,
    /// The largest.
    pub largest: f64,
}

impl Summary {
    fn numbers(&self) -> Vec<f64> {
        [&self.means[..], &[self.deviation, self.largest]].concat()
    }
}

impl Workload for Reduce {
    type Input = Problem;
    type Output = Summary;

    const NAME: &'static str = "reduce";
    const ABOUT: &'static str = "anomalies of a file that is four times the memory cap";
    const UNIT: &'static str = "number";
    /// A sum for the column; a difference, two sums, a product and a comparison.
    const FLOPS: f64 = 6.0;
    /// It is read twice: no anomaly is known before the last row.
    const BYTES: f64 = 16.0;
    const RUNGS: &'static [Rung<Problem, Summary>] = &[
        rung!(naive).unless(Problem::missing),
        rung!(tuned).unless(Problem::missing),
        rung!(array).on_all_cores().unless(Problem::missing),
    ];

    fn problems(size: Size) -> Vec<Problem> {
        match size {
            Size::S => vec![Problem::new(1024, 1280)],
            Size::M => vec![Problem::new(4096, 2048)],
            Size::L => vec![Problem::new(32768, 4096)],
            Size::Course => vec![Problem::new(16384, 2048)],
        }
    }

    fn label(problem: &Problem) -> String {
        let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
        let (rows, cols) = (problem.rows(), problem.cols());
        format!("{rows}x{cols}, {} of {} MiB", mib(problem.cap()), mib(problem.bytes()))
    }

    fn ops(problem: &Problem) -> f64 {
        (problem.rows() * problem.cols()) as f64
    }

    fn digest(summary: &Summary) -> Vec<f64> {
        vec![summary.deviation, summary.largest]
    }

    fn check(_: &Problem, reference: &Summary, got: &Summary) -> Result<f64, String> {
        crate::check::largest_relative(&reference.numbers(), &got.numbers(), 1e-11)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Problem, Reduce, array, naive};
    use crate::Workload;
    use crate::ladder::agree;

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Reduce>();
        for (rows, cols) in [(1, 1), (1, 700), (700, 1), (129, 33), (3, 70_000)] {
            agree::on::<Reduce>(&Problem::new(rows, cols));
        }
    }

    /// Anomalies of numbers that are all drawn from one distribution: no mean, and that distribution's deviation.
    #[test]
    fn numbers_are_those_of_the_distribution() {
        let summary = naive::run(&Problem::new(1000, 400));
        // Uniform of width 10: its variance is 100 / 12, that of a mean of 400 is a 400th of it.
        assert!((summary.deviation - 10.0 / 12.0_f64.sqrt()).abs() < 0.02);
        assert!((4.9..5.5).contains(&summary.largest));
        let wide = summary.means.iter().filter(|mean| mean.abs() > 2.0 * 10.0 / 4800.0_f64.sqrt());
        assert!(wide.count() < 100, "some 5 % are beyond two deviations");
    }

    /// The file takes four times as much, so that it is never held; and the parts of a window neither.
    #[test]
    fn the_array_rung_keeps_to_its_cap() {
        const ALONE: &str = "TENFOLD_REDUCE_ALONE";
        if std::env::var_os(ALONE).is_none() {
            // What other tests take at the same time is not to be seen, so the rung has a process of its own.
            let name = "ladder::reduce::tests::the_array_rung_keeps_to_its_cap";
            let mut own = Command::new(std::env::current_exe().unwrap());
            let ran = own.args(["--exact", name]).env(ALONE, "1").output().unwrap();
            let said = String::from_utf8_lossy(&ran.stdout);
            assert!(ran.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        let problem = Problem::new(16384, 1024);
        assert_eq!(Problem::missing(&problem), None);
        let Some((before, _)) = memory() else {
            println!("skipped: the peak of memory: this system does not tell it");
            return;
        };
        let got = array::run(&problem);
        let (_, peak) = memory().unwrap();
        assert!(peak - before <= problem.cap(), "{} over the cap", peak - before - problem.cap());
        assert!(Reduce::check(&problem, &naive::run(&problem), &got).is_ok());
    }

    /// What the process takes now, and its most, in bytes.
    fn memory() -> Option<(usize, usize)> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let kib = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<usize>().ok()
        };
        Some((kib("VmRSS:")? << 10, kib("VmHWM:")? << 10))
    }
}
