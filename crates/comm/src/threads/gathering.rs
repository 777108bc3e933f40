//! Where ranks find what they make together.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::sync::Mutex;

/// Things that ranks have together, by number, until all of their ranks have come.
#[derive(Debug)]
pub(super) struct Gathering<T>(Mutex<BTreeMap<u64, (Arc<T>, usize)>>);

impl<T> Gathering<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The thing of this number, which the first of its ranks makes. Each of them asks once.
    pub(super) fn meet(&self, number: u64, ranks: usize, make: impl FnOnce() -> T) -> Arc<T> {
        let mut things = self.0.lock();
        let (thing, come) = things.entry(number).or_insert_with(|| (Arc::new(make()), 0));
        *come += 1;
        let (thing, is_last) = (Arc::clone(thing), *come == ranks);
        if is_last {
            things.remove(&number);
        }
        thing
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Arc;

    use super::Gathering;

    #[test]
    fn all_ranks_have_the_same() {
        let gathering = Gathering::new();
        let first = gathering.meet(3, 2, || 7);
        let other = gathering.meet(4, 1, || 8);
        let second = gathering.meet(3, 2, || 9);
        assert!(Arc::ptr_eq(&first, &second) && *other == 8);
        // All have come, and it is kept for nobody.
        assert_eq!(*gathering.meet(3, 2, || 10), 10);
    }
}
