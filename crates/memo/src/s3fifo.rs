//! `policy = "s3fifo"`: values in `quick_cache`, which keeps those that are asked for more than once from
//! being driven out by a scan of those that are not.

use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Lifecycle, OptionsBuilder, UnitWeighter};

use crate::info::CacheInfo;
use crate::shelf::Shelf;

/// A shelf of so many entries.
pub(crate) struct S3Fifo<K, V> {
    cache: Cache<Hashed<K>, V, UnitWeighter, BuildHasherDefault<Hashless>, Gone>,
    hits: AtomicU64,
    evictions: AtomicU64,
}

/// A key with its hash, which nobody has to compute again.
struct Hashed<K> {
    hash: u64,
    key: K,
}

/// What finds one.
struct Probe<'a, K> {
    hash: u64,
    same: &'a dyn Fn(&K) -> bool,
}

/// Hands out the hash that it is given.
#[derive(Default)]
struct Hashless(u64);

/// What an insertion drives out.
#[derive(Clone)]
struct Gone;

/// Entries that have gone.
struct GoneEntries<K, V>(Vec<(K, V)>);

impl<K, V> Default for GoneEntries<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K, V> Lifecycle<Hashed<K>, V> for Gone {
    type RequestState = GoneEntries<K, V>;

    fn on_evict(&self, state: &mut Self::RequestState, hashed: Hashed<K>, value: V) {
        state.0.push((hashed.key, value));
    }
}

impl<K> Hash for Hashed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<K: Eq> PartialEq for Hashed<K> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Eq> Eq for Hashed<K> {}

impl<K> Hash for Probe<'_, K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<K> Equivalent<Hashed<K>> for Probe<'_, K> {
    fn equivalent(&self, hashed: &Hashed<K>) -> bool {
        (self.same)(&hashed.key)
    }
}

impl Hasher for Hashless {
    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl<K: Eq, V: Clone> S3Fifo<K, V> {
    pub(crate) fn new(entries: usize) -> Self {
        // The cache rounds up what each of its shards holds: never more than was asked for.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut shards = (4 * cores).next_power_of_two();
        while shards > 1 && entries / shards < 32 {
            shards /= 2;
        }
        let entries = entries - entries % shards;
        let mut options = OptionsBuilder::new();
        options.shards(shards).estimated_items_capacity(entries).weight_capacity(entries as u64);
        let options = options.build().expect("both capacities are given");
        let hasher = BuildHasherDefault::default();
        let cache = Cache::with_options(options, UnitWeighter, hasher, Gone);
        Self { cache, hits: AtomicU64::new(0), evictions: AtomicU64::new(0) }
    }
}

impl<K: Eq + Send + Sync, V: Clone + Send + Sync> Shelf<K, V> for S3Fifo<K, V> {
    fn get(&self, hash: u64, same: &dyn Fn(&K) -> bool) -> Option<V> {
        let value = self.cache.get(&Probe { hash, same })?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(value)
    }

    fn contains(&self, hash: u64, same: &dyn Fn(&K) -> bool) -> bool {
        self.cache.contains_key(&Probe { hash, same })
    }

    fn insert(&self, hash: u64, key: K, value: V) -> Vec<(K, V)> {
        let mut gone = GoneEntries::default();
        self.cache.insert_with_lifecycle(Hashed { hash, key }, value, &mut gone);
        self.evictions.fetch_add(gone.0.len() as u64, Ordering::Relaxed);
        gone.0
    }

    fn remove(&self, hash: u64, same: &dyn Fn(&K) -> bool) -> Option<(K, V)> {
        self.cache.remove(&Probe { hash, same }).map(|(hashed, value)| (hashed.key, value))
    }

    fn clear(&self) {
        // Its `clear` drops what was there with its lock held.
        self.cache.drain().for_each(drop);
        self.hits.store(0, Ordering::Relaxed);
        self.evictions.store(0, Ordering::Relaxed);
    }

    fn count(&self, info: &mut CacheInfo) {
        info.hits += self.hits.load(Ordering::Relaxed);
        info.evictions += self.evictions.load(Ordering::Relaxed);
        info.currsize += self.cache.len();
    }
}
