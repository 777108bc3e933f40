//! Taking samples: how many, how long, and after what warm-up.

use std::time::{Duration, Instant};

use crate::{Sample, Scope, Timing};

/// Times a closure: warms up, finds the number of loops that makes a sample long against the
/// clock, and takes 30 samples, or as many as fit into 2 s but at least 5.
///
/// For code that runs on one thread; [`Timeit::scope`] tells of code that uses more.
///
/// ```
/// let timing = tenfold_profile::timeit(|| (1..=20u64).product::<u64>());
/// assert!(timing.wall_ns().min > 0.0);
/// ```
pub fn timeit<R>(f: impl FnMut() -> R) -> Timing {
    Timeit::new().run(f)
}

/// [`timeit`](fn@timeit) of an expression.
///
/// ```
/// let timing = tenfold_profile::timeit!((1..=20u64).product::<u64>());
/// assert!(timing.wall_ns().min > 0.0);
/// ```
#[macro_export]
macro_rules! timeit {
    ($expression:expr) => {
        $crate::timeit(|| $expression)
    };
}

/// [`timeit`](fn@timeit) with knobs.
///
/// ```
/// use std::time::Duration;
/// use tenfold_profile::Timeit;
///
/// let timing = Timeit::new().samples(3).min_sample(Duration::from_micros(100)).run(|| 1 + 1);
/// assert_eq!(timing.samples().len(), 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeit {
    scope: Scope,
    warm_up: Duration,
    min_sample: Duration,
    samples: usize,
    max_time: Duration,
}

impl Default for Timeit {
    fn default() -> Self {
        Self::new()
    }
}

impl Timeit {
    /// After this many samples `max_time` may end the run.
    const ENOUGH: usize = 5;
    /// A closure that costs nothing must not loop forever.
    const MAX_LOOPS: u64 = 1 << 40;

    /// One thread, 20 ms of warm-up, samples of at least 5 ms, 30 samples, at most 2 s.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            scope: Scope::Thread,
            warm_up: Duration::from_millis(20),
            min_sample: Duration::from_millis(5),
            samples: 30,
            max_time: Duration::from_secs(2),
        }
    }

    /// Whose CPU time and run delay to read.
    #[must_use]
    pub const fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// How long to run before the first sample.
    #[must_use]
    pub const fn warm_up(mut self, warm_up: Duration) -> Self {
        self.warm_up = warm_up;
        self
    }

    /// How long a sample lasts at least. Zero makes every sample one loop.
    #[must_use]
    pub const fn min_sample(mut self, min_sample: Duration) -> Self {
        self.min_sample = min_sample;
        self
    }

    /// How many samples to take; 0 counts as 1.
    #[must_use]
    pub const fn samples(mut self, samples: usize) -> Self {
        self.samples = samples;
        self
    }

    /// After how long to stop taking samples, once there are 5.
    #[must_use]
    pub const fn max_time(mut self, max_time: Duration) -> Self {
        self.max_time = max_time;
        self
    }

    /// Warms up, finds the number of loops, and takes the samples.
    pub fn run<R>(&self, mut f: impl FnMut() -> R) -> Timing {
        let start = Instant::now();
        let loops = self.autorange(&mut f);
        while start.elapsed() < self.warm_up {
            self.sample(1, &mut f);
        }
        let mut samples = vec![self.sample(loops, &mut f)];
        let start = Instant::now();
        while samples.len() < self.samples
            && (samples.len() < Self::ENOUGH || start.elapsed() < self.max_time)
        {
            samples.push(self.sample(loops, &mut f));
        }
        Timing::new(samples)
    }

    /// How many loops make a sample of at least `min_sample`.
    ///
    /// Tries 1, then as many as the last try promises, but no more than 100 times it: a first
    /// call, with cold caches and fresh pages, promises too little.
    pub fn autorange<R>(&self, mut f: impl FnMut() -> R) -> u64 {
        let mut loops = 1;
        loop {
            let wall = self.sample(loops, &mut f).wall;
            if wall >= self.min_sample || loops >= Self::MAX_LOOPS {
                return loops;
            }
            loops = self.more_loops(loops, wall);
        }
    }

    /// The next try: a tenth more than the last one promises.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rough positive factor, clamped"
    )]
    fn more_loops(&self, loops: u64, wall: Duration) -> u64 {
        let promised = 1.1 * self.min_sample.as_secs_f64() / wall.as_secs_f64().max(1e-9);
        let next = loops as f64 * promised.clamp(1.1, 100.0);
        (next.ceil() as u64).clamp(loops + 1, Self::MAX_LOOPS)
    }

    /// Takes one sample of `loops` runs; 0 counts as 1. For those who order samples themselves,
    /// as a harness that alternates two sides does.
    pub fn sample<R>(&self, loops: u64, f: impl FnMut() -> R) -> Sample {
        Sample::take(self.scope, loops, f)
    }
}
