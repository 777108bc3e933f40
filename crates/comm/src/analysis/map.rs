//! Maps that are looked up once or more for every call.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by small numbers. Std's own is made to withstand keys that somebody has chosen to collide, and takes
/// several times as long.
pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

/// Multiplies and folds: a round of [wyhash](https://github.com/wangyi-fudan/wyhash) for each number.
#[derive(Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut number = [0; 8];
            number[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(number));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = self.0 ^ number ^ 0xa076_1d64_78bd_642f;
        let (low, high) = mixed.carrying_mul(0xe703_7ed1_a0b4_28db, 0);
        self.0 = low ^ high;
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher as _;

    use super::Map;

    #[test]
    fn small_numbers_do_not_collide() {
        let map: Map<(), ()> = Map::default();
        let keys = (0..100_u64).flat_map(|a| (0..100_usize).map(move |b| (a, b, 0_u32)));
        let hashes: HashSet<u64> = keys.map(|key| map.hasher().hash_one(key) >> 32).collect();
        // Two of ten thousand have the same upper half once in a hundred times.
        assert!(hashes.len() >= 9_998, "{}", hashes.len());
    }
}
