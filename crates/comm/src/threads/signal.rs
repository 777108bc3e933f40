//! How a rank waits until something may have changed.

use crate::sync::{AtomicU32, Condvar, Mutex, Ordering, fence};

/// Counts what has happened to a rank. Whoever waits looks first, and then waits for the next count:
/// what happens in between is not missed.
#[derive(Debug)]
pub(super) struct Signal {
    /// The count, times two; and 1 where somebody may be asleep. One word, so that raising it and
    /// seeing who sleeps are one operation.
    word: AtomicU32,
    lock: Mutex<()>,
    wake: Condvar,
}

const ASLEEP: u32 = 1;
const ONE: u32 = 2;

/// How long a rank looks before it sleeps: looks at the word, then offers its core to others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    spins: u32,
    yields: u32,
}

impl Patience {
    /// Patience for so many ranks on so many cores.
    ///
    /// With a core for each rank a message comes within a microsecond of looking, and waking a thread costs
    /// some ten. But other programs may have the cores, and then looking keeps away who would send. With 300
    /// looks (8 us) and then 300 offers, 8 bytes take 0.42 us on two idle cores and 5 to 10 us on two that
    /// are taken; with 20,000 looks alone 0.42 us and up to 500. Where ranks share cores, looking is of no
    /// use, and a barrier of 8 on two cores takes 60 us with sleep alone, 40 with 50 offers before, and 50
    /// with 300.
    #[cfg_attr(loom, expect(dead_code, reason = "loom has no time"))]
    pub(super) fn new(ranks: usize, cores: usize) -> Self {
        if ranks <= cores {
            Self { spins: 300, yields: 300 }
        } else {
            Self { spins: 0, yields: 50 }
        }
    }

    /// How often a rank looks that has not made ready to wait; once at least.
    pub(super) fn looks(self) -> u32 {
        self.spins.max(1)
    }

    /// Sleeps at once.
    #[cfg(any(loom, test))]
    pub(super) const fn none() -> Self {
        Self { spins: 0, yields: 0 }
    }
}

impl Signal {
    pub(super) fn new() -> Self {
        Self { word: AtomicU32::new(0), lock: Mutex::new(()), wake: Condvar::new() }
    }

    /// The count, for [`wait`](Self::wait).
    pub(super) fn now(&self) -> u32 {
        self.word.load(Ordering::Acquire) & !ASLEEP
    }

    /// Something has happened.
    pub(super) fn raise(&self) {
        if self.word.fetch_add(ONE, Ordering::AcqRel) & ASLEEP != 0 {
            let guard = self.lock.lock();
            self.word.fetch_and(!ASLEEP, Ordering::AcqRel);
            drop(guard);
            self.wake.notify_all();
        }
    }

    /// Wakes who is asleep. Who is awake sees for itself what was written before this: nothing is written
    /// here that it would have to fetch.
    #[inline]
    pub(super) fn nudge(&self) {
        // Either this sees the mark of who goes to sleep, or that one sees what was written.
        fence(Ordering::SeqCst);
        if self.word.load(Ordering::Relaxed) & ASLEEP != 0 {
            self.raise();
        }
    }

    /// Waits until the count is no longer `seen`, or `has_come` says so.
    pub(super) fn wait(&self, seen: u32, patience: Patience, has_come: impl Fn() -> bool) {
        let is_over = || self.now() != seen || has_come();
        for _ in 0..patience.spins {
            if is_over() {
                return;
            }
            std::hint::spin_loop();
        }
        for _ in 0..patience.yields {
            if is_over() {
                return;
            }
            std::thread::yield_now();
        }
        let mut guard = self.lock.lock();
        loop {
            let word = self.word.fetch_or(ASLEEP, Ordering::AcqRel);
            // See `nudge`.
            fence(Ordering::SeqCst);
            if word & !ASLEEP != seen || has_come() {
                return;
            }
            guard = self.wake.wait(guard);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Patience, Signal};

    #[test]
    fn what_was_raised_before_is_not_waited_for() {
        let signal = Signal::new();
        let seen = signal.now();
        signal.raise();
        signal.wait(seen, Patience::none(), || false);
        assert_ne!(signal.now(), seen);
    }

    #[test]
    fn a_sleeper_is_woken() {
        let signal = Signal::new();
        for _ in 0..100 {
            let seen = signal.now();
            std::thread::scope(|scope| {
                scope.spawn(|| signal.wait(seen, Patience::none(), || false));
                signal.raise();
            });
        }
    }
}
