//! A memo for all threads.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::RandomState;

use crate::builder::{Builder, Rules};
use crate::info::{CacheInfo, CacheParameters};
use crate::limits::Limits;
use crate::lookup::Lookup;
use crate::shelf::Shelf;
use crate::store::{Found, Leftover, Store};
use crate::sync::{Mutex, MutexGuard};
use crate::tier::Tier;
use crate::turn::Turn;

/// Remembers values by their keys, for all threads: what stands behind a function with
/// [`lru_cache`](crate::lru_cache), as a value.
///
/// ```
/// use tenfold_memo::Memo;
///
/// struct Catalogue {
///     prices: Memo<String, u32>,
/// }
///
/// impl Catalogue {
///     fn price(&self, name: &str) -> u32 {
///         self.prices.get_or_insert_with(name, || name.len() as u32 * 10)
///     }
/// }
///
/// let catalogue = Catalogue { prices: Memo::new(100) };
/// assert_eq!(catalogue.price("nail"), 40);
/// assert_eq!(catalogue.price("nail"), 40);
/// assert_eq!((catalogue.prices.info().hits, catalogue.prices.info().misses), (1, 1));
/// ```
///
/// # Values
/// A hit clones the value while its shard is locked: what is large belongs in an `Arc`. `Clone` of a
/// value, and `Hash`, `Eq` and `Clone` of a key, must not use the memo. `Drop` of either may.
///
/// # Who computes
/// Threads that ask for a key that another one computes wait for it. Nobody waits who would wait for
/// itself: a body that asks for its own key, or threads that would wait for each other in a circle,
/// compute. A body that panics wakes those who wait for it; one of them computes, and the panic is not
/// remembered. No lock is held while a body runs.
pub struct Memo<K, V> {
    shards: Box<[Shard<K, V>]>,
    mask: usize,
    hasher: RandomState,
    pub(crate) rules: Rules<V>,
    pub(crate) tier: Option<Box<dyn Tier<K, V>>>,
    /// Where known values are, if not in the shards.
    pub(crate) shelf: Option<Box<dyn Shelf<K, V>>>,
}

/// Apart from its neighbours in memory, so that threads do not share lines that they do not want.
#[repr(align(128))]
struct Shard<K, V>(Mutex<Store<K, V>>);

impl<K, V> Memo<K, V> {
    /// A memo of so many entries: the least recently used one goes first. `None` is no bound, 0 keeps
    /// nothing.
    #[must_use]
    pub fn new(maxsize: impl Into<Option<usize>>) -> Self {
        Self::builder().maxsize(maxsize).build()
    }

    /// A memo with bounds of other kinds.
    #[must_use]
    pub fn builder() -> Builder<K, V> {
        Builder::new()
    }

    pub(crate) fn with_rules(
        rules: Rules<V>,
        tier: Option<Box<dyn Tier<K, V>>>,
        shelf: Option<Box<dyn Shelf<K, V>>>,
    ) -> Self {
        let count = rules.parameters.shards;
        let limits = match shelf {
            // Only what is being computed is in the shards.
            Some(_) => Limits { entries: None, ..rules.limits },
            None => rules.limits,
        };
        let shard = |index| Shard(Mutex::new(Store::new(limits.of_shard(index, count))));
        let shards = (0..count).map(shard).collect();
        Self { shards, mask: count - 1, hasher: RandomState::default(), rules, tier, shelf }
    }

    #[inline]
    fn hash(&self, query: &impl Lookup<K>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        query.feed(&mut hasher);
        hasher.finish()
    }

    /// The shard of a hash, locked. What a shard finds its nodes by is the lower half of the hash.
    #[inline]
    pub(crate) fn shard(&self, hash: u64) -> MutexGuard<'_, Store<K, V>> {
        self.shards[(hash >> 40) as usize & self.mask].0.lock()
    }

    /// Whether the key is in memory; the disk is not asked. Neither counts nor makes it newer.
    pub fn contains(&self, key: impl Lookup<K>) -> bool {
        let (hash, now_ns) = (self.hash(&key), self.rules.now_ns());
        if let Some(shelf) = &self.shelf {
            return shelf.contains(hash, &|other| key.matches(other));
        }
        let found = self.shard(hash).find(hash, now_ns, |other| key.matches(other));
        matches!(found, Found::Known(_))
    }

    /// Forgets a key, on disk too; whether it was in memory. A computation under way is for those who have
    /// asked for it, and is not kept. What is in a tier declared `shared`, which is never written to, stays
    /// and is found again.
    pub fn invalidate(&self, key: impl Lookup<K>) -> bool {
        self.forget(&key)
    }

    pub(crate) fn forget(&self, key: &impl Lookup<K>) -> bool {
        let was = self.forget_here(key);
        if let Some(tier) = &self.tier
            && let Some(place) = tier.place(&key.to_key())
        {
            tier.forget(&place);
            // Somebody may have read the file just before it went.
            self.forget_here(key);
        }
        was
    }

    /// Forgets a key in memory.
    fn forget_here(&self, key: &impl Lookup<K>) -> bool {
        let (hash, now_ns) = (self.hash(key), self.rules.now_ns());
        let mut gone = Leftover::default();
        let mut store = self.shard(hash);
        let was = store.forget(hash, now_ns, |other| key.matches(other), &mut gone);
        drop(store);
        let shelf = self.shelf.as_ref();
        let shelved = shelf.and_then(|shelf| shelf.remove(hash, &|other| key.matches(other)));
        // Last of all: that may panic.
        drop(gone);
        was || shelved.is_some()
    }

    /// Forgets everything, and what was counted. Computations under way are for those who have asked
    /// for them, and are not kept. What is on disk stays, and is found again: the crate's
    /// `clear` is for folders.
    pub fn clear(&self) {
        let clear = |shard: &Shard<K, V>| {
            let mut gone = Leftover::default();
            shard.0.lock().clear(&mut gone);
            gone
        };
        let gone: Vec<Leftover<K, V>> = self.shards.iter().map(clear).collect();
        self.tier.iter().for_each(|tier| tier.reset());
        self.shelf.iter().for_each(|shelf| shelf.clear());
        // Last of all: that may panic.
        drop(gone);
    }

    /// What was asked and what is there.
    #[must_use]
    pub fn info(&self) -> CacheInfo {
        let mut info = CacheInfo { maxsize: self.rules.parameters.maxsize, ..CacheInfo::default() };
        self.shards.iter().for_each(|shard| info.add(&shard.0.lock().tally));
        self.shelf.iter().for_each(|shelf| shelf.count(&mut info));
        self.tier.iter().for_each(|tier| tier.count(&mut info));
        info
    }

    /// What the memo was made with.
    #[must_use]
    pub fn parameters(&self) -> CacheParameters {
        self.rules.parameters
    }
}

