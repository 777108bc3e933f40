//! A memo for one thread, which needs no lock.

use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::RandomState;

use crate::builder::Rules;
use crate::info::{CacheInfo, CacheParameters};
use crate::lookup::Lookup;
use crate::memo::hit;
use crate::store::{Found, Leftover, Stamp, Store};

/// Remembers values by their keys, for one thread: what stands behind `scope = "thread"`.
///
/// ```
/// use tenfold_memo::Memo;
///
/// let squares = Memo::builder().maxsize(128).build_local();
/// assert_eq!(squares.get_or_insert_with(7_u64, || 49_u64), 49);
/// assert_eq!(squares.info().misses, 1);
/// ```
pub struct LocalMemo<K, V> {
    // Borrowed for a moment, never while a body runs.
    store: RefCell<Store<K, V>>,
    hasher: RandomState,
    rules: Rules<V>,
}

/// The key that a value is to be computed for. It borrows nothing, because a thread's memo may be had
/// only for a moment.
#[derive(Debug)]
pub struct LocalTurn<K> {
    hash: u64,
    /// None where the value has been computed.
    key: Option<K>,
    since: Stamp,
}

impl<K, V> LocalMemo<K, V> {
    pub(crate) fn with_rules(rules: Rules<V>) -> Self {
        let store = RefCell::new(Store::new(rules.limits));
        Self { store, hasher: RandomState::default(), rules }
    }

    #[inline]
    fn hash(&self, query: &impl Lookup<K>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        query.feed(&mut hasher);
        hasher.finish()
    }

    /// Whether the key is there. Neither counts nor makes it newer.
    pub fn contains(&self, key: impl Lookup<K>) -> bool {
        let (hash, now_ns) = (self.hash(&key), self.rules.now_ns());
        let found = self.store.borrow().find(hash, now_ns, |other| key.matches(other));
        matches!(found, Found::Known(_))
    }

    /// Forgets a key; whether it was there.
    pub fn invalidate(&self, key: impl Lookup<K>) -> bool {
        self.forget(&key)
    }

    pub(crate) fn forget(&self, key: &impl Lookup<K>) -> bool {
        let (hash, now_ns) = (self.hash(key), self.rules.now_ns());
        let mut gone = Leftover::default();
        let mut store = self.store.borrow_mut();
        let was = store.forget(hash, now_ns, |other| key.matches(other), &mut gone);
        drop(store);
        drop(gone);
        was
    }

    /// Forgets everything, and what was counted.
    pub fn clear(&self) {
        let mut gone = Leftover::default();
        self.store.borrow_mut().clear(&mut gone);
        drop(gone);
    }

    /// What was asked and what is there.
    #[must_use]
    pub fn info(&self) -> CacheInfo {
        let mut info = CacheInfo { maxsize: self.rules.parameters.maxsize, ..CacheInfo::default() };
        info.add(&self.store.borrow().tally);
        info
    }

    /// What the memo was made with.
    #[must_use]
    pub fn parameters(&self) -> CacheParameters {
        self.rules.parameters
    }
}

impl<K: Eq, V: Clone> LocalMemo<K, V> {
    /// The value of a key, computed if it is not remembered.
    #[inline]
    pub fn get_or_insert_with(&self, key: impl Lookup<K>, compute: impl FnOnce() -> V) -> V {
        match self.enter(&key) {
            Ok(value) => value,
            Err(ref mut turn) => self.finish(turn, compute()),
        }
    }

    /// The value of a key, computed if it is not remembered. An error is not remembered.
    ///
    /// # Errors
    /// That of `compute`.
    #[inline]
    pub fn try_get_or_insert_with<E>(
        &self,
        key: impl Lookup<K>,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        match self.enter(&key) {
            Ok(value) => Ok(value),
            Err(ref mut turn) => Ok(self.finish(turn, compute()?)),
        }
    }

    /// The value of a key, if it is remembered. Counts as a hit or a miss.
    #[must_use]
    pub fn get(&self, key: impl Lookup<K>) -> Option<V> {
        let (hash, now_ns) = (self.hash(&key), self.rules.now_ns());
        let mut store = self.store.borrow_mut();
        match store.find(hash, now_ns, |other| key.matches(other)) {
            Found::Known(at) => hit(&mut store, at),
            _ => {
                store.tally.misses += 1;
                None
            }
        }
    }

    /// A value, or a turn to compute it.
    #[inline]
    pub(crate) fn enter(&self, query: &impl Lookup<K>) -> Result<V, LocalTurn<K>> {
        let (hash, now_ns) = (self.hash(query), self.rules.now_ns());
        let mut store = self.store.borrow_mut();
        let found = store.find(hash, now_ns, |key| query.matches(key));
        if let Found::Known(at) = found
            && let Some(value) = hit(&mut store, at)
        {
            return Ok(value);
        }
        store.tally.misses += 1;
        let since = store.stamp();
        if let Found::Expired(at) = found {
            let mut gone = Leftover::default();
            store.expire(at, &mut gone);
            drop(store);
            drop(gone);
        } else {
            drop(store);
        }
        Err(LocalTurn { hash, key: Some(query.to_key()), since })
    }

    /// Remembers the value, and gives it back.
    pub(crate) fn finish(&self, turn: &mut LocalTurn<K>, value: V) -> V {
        if let Some(key) = turn.key.take()
            && !self.rules.keeps_nothing()
        {
            let fresh = self.rules.fresh(value.clone(), 0);
            let mut gone = Leftover::default();
            let absent = (turn.hash, key, turn.since);
            // Nobody else is there to wait.
            let _ = self.store.borrow_mut().settle(absent, fresh, &mut gone);
            drop(gone);
        }
        value
    }
}

impl<K, V> fmt::Debug for LocalMemo<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalMemo").field("info", &self.info()).finish_non_exhaustive()
    }
}
