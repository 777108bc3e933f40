//! How much is remembered, and for how long.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a shard holds at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) entries: Option<usize>,
    pub(crate) bytes: Option<u64>,
    pub(crate) timed: bool,
}

impl Limits {
    /// Whether an entry has bytes or a time of its own.
    pub(crate) fn has_extras(&self) -> bool {
        self.bytes.is_some() || self.timed
    }

    /// Of one of several shards, which all together hold what was asked for.
    pub(crate) fn of_shard(&self, index: usize, shards: usize) -> Self {
        let (at, count) = (index as u64, shards as u64);
        Self {
            entries: self.entries.map(|all| all / shards + usize::from(index < all % shards)),
            bytes: self.bytes.map(|all| all / count + u64::from(at < all % count)),
            timed: self.timed,
        }
    }
}

/// How long an answer is good for, and by which clock.
#[derive(Clone)]
pub(crate) struct Lifetime {
    ttl_ns: u64,
    clock: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Lifetime {
    pub(crate) fn new(
        ttl: Duration,
        clock: Option<Arc<dyn Fn() -> Duration + Send + Sync>>,
    ) -> Self {
        let steady = || {
            let start = Instant::now();
            Arc::new(move || start.elapsed()) as Arc<dyn Fn() -> Duration + Send + Sync>
        };
        Self { ttl_ns: nanoseconds(ttl), clock: clock.unwrap_or_else(steady) }
    }

    pub(crate) fn now_ns(&self) -> u64 {
        nanoseconds((self.clock)())
    }

    pub(crate) fn ttl_ns(&self) -> u64 {
        self.ttl_ns
    }
}

impl fmt::Debug for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifetime").field("ttl_ns", &self.ttl_ns).finish_non_exhaustive()
    }
}

/// 2^64 ns are 584 years; `u64::MAX` itself is never.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).min(u64::MAX - 1)
}
