//! What tells expressions apart.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use twox_hash::XxHash3_128;

/// A hash of 128 bits: what has the same is the same. It depends on no address, so that the ranks of a program agree
/// on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity(u128);

/// Set in the hash of what is like nothing else.
const UNIQUE: u128 = 1 << 127;

impl Identity {
    /// Of everything that makes a thing what it is.
    pub(crate) fn of(what: impl Hash) -> Self {
        let mut bytes = Bytes(Vec::with_capacity(64));
        what.hash(&mut bytes);
        Self(XxHash3_128::oneshot(&bytes.0) & !UNIQUE)
    }

    /// The same together with something more. What is unique stays so.
    pub(crate) fn with(self, what: impl Hash) -> Self {
        Self(Self::of((what, self)).0 | (self.0 & UNIQUE))
    }

    /// One that nothing else has: for closures and data that nobody has named.
    pub(crate) fn unique() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = Self::of(("unique", COUNT.fetch_add(1, Ordering::Relaxed)));
        Self(number.0 | UNIQUE)
    }

    /// Whether nothing else has it, in this process: another rank has another one for the same thing.
    #[cfg(feature = "ranks")]
    pub(crate) fn is_unique(self) -> bool {
        self.0 & UNIQUE != 0
    }

    /// The halves of the hash, to be sent.
    #[cfg(feature = "ranks")]
    pub(crate) fn halves(self) -> [u64; 2] {
        #[expect(clippy::cast_possible_truncation, reason = "two halves")]
        [(self.0 >> 64) as u64, self.0 as u64]
    }
}

/// Collects what is hashed.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_the_same_and_unique_is_not() {
        assert_eq!(Identity::of(("add", 1)), Identity::of(("add", 1)));
        assert_ne!(Identity::of(("add", 1)), Identity::of(("add", 2)));
        assert_ne!(Identity::unique(), Identity::unique());
    }
}
