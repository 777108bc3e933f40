//! Measure before you change: `timeit` with honest statistics.
//!
//! This replaces Python's `timeit` module and IPython's `%timeit`. It is not for comparing two
//! programs over weeks (use a benchmark harness with a history) nor, yet, for finding out *where*
//! the time goes.
//!
//! ```
//! use tenfold_profile::timeit;
//!
//! let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
//! let timing = timeit(|| numbers.iter().sum::<f64>());
//!
//! println!("{timing}"); // 741 ns ± 6.2 ns per loop (min 735 ns, median ..
//! assert!(timing.wall_ns().min > 0.0);
//! assert!(timing.samples().len() >= 5);
//! ```
//!
//! # Overview
//! [`timeit`] takes a closure and gives a [`Timing`]: a list of [`Sample`]s, each of so many loops
//! that it is long against the clock. [`Timeit`] is the same with knobs, and takes single samples
//! for those who build a harness. [`Stats`] holds minimum, median, MAD, mean and standard
//! deviation. Interference only ever adds time, so the **minimum** of the clean samples is the
//! figure closest to the code itself, and the median is what to expect.
//!
//! Each sample carries its own witness: wall time, CPU time, and the **run delay**, the time in
//! which it was ready to run and something else had the core. [`Sample::is_clean`] reads it.
//!
//! # Cost
//! Per sample: two reads of the wall clock (about 25 ns each) inside, two reads of a CPU clock
//! (about 0.5 µs) and of the scheduler's statistics (some µs; on Linux a file in `/proc`) outside.
//! Per loop: a [`black_box`](std::hint::black_box) of the result, and dropping it.
//!
//! # Features
//! None. CPU clocks need Unix and the run delay needs Linux; elsewhere both are `None`.

#![forbid(unsafe_code)]

mod clock;
mod sample;
mod stats;
mod timeit;
mod timing;

pub use sample::{Sample, Scope};
pub use stats::Stats;
pub use timeit::{Timeit, timeit};
pub use timing::Timing;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
