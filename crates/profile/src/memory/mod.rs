//! What is allocated, counted by a global allocator that wraps another.
//!
//! Bytes and blocks are counted in plain thread-local memory, so that counting costs what two
//! additions cost; what is live is one atomic of the process, which is exact and costs some
//! nanoseconds. Without a session that asked, all of it is one relaxed load and a branch.

mod allocator;
mod ledger;

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

pub use allocator::CountingAllocator;
pub(crate) use ledger::Block;

use crate::record::node::Node;

/// Whether a session counts.
static COUNTING: AtomicBool = AtomicBool::new(false);
/// Whether it also keeps a list of the blocks that are live.
static LISTING: AtomicBool = AtomicBool::new(false);
/// Bytes allocated and not yet released, since the session began. Less than nothing when more is
/// released that was there before.
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

struct Local {
    bytes: Cell<u64>,
    blocks: Cell<u64>,
    uncounted: Cell<bool>,
}

thread_local! {
    static LOCAL: Local =
        const { Local { bytes: Cell::new(0), blocks: Cell::new(0), uncounted: Cell::new(false) } };
}

/// Bytes and blocks that this thread allocated in all sessions.
#[inline]
pub(crate) fn of_thread() -> (u64, u64) {
    LOCAL.with(|local| (local.bytes.get(), local.blocks.get()))
}

/// Runs something whose allocations are ours and not the program's.
pub(crate) fn uncounted<R>(f: impl FnOnce() -> R) -> R {
    LOCAL.with(|local| {
        let before = local.uncounted.replace(true);
        let result = f();
        local.uncounted.set(before);
        result
    })
}

#[inline]
fn counts() -> bool {
    COUNTING.load(Relaxed) && !LOCAL.with(|local| local.uncounted.get())
}

fn allocated(address: usize, bytes: usize) {
    LOCAL.with(|local| {
        local.bytes.set(local.bytes.get().wrapping_add(bytes as u64));
        local.blocks.set(local.blocks.get().wrapping_add(1));
    });
    let bytes_signed = i64::try_from(bytes).unwrap_or(i64::MAX);
    let live = LIVE.fetch_add(bytes_signed, Relaxed).wrapping_add(bytes_signed);
    if live > PEAK.load(Relaxed) {
        PEAK.fetch_max(live, Relaxed);
    }
    if LISTING.load(Relaxed) {
        uncounted(|| ledger::enter(address, bytes, crate::record::path()));
    }
}

fn released(address: usize, bytes: usize) {
    LIVE.fetch_sub(i64::try_from(bytes).unwrap_or(i64::MAX), Relaxed);
    if LISTING.load(Relaxed) {
        uncounted(|| ledger::strike(address));
    }
}

/// A block whose release was counted, and that stayed.
fn kept(address: usize, bytes: usize) {
    LIVE.fetch_add(i64::try_from(bytes).unwrap_or(i64::MAX), Relaxed);
    if LISTING.load(Relaxed) {
        uncounted(|| ledger::enter(address, bytes, crate::record::path()));
    }
}

/// Starts to count. `false` when the program's global allocator is not ours, so that there is
/// nothing to count.
pub(crate) fn start(list: bool) -> bool {
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    ledger::clear();
    COUNTING.store(true, Relaxed);
    let (_, before) = of_thread();
    drop(std::hint::black_box(Box::new(0_u64)));
    let installed = of_thread().1 != before;
    LISTING.store(list && installed, Relaxed);
    COUNTING.store(installed, Relaxed);
    installed
}

/// What a session counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) live: i64,
    pub(crate) peak: i64,
    /// By the path that allocated them, when they were listed.
    pub(crate) blocks: Option<Vec<(Option<&'static Node>, Block)>>,
}

/// Stops counting.
pub(crate) fn stop() -> Counted {
    COUNTING.store(false, Relaxed);
    let listed = LISTING.swap(false, Relaxed);
    let blocks = listed.then(ledger::take);
    Counted { live: LIVE.load(Relaxed), peak: PEAK.load(Relaxed), blocks }
}
