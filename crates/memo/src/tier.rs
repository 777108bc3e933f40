//! What a memo asks before it computes, and tells what it has computed: a disk.

use crate::info::CacheInfo;

/// Where one key is, on a tier.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "disk"),
    expect(dead_code, reason = "read by tiers, of which there is none")
)]
pub(crate) struct Place {
    /// The file, without its folder.
    pub(crate) name: String,
    /// All of what the file must say it is about.
    pub(crate) head: Vec<u8>,
}

/// A slower and longer memory. Nothing that goes wrong with it is the caller's concern.
pub(crate) trait Tier<K, V>: Send + Sync {
    /// Where a key is; `None`, which is counted, if it cannot be written down.
    fn place(&self, key: &K) -> Option<Place>;
    /// A value that is younger than `ttl_ns`, and its age.
    fn read(&self, place: &Place, ttl_ns: u64) -> Option<(V, u64)>;
    fn write(&self, place: &Place, value: &V);
    /// Adds what was counted.
    fn count(&self, info: &mut CacheInfo);
    /// Forgets what was counted. What is on disk stays.
    fn reset(&self);
    /// Forgets one key.
    fn forget(&self, place: &Place);
}
