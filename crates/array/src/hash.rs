//! What tells expressions apart.

use std::any::TypeId;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use twox_hash::XxHash3_128;

/// A hash of 128 bits: what has the same is the same. It depends on no address, so that the ranks of a program agree
/// on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity(u128);

/// Set in the hash of what is like nothing else.
const UNIQUE: u128 = 1 << 127;

/// Set besides where the upper half says which function it is of, and the lower half which of its uses.
const FUNCTION: u128 = 1 << 126;

/// Set besides where the function has captured something, or may have: its type does not say all of it.
const CAPTURED: u128 = 1 << 125;

/// The upper half.
const UPPER: u128 = u128::MAX << 64;

impl Identity {
    /// Of everything that makes a thing what it is.
    pub(crate) fn of(what: impl Hash) -> Self {
        let mut bytes = Bytes(Vec::with_capacity(64));
        what.hash(&mut bytes);
        Self(XxHash3_128::oneshot(&bytes.0) & !UNIQUE)
    }

    /// Of bytes as they lie, of which there may be many.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self(XxHash3_128::oneshot(bytes) & !UNIQUE)
    }

    /// The same together with something more. What is unique stays so.
    pub(crate) fn with(self, what: impl Hash) -> Self {
        let all = Self::of((&what, self)).0;
        if !self.is_unique() {
            return Self(all);
        }
        match self.of_which() {
            None => Self((all | UNIQUE) & !FUNCTION),
            Some(function) => {
                let used = Self::used(Self::of((what, function)), all);
                used.captured(self.0 & CAPTURED != 0)
            }
        }
    }

    /// One that nothing else has: for closures and data that nobody has named.
    pub(crate) fn unique() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = Self::of(("unique", COUNT.fetch_add(1, Ordering::Relaxed)));
        Self((number.0 | UNIQUE) & !FUNCTION)
    }

    /// One that nothing else has, for a function that nobody has named. If it has captured nothing, it is all in its type,
    /// which is the same [in another run](Self::lasting).
    pub(crate) fn of_function<F: 'static>(_: &F) -> Self {
        Self::of_type::<F>().captured(size_of::<F>() > 0)
    }

    /// One that nothing else has, for an object whose type says nothing of what it reads.
    pub(crate) fn of_object<S: 'static>(_: &S) -> Self {
        Self::of_type::<S>().captured(true)
    }

    fn of_type<F: 'static>() -> Self {
        Self::used(Self::of(TypeId::of::<F>()), Self::unique().0)
    }

    /// The same of a function that has captured something, or of one that has not.
    fn captured(self, has: bool) -> Self {
        Self(self.0 & !CAPTURED | if has { CAPTURED } else { 0 })
    }

    /// That of one of the uses of a function.
    fn used(Self(function): Self, number: u128) -> Self {
        Self((function & UPPER) | (number & !UPPER) | UNIQUE | FUNCTION)
    }

    /// Which function it is of, in any of its uses.
    fn of_which(self) -> Option<u128> {
        // In the hash of what is like something else that bit says nothing.
        let is_used = self.is_unique() && self.0 & FUNCTION != 0;
        is_used.then_some(self.0 & UPPER)
    }

    /// Whether nothing else has it, in this process: another rank has another one for the same thing.
    pub(crate) fn is_unique(self) -> bool {
        self.0 & UNIQUE != 0
    }

    /// What the same thing has in each run of this program, if there is such a hash.
    pub(crate) fn lasting(self) -> Option<Self> {
        match self.is_unique() {
            false => Some(self),
            true if self.0 & CAPTURED != 0 => None,
            true => self.function(),
        }
    }

    /// What is known in each run of a function and its arguments: all but what it has captured.
    pub(crate) fn function(self) -> Option<Self> {
        self.of_which().map(Self::of)
    }

    /// The halves of the hash, to be sent.
    pub(crate) fn halves(self) -> [u64; 2] {
        #[expect(clippy::cast_possible_truncation, reason = "two halves")]
        [(self.0 >> 64) as u64, self.0 as u64]
    }
}

/// As 32 digits.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
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

    fn twice(x: f64) -> f64 {
        2.0 * x
    }

    #[test]
    fn a_function_that_has_captured_nothing_lasts_and_is_unique() {
        let [a, b] = [(); 2].map(|()| Identity::of_function(&twice).with("map"));
        assert_ne!(a, b);
        assert!(a.is_unique() && b.is_unique());
        assert!(a.lasting().is_some_and(|lasting| Some(lasting) == b.lasting()));
        let other = Identity::of_function(&twice).with("other");
        assert_ne!(a.lasting(), other.lasting());
        let closures = (|x: f64| x + 1.0, |x: f64| x + 2.0);
        let [one, two] = [Identity::of_function(&closures.0), Identity::of_function(&closures.1)];
        assert!(one.lasting().is_some() && one.lasting() != two.lasting());
    }

    #[test]
    fn what_has_captured_something_does_not_last() {
        let number = std::hint::black_box(3.0);
        let key = Identity::of_function(&move |x: f64| x * number);
        // Whatever else is hashed.
        assert!((0..100).all(|with| key.with(with).lasting().is_none()));
        assert!((0..100).all(|_| Identity::unique().lasting().is_none()));
        assert_eq!(Identity::of("named").lasting(), Some(Identity::of("named")));
    }
}
