//! What the handler of one thread works with. Slots are never freed, and used again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use framehop::MustNotAllocateDuringUnwind;
use framehop::x86_64::CacheX86_64;

use super::ring::Ring;
use crate::record::link::Link;
use crate::record::thread::lock;

/// Threads at one time that can be sampled.
pub(super) const MOST: usize = 2048;
/// Bytes of a stack that are looked at: what is deeper is cut off.
pub(super) const STACK: usize = 32 << 10;

/// How long a handler that is at work is waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// By the number that a timer's signal carries.
static SLOTS: [Link<Slot>; MOST] = [const { Link::none() }; MOST];
/// Numbers that are free, and the first that was never used.
static FREE: Mutex<(Vec<usize>, usize)> = Mutex::new((Vec::new(), 0));

#[derive(Debug)]
pub(super) struct Slot {
    number: usize,
    /// Whose signals count; 0 for nobody's.
    thread: AtomicI32,
    /// How many handlers are at work: its own, and one of who had it before that has come late.
    busy: AtomicUsize,
    timer: AtomicUsize,
    stride: AtomicU64,
    taken: AtomicU64,
    merged: AtomicU64,
    full: AtomicU64,
    pub(super) ring: Ring,
    /// Only ever tried: nobody waits for it.
    pub(super) scratch: Mutex<Scratch>,
}

/// Memory that unwinding needs.
pub(super) struct Scratch {
    pub(super) cache: CacheX86_64<MustNotAllocateDuringUnwind>,
    pub(super) stack: Box<[u8]>,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scratch({} bytes)", self.stack.len())
    }
}

impl Slot {
    fn new(number: usize) -> Self {
        let cache = CacheX86_64::new_in();
        let zero = || AtomicU64::new(0);
        Self {
            number,
            thread: AtomicI32::new(0),
            busy: AtomicUsize::new(0),
            timer: AtomicUsize::new(0),
            stride: AtomicU64::new(1),
            taken: zero(),
            merged: zero(),
            full: zero(),
            ring: Ring::new(),
            scratch: Mutex::new(Scratch { cache, stack: vec![0; STACK].into_boxed_slice() }),
        }
    }

    fn is_of(&self, thread: i32) -> bool {
        self.thread.load(Ordering::SeqCst) == thread
    }

    /// Does what the handler of a thread does, if the slot is still that thread's.
    pub(super) fn work(&self, thread: i32, handle: impl FnOnce(&Self)) {
        if !self.is_of(thread) {
            return;
        }
        self.busy.fetch_add(1, Ordering::SeqCst);
        // Not if it was closed meanwhile, by one who saw nobody at work.
        if self.is_of(thread) {
            handle(self);
        }
        self.busy.fetch_sub(1, Ordering::Release);
    }

    pub(super) fn stride(&self) -> u64 {
        self.stride.load(Ordering::Relaxed)
    }

    /// The timer, for who wants to know how many of its expirations came as one.
    pub(super) fn timer(&self) -> usize {
        self.timer.load(Ordering::Relaxed)
    }

    pub(super) fn arm(&self, timer: usize) {
        self.timer.store(timer, Ordering::Relaxed);
    }

    /// A sample was taken, for this one and so many expirations that came with it.
    pub(super) fn count(&self, merged: u32, kept: bool) {
        // The handler is the only writer.
        let add = |sum: &AtomicU64, n: u64| {
            sum.store(sum.load(Ordering::Relaxed) + n, Ordering::Relaxed);
        };
        add(if kept { &self.taken } else { &self.full }, 1);
        add(if kept { &self.merged } else { &self.full }, u64::from(merged));
    }

    /// No signal counts from now on. A handler that is at work comes to its end, but where its thread was stopped.
    pub(super) fn close(&self) {
        self.thread.store(0, Ordering::SeqCst);
        let since = Instant::now();
        while self.busy.load(Ordering::SeqCst) > 0 && since.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
    }

    /// Gives it back when it is closed; tells how many samples were taken, merged with another, and lost.
    pub(super) fn release(&self) -> (u64, u64, u64) {
        while self.ring.pop().is_some() {}
        let sums =
            [&self.taken, &self.merged, &self.full].map(|sum| sum.swap(0, Ordering::Relaxed));
        lock(&FREE).0.push(self.number);
        sums.into()
    }
}

/// The slot that a signal speaks of.
pub(super) fn of(number: usize) -> Option<&'static Slot> {
    SLOTS.get(number)?.get()
}

/// A slot for a thread, and its number; `None` when all are taken.
pub(super) fn take(thread: i32, stride: u64) -> Option<(usize, &'static Slot)> {
    let mut free = lock(&FREE);
    let number = match free.0.pop() {
        Some(number) => number,
        None if free.1 < MOST => {
            free.1 += 1;
            let number = free.1 - 1;
            SLOTS[number].set(Some(Box::leak(Box::new(Slot::new(number)))));
            number
        }
        None => return None,
    };
    let slot = of(number)?;
    slot.stride.store(stride, Ordering::Relaxed);
    slot.thread.store(thread, Ordering::SeqCst);
    Some((number, slot))
}
