//! Where known values are, if not in the order of their use: with a policy of another kind.

use crate::info::CacheInfo;

/// A store of known values with locks of its own.
pub(crate) trait Shelf<K, V>: Send + Sync {
    /// The value of a key, if it is known. Counts and orders a hit.
    fn get(&self, hash: u64, same: &dyn Fn(&K) -> bool) -> Option<V>;
    /// Whether a key is known. Neither counts nor orders.
    fn contains(&self, hash: u64, same: &dyn Fn(&K) -> bool) -> bool;
    /// Adds a key; gives what has to go for it, to be dropped when no lock is held.
    fn insert(&self, hash: u64, key: K, value: V) -> Vec<(K, V)>;
    /// Forgets a key.
    fn remove(&self, hash: u64, same: &dyn Fn(&K) -> bool) -> Option<(K, V)>;
    fn clear(&self);
    /// Adds what was counted.
    fn count(&self, info: &mut CacheInfo);
}
