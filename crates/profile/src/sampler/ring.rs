//! A ring of samples from one thread's handler to the sampler's thread.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Words in a ring: 200 samples of 20 frames, a fifth of a second at 1 kHz.
const WORDS: usize = 4096;
/// In a sample's first word: the thread was inside of the system.
const WAITS: u64 = 1 << 31;
/// The same: there is more of the stack, further out.
const CUT: u64 = 1 << 30;

/// Samples as words: `weight << 32 | waits << 31 | cut << 30 | length`, and so many addresses.
#[derive(Debug)]
pub(super) struct Ring {
    words: Box<[AtomicU64]>,
    /// Words ever written, and ever read.
    written: AtomicUsize,
    read: AtomicUsize,
}

/// A stack from the innermost address to the outermost.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) stack: Vec<u64>,
    pub(super) waits: bool,
    pub(super) cut: bool,
    pub(super) weight: u64,
}

impl Ring {
    pub(super) fn new() -> Self {
        let words = std::iter::repeat_with(|| AtomicU64::new(0)).take(WORDS).collect();
        Self { words, written: AtomicUsize::new(0), read: AtomicUsize::new(0) }
    }

    fn word(&self, at: usize) -> &AtomicU64 {
        &self.words[at % WORDS]
    }

    /// Called by the handler alone. `false` when there is no room.
    pub(super) fn push(&self, stack: &[u64], waits: bool, cut: bool, weight: u32) -> bool {
        let written = self.written.load(Ordering::Relaxed);
        let free = WORDS - (written - self.read.load(Ordering::Acquire));
        if stack.len() + 1 > free {
            return false;
        }
        let marks = if waits { WAITS } else { 0 } | if cut { CUT } else { 0 };
        let head = (u64::from(weight) << 32) | marks | stack.len() as u64;
        self.word(written).store(head, Ordering::Relaxed);
        for (at, address) in stack.iter().enumerate() {
            self.word(written + 1 + at).store(*address, Ordering::Relaxed);
        }
        self.written.store(written + 1 + stack.len(), Ordering::Release);
        true
    }

    /// Called by one thread at a time, who has the watch: the sampler's, or the one that ends it.
    pub(super) fn pop(&self) -> Option<Sample> {
        let read = self.read.load(Ordering::Relaxed);
        if read == self.written.load(Ordering::Acquire) {
            return None;
        }
        let head = self.word(read).load(Ordering::Relaxed);
        let length = usize::try_from(head & (CUT - 1)).unwrap_or(0);
        let address = |at| self.word(read + 1 + at).load(Ordering::Relaxed);
        let stack: Vec<u64> = (0..length).map(address).collect();
        self.read.store(read + 1 + length, Ordering::Release);
        let (waits, cut) = (head & WAITS != 0, head & CUT != 0);
        Some(Sample { stack, waits, cut, weight: head >> 32 })
    }
}

#[cfg(test)]
mod tests {
    use super::{Ring, WORDS};

    #[test]
    fn samples_come_out_as_they_went_in_and_never_overwrite() {
        let ring = Ring::new();
        let stack: Vec<u64> = (0..99).collect();
        for round in 0..5_u32 {
            let mut pushed = 0;
            while ring.push(&stack[..(pushed % 50) + 1], pushed % 2 == 0, pushed % 3 == 0, round) {
                pushed += 1;
            }
            assert!(pushed > WORDS / 60);
            for number in 0..pushed {
                let sample = ring.pop().unwrap();
                assert_eq!(sample.stack, stack[..(number % 50) + 1]);
                assert_eq!((sample.waits, sample.weight), (number % 2 == 0, u64::from(round)));
                assert_eq!(sample.cut, number % 3 == 0);
            }
            assert!(ring.pop().is_none());
        }
    }
}