impl<K: Eq, V: Clone> Memo<K, V> {
    /// The value of a key, computed if it is not remembered.
    ///
    /// ```
    /// let memo = tenfold_memo::Memo::new(10);
    /// assert_eq!(memo.get_or_insert_with(4, || 16), 16);
    /// assert_eq!(memo.get_or_insert_with(4, || unreachable!()), 16);
    /// ```
    #[inline]
    pub fn get_or_insert_with(&self, key: impl Lookup<K>, compute: impl FnOnce() -> V) -> V {
        match self.enter(&key) {
            Ok(value) => value,
            Err(ref mut turn) => turn.finish(compute()),
        }
    }

    /// The value of a key, computed if it is not remembered. An error is not remembered, and those who
    /// wait for the same key compute again.
    ///
    /// # Errors
    /// That of `compute`.
    ///
    /// ```
    /// let numbers = tenfold_memo::Memo::new(10);
    /// let parse = |text: &str| numbers.try_get_or_insert_with(text, || text.parse::<u32>());
    /// assert_eq!(parse("12"), Ok(12));
    /// assert!(parse("x").is_err() && parse("x").is_err());
    /// assert_eq!((numbers.info().misses, numbers.info().currsize), (3, 1));
    /// # let _: &tenfold_memo::Memo<String, u32> = &numbers;
    /// ```
    #[inline]
    pub fn try_get_or_insert_with<E>(
        &self,
        key: impl Lookup<K>,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        match self.enter(&key) {
            Ok(value) => Ok(value),
            Err(ref mut turn) => Ok(turn.finish(compute()?)),
        }
    }

    /// The value of a key, if it is in memory; the disk is not asked. Counts as a hit or a miss.
    #[must_use]
    pub fn get(&self, key: impl Lookup<K>) -> Option<V> {
        let (hash, now_ns) = (self.hash(&key), self.rules.now_ns());
        if let Some(value) = self.on_shelf(hash, &|other| key.matches(other)) {
            return Some(value);
        }
        let mut store = self.shard(hash);
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
    pub(crate) fn enter(&self, query: &impl Lookup<K>) -> Result<V, Turn<'_, K, V>> {
        self.enter_with(query, self.rules.parameters.single_flight)
    }

    /// A value, or a turn to compute it that nobody waits for: for bodies that leave their thread in
    /// the midst, as those of async functions do.
    #[inline]
    pub(crate) fn enter_alone(&self, query: &impl Lookup<K>) -> Result<V, Turn<'_, K, V>> {
        self.enter_with(query, false)
    }

    /// What the shelf has, if there is one.
    pub(crate) fn on_shelf(&self, hash: u64, same: &dyn Fn(&K) -> bool) -> Option<V> {
        self.shelf.as_ref().and_then(|shelf| shelf.get(hash, same))
    }

    #[inline]
    fn enter_with(&self, query: &impl Lookup<K>, waits: bool) -> Result<V, Turn<'_, K, V>> {
        let (hash, now_ns) = (self.hash(query), self.rules.now_ns());
        if self.shelf.is_some()
            && let Some(value) = self.on_shelf(hash, &|key| query.matches(key))
        {
            return Ok(value);
        }
        let mut store = self.shard(hash);
        let found = store.find(hash, now_ns, |key| query.matches(key));
        if let Found::Known(at) = found
            && let Some(value) = hit(&mut store, at)
        {
            return Ok(value);
        }
        if found == Found::Absent && self.tier.is_none() && self.shelf.is_none() {
            return Err(self.begin(store, found, hash, query.to_key(), waits));
        }
        self.missed(store, found, hash, query.to_key(), waits)
    }
}

/// Counts and orders a hit.
#[inline]
pub(crate) fn hit<K, V: Clone>(store: &mut Store<K, V>, at: u32) -> Option<V> {
    store.tally.hits += 1;
    store.touch(at);
    store.value(at).cloned()
}

impl<K, V> fmt::Debug for Memo<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").field("info", &self.info()).finish_non_exhaustive()
    }
}
