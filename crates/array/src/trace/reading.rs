//! How long a worker reads.
//!
//! Sources are read deep inside of a program, for blocks inside of blocks. Who records asks its thread afterwards how
//! long that took, so that nothing between has to carry a clock.

use std::cell::Cell;

use super::ticks::Clock;

thread_local! {
    static READING: Cell<Option<Reading>> = const { Cell::new(None) };
}

/// What was read on this thread since somebody asked, if somebody does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    clock: Clock,
    pub(super) ticks: u64,
    pub(super) bytes: u64,
}

/// Reads so many bytes, and counts them if somebody records.
pub(crate) fn reading<R>(bytes: usize, read: impl FnOnce() -> R) -> R {
    let Some(before) = READING.get() else { return read() };
    let start = before.clock.now();
    let result = read();
    let ticks = before.ticks + (before.clock.now() - start);
    READING.set(Some(Reading { ticks, bytes: before.bytes + bytes as u64, ..before }));
    result
}

/// Counts what this thread reads, until it is dropped.
#[derive(Debug)]
pub(super) struct Readings {
    clock: Clock,
    /// Of a run that this one is inside of: a function of a chunk may compute something itself.
    outer: Option<Reading>,
}

impl Readings {
    pub(super) fn start(clock: Clock) -> Self {
        Self { clock, outer: READING.replace(Some(Reading { clock, ticks: 0, bytes: 0 })) }
    }

    /// What was read since this was last asked.
    pub(super) fn take(&self) -> Reading {
        let none = Reading { clock: self.clock, ticks: 0, bytes: 0 };
        READING.replace(Some(none)).unwrap_or(none)
    }
}

impl Drop for Readings {
    fn drop(&mut self) {
        READING.set(self.outer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_counted_for_whoever_asks() {
        assert_eq!(reading(5, || 1), 1);
        let outer = Readings::start(Clock::start());
        reading(10, || ());
        {
            let inner = Readings::start(Clock::start());
            reading(7, || ());
            assert_eq!(inner.take().bytes, 7);
            assert_eq!(inner.take().bytes, 0);
        }
        reading(10, || ());
        assert_eq!(outer.take().bytes, 20);
        drop(outer);
        assert!(READING.get().is_none());
    }
}
