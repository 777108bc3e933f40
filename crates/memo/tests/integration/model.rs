//! Memos against the obvious list, and against the `lru` crate.

use std::cell::Cell;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use tenfold_memo::{CacheInfo, Memo};

/// Entries from the oldest to the newest, with the time at which they end.
#[derive(Default)]
struct Naive {
    entries: Vec<(u8, u64, u64)>,
    maxsize: Option<usize>,
    max_bytes: Option<u64>,
    ttl: Option<u64>,
    info: CacheInfo,
}

/// What an entry of this key weighs.
fn weight(key: u64) -> usize {
    usize::try_from(key % 7).unwrap()
}

impl Naive {
    fn call(&mut self, key: u8, value: u64, now: u64) -> u64 {
        let at = self.entries.iter().position(|entry| entry.0 == key);
        if let Some(at) = at {
            let entry = self.entries.remove(at);
            if entry.2 > now {
                self.entries.push(entry);
                self.info.hits += 1;
                return entry.1;
            }
            self.info.expirations += 1;
        }
        self.info.misses += 1;
        if self.maxsize == Some(0) {
            return value;
        }
        let weight = weight(value) as u64;
        if self.max_bytes.is_some_and(|limit| weight > limit) {
            self.info.too_large += 1;
            return value;
        }
        while self.maxsize.is_some_and(|limit| self.entries.len() >= limit)
            || self.max_bytes.is_some_and(|limit| self.bytes() + weight > limit)
        {
            self.entries.remove(0);
            self.info.evictions += 1;
        }
        self.entries.push((key, value, self.ttl.map_or(u64::MAX, |ttl| now + ttl)));
        value
    }

    fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| weight(entry.1) as u64).sum()
    }

    fn info(&self) -> CacheInfo {
        let mut info = self.info;
        info.maxsize = self.maxsize;
        info.currsize = self.entries.len();
        info.bytes = if self.max_bytes.is_some() { self.bytes() } else { 0 };
        info
    }
}

#[derive(Debug, Clone)]
enum Op {
    Call(u8, u64),
    Forget(u8),
    Has(u8),
    Clear,
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        30 => (0..24_u8, 0..1000_u64).prop_map(|(key, value)| Op::Call(key, value)),
        3 => (0..24_u8).prop_map(Op::Forget),
        3 => (0..24_u8).prop_map(Op::Has),
        1 => Just(Op::Clear),
        5 => (0..40_u64).prop_map(Op::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn agrees_with_a_list(
        ops in prop::collection::vec(op(), 1..200),
        maxsize in prop::option::of(0..12_usize),
        max_bytes in prop::option::of(0..30_u64),
        ttl in prop::option::of(1..100_u64),
        single_flight: bool,
    ) {
        let time = Arc::new(AtomicU64::new(0));
        let mut naive = Naive { maxsize, max_bytes, ttl, ..Naive::default() };
        let builder = || {
            let clock = Arc::clone(&time);
            let mut builder = Memo::<u8, u64>::builder()
                .maxsize(maxsize)
                .shards(1)
                .single_flight(single_flight)
                .clock(move || Duration::from_nanos(clock.load(Ordering::Relaxed)));
            if let Some(bytes) = max_bytes {
                builder = builder.max_bytes(bytes, |&value| weight(value));
            }
            if let Some(ttl) = ttl {
                builder = builder.ttl(Duration::from_nanos(ttl));
            }
            builder
        };
        let (memo, local) = (builder().build(), builder().build_local());
        for op in ops {
            let now = time.load(Ordering::Relaxed);
            let live = |naive: &Naive, key| naive.entries.iter().any(|e| e.0 == key && e.2 > now);
            match op {
                Op::Call(key, value) => {
                    let expected = naive.call(key, value, now);
                    prop_assert_eq!(memo.get_or_insert_with(key, || value), expected);
                    prop_assert_eq!(local.get_or_insert_with(key, || value), expected);
                }
                Op::Forget(key) => {
                    let was = live(&naive, key);
                    naive.entries.retain(|entry| entry.0 != key);
                    prop_assert_eq!((memo.invalidate(key), local.invalidate(key)), (was, was));
                }
                Op::Has(key) => {
                    let has = live(&naive, key);
                    prop_assert_eq!((memo.contains(key), local.contains(key)), (has, has));
                }
                Op::Clear => {
                    naive.entries.clear();
                    naive.info = CacheInfo::default();
                    memo.clear();
                    local.clear();
                }
                Op::Pass(time_ns) => {
                    time.fetch_add(time_ns, Ordering::Relaxed);
                }
            }
            prop_assert_eq!(memo.info(), naive.info());
            prop_assert_eq!(local.info(), naive.info());
        }
    }

    #[test]
    fn agrees_with_the_lru_crate(
        keys in prop::collection::vec(0..300_u16, 1..2000),
        maxsize in 1..200_usize,
    ) {
        let memo: Memo<u16, u16> = Memo::new(maxsize);
        let mut peer = lru::LruCache::new(NonZero::new(maxsize).unwrap());
        for key in keys {
            let computed = Cell::new(false);
            memo.get_or_insert_with(key, || { computed.set(true); key });
            prop_assert_eq!(computed.get(), peer.get(&key).is_none());
            peer.put(key, key);
        }
        for key in 0..300 {
            prop_assert_eq!(memo.contains(key), peer.contains(&key));
        }
    }

    /// With several shards the oldest of all need not go first, but the bound and the answers hold.
    #[test]
    fn shards_keep_the_bound(keys in prop::collection::vec(0..500_u16, 1..2000)) {
        let memo: Memo<u16, u32> = Memo::builder().maxsize(64).shards(8).build();
        for &key in &keys {
            prop_assert_eq!(memo.get_or_insert_with(key, || u32::from(key) * 3), u32::from(key) * 3);
        }
        let info = memo.info();
        prop_assert!(info.currsize <= 64);
        prop_assert_eq!(info.hits + info.misses, keys.len() as u64);
        prop_assert_eq!(info.misses - info.evictions, info.currsize as u64);
    }
}
