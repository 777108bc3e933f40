//! How a rank waits until something may have changed.

use crate::sync::{AtomicU32, Condvar, Mutex, Ordering};

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

    /// Waits until the count is no longer `seen`.
    pub(super) fn wait(&self, seen: u32, patience: Patience) {
        for _ in 0..patience.spins {
            if self.now() != seen {
                return;
            }
            std::hint::spin_loop();
        }
        for _ in 0..patience.yields {
            if self.now() != seen {
                return;
            }
            std::thread::yield_now();
        }
        let mut guard = self.lock.lock();
        while self.word.fetch_or(ASLEEP, Ordering::AcqRel) & !ASLEEP == seen {
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
        signal.wait(seen, Patience::none());
        assert_ne!(signal.now(), seen);
    }

    #[test]
    fn a_sleeper_is_woken() {
        let signal = Signal::new();
        for _ in 0..100 {
            let seen = signal.now();
            std::thread::scope(|scope| {
                scope.spawn(|| signal.wait(seen, Patience::none()));
                signal.raise();
            });
        }
    }
}
