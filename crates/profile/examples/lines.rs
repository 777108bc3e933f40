//! Which lines of a small solver take its time: line_profiler's table, by counts, looks and the clock.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::hint::black_box;

use tenfold_profile::{Lines, Session, profile};

/// Jacobi's iteration for the heat in a rod whose ends are kept; how many sweeps it took.
#[profile(lines)]
fn solve(rod: &mut Vec<f64>, tolerance: f64) -> u32 {
    let mut next = rod.clone();
    let mut sweeps = 0;
    loop {
        let mut change = 0.0_f64;
        for i in 1..rod.len() - 1 {
            next[i] = mean(rod[i - 1], rod[i + 1]);
            change = change.max((next[i] - rod[i]).abs());
        }
        std::mem::swap(rod, &mut next);
        sweeps += 1;
        if change < tolerance {
            return sweeps;
        }
    }
}

/// More work than a mean is, so that a line stands out.
fn mean(a: f64, b: f64) -> f64 {
    let rounds = (0..40).fold(1.0, |x: f64, i| black_box(x + f64::from(i)));
    0.5 * (a + b) + 0.0 * rounds
}

fn main() -> Result<(), tenfold_profile::Error> {
    for lines in [Lines::Counts, Lines::Sample, Lines::Time] {
        let session = Session::builder().lines(lines).start()?;
        let mut rod = vec![0.0; 100];
        rod[0] = 1.0;
        let sweeps = solve(&mut rod, 2e-5);
        let report = session.finish();
        println!("{report}");

        let tables = report.lines().expect("the session wants lines");
        let solve = tables.function("solve").expect("solve ran");
        let hits = |text: &str| {
            let line = solve.lines.iter().find(|line| line.text.trim().starts_with(text));
            line.and_then(|line| line.hits)
        };
        assert_eq!(hits("sweeps += 1"), Some(u64::from(sweeps)));
        assert_eq!(hits("for i in"), Some(99 * u64::from(sweeps)));
        assert_eq!(hits("return"), Some(1));
    }
    Ok(())
}
