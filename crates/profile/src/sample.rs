//! One sample: so many loops, timed as one, with its witness.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::clock;

/// Whose CPU time and run delay a sample carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The calling thread's: for code on one core.
    #[default]
    Thread,
    /// All threads' of the process: for code that uses a thread pool.
    Process,
}

/// `loops` runs of a closure, timed as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sample {
    /// How often the closure ran; at least 1.
    pub loops: u64,
    /// Wall time of all loops together.
    pub wall: Duration,
    /// CPU time of all loops together, of the thread or of the process; `None` if unknown.
    pub cpu: Option<Duration>,
    /// Time spent ready to run while something else had the core, summed over the threads of the
    /// scope; `None` if unknown.
    pub run_delay: Option<Duration>,
}

impl Sample {
    /// The share of run delay above which a sample counts as disturbed.
    pub const DISTURBED: f64 = 0.02;

    /// A sample that was taken elsewhere, as by another process. 0 `loops` count as 1.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use tenfold_profile::Sample;
    ///
    /// let sample = Sample::from_parts(4, Duration::from_micros(2), None, None);
    /// assert_eq!(sample.wall_ns(), 500.0);
    /// assert!(sample.is_clean());
    /// ```
    #[must_use]
    pub fn from_parts(
        loops: u64,
        wall: Duration,
        cpu: Option<Duration>,
        run_delay: Option<Duration>,
    ) -> Self {
        Self { loops: loops.max(1), wall, cpu, run_delay }
    }

    /// Runs `f` `loops` times (0 counts as 1) and times it.
    pub(crate) fn take<R>(scope: Scope, loops: u64, mut f: impl FnMut() -> R) -> Self {
        let loops = loops.max(1);
        let delay = clock::run_delay(scope);
        let cpu = clock::cpu(scope);
        let start = Instant::now();
        for _ in 0..loops {
            black_box(f());
        }
        let wall = start.elapsed();
        Self {
            loops,
            wall,
            cpu: since(cpu, clock::cpu(scope)),
            run_delay: since(delay, clock::run_delay(scope)),
        }
    }

    /// Wall time of one loop, in nanoseconds.
    #[must_use]
    pub fn wall_ns(&self) -> f64 {
        per_loop(self.wall, self.loops)
    }

    /// CPU time of one loop, in nanoseconds.
    #[must_use]
    pub fn cpu_ns(&self) -> Option<f64> {
        self.cpu.map(|cpu| per_loop(cpu, self.loops))
    }

    /// The share of the time in which the sample's threads wanted a core and had none:
    /// run delay / (run delay + CPU time), from 0 to 1. `None` if unknown.
    #[must_use]
    pub fn disturbance(&self) -> Option<f64> {
        let delay = self.run_delay?.as_secs_f64();
        let wanted = delay + self.cpu?.as_secs_f64();
        Some(if wanted > 0.0 { delay / wanted } else { 0.0 })
    }

    /// Whether the witness saw no more than 2 % ([`DISTURBED`](Self::DISTURBED)) of disturbance.
    /// A sample without a witness counts as clean: nothing speaks against it.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.disturbance().is_none_or(|share| share <= Self::DISTURBED)
    }
}

#[expect(clippy::cast_precision_loss, reason = "loops stay far below 2^53")]
fn per_loop(total: Duration, loops: u64) -> f64 {
    total.as_secs_f64() * 1e9 / loops as f64
}

/// Saturating, because the sum over threads falls when a thread ends.
fn since(before: Option<Duration>, after: Option<Duration>) -> Option<Duration> {
    Some(after?.saturating_sub(before?))
}
