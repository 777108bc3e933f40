//! What a device has done.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::kept::Uses;
use crate::pool::PoolStats;

/// What a device has done since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceStats {
    /// Compiled kernels that are kept by their text: the 1024 that were used last, or fewer. Up to 1024 each are
    /// kept by call, by name and by expression, too; those that are kept by no text any more are not counted here.
    pub programs: usize,
    /// Kernels that were there when they were asked for.
    pub program_hits: u64,
    /// Kernels that were compiled.
    pub program_misses: u64,
    /// Kernels that were let go for others.
    pub program_evictions: u64,
    /// Runs of kernels.
    pub dispatches: u64,
    /// Copies from one array to another, and arrays that were set to 0.
    pub copies: u64,
    /// How often work was handed over; each costs some ten microseconds.
    pub submissions: u64,
    /// Bytes that were uploaded.
    pub uploaded_bytes: u64,
    /// Bytes that were read.
    pub read_bytes: u64,
    /// Bytes of the host's memory, beside that of arrays, by which they go up and come back: 40 MiB at most for
    /// the way up, and for the way back what is read now and up to 256 MiB that are kept.
    pub staging_bytes: u64,
    /// Memory.
    pub memory: PoolStats,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) dispatches: AtomicU64,
    pub(crate) copies: AtomicU64,
    pub(crate) submissions: AtomicU64,
    pub(crate) uploaded_bytes: AtomicU64,
    pub(crate) read_bytes: AtomicU64,
}

impl Counters {
    pub(crate) fn read(
        &self,
        (programs, uses): (usize, Uses),
        staging_bytes: u64,
        memory: PoolStats,
    ) -> DeviceStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        DeviceStats {
            programs,
            program_hits: uses.hits,
            program_misses: uses.misses,
            program_evictions: uses.evictions,
            dispatches: read(&self.dispatches),
            copies: read(&self.copies),
            submissions: read(&self.submissions),
            uploaded_bytes: read(&self.uploaded_bytes),
            read_bytes: read(&self.read_bytes),
            staging_bytes,
            memory,
        }
    }
}
