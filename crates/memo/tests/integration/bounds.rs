//! Bytes, time and sizes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tenfold_memo::Memo;

#[test]
fn what_is_too_large_is_not_kept() {
    let memo: Memo<u32, Vec<u8>> = Memo::builder().max_bytes(100, |v: &Vec<u8>| v.len()).build();
    assert_eq!(memo.get_or_insert_with(1, || vec![0; 101]).len(), 101);
    assert_eq!((memo.info().currsize, memo.info().too_large), (0, 1));
    // One that takes all there is has its place: bytes are not cut into shards unless asked.
    assert_eq!(memo.get_or_insert_with(2, || vec![0; 100]).len(), 100);
    assert_eq!((memo.info().currsize, memo.parameters().shards), (1, 1));
    let one: Memo<u32, Vec<u8>> = Memo::builder().max_bytes(100, |v: &Vec<u8>| v.len()).build();
    for n in 1..=4 {
        one.get_or_insert_with(n, || vec![0; 40]);
    }
    let info = one.info();
    assert_eq!((info.currsize, info.bytes, info.evictions), (2, 80, 2));
    one.get_or_insert_with(5, || vec![0; 100]);
    assert_eq!((one.info().currsize, one.info().bytes), (1, 100));
    one.clear();
    assert_eq!((one.info().currsize, one.info().bytes), (0, 0));
}

/// All shards together hold what was asked for, and a value that fits into all of it is kept.
#[test]
fn bounds_are_those_of_all_shards() {
    for (maxsize, shards, has) in [(3, 16, 2), (1, 4, 1), (0, 4, 1), (100, 16, 16), (17, 16, 16)] {
        let memo: Memo<u32, u32> = Memo::builder().maxsize(maxsize).shards(shards).build();
        for n in 0..5000 {
            memo.get_or_insert_with(n, || n);
        }
        assert_eq!((memo.parameters().shards, memo.info().currsize), (has, maxsize));
    }
    let large: Memo<u32, Vec<u8>> = Memo::builder().max_bytes(1600, |v: &Vec<u8>| v.len()).build();
    large.get_or_insert_with(1, || vec![0; 1600]);
    assert_eq!((large.parameters().shards, large.info().currsize), (1, 1));
    let memo: Memo<u32, u32> = Memo::builder().max_bytes(1003, |_: &u32| 1).shards(16).build();
    for n in 0..50_000 {
        memo.get_or_insert_with(n, || n);
    }
    assert_eq!(memo.info().bytes, 1003);
}

/// The largest weights there are do not overflow.
#[test]
fn weights_without_end() {
    let memo: Memo<u32, usize> =
        Memo::builder().max_bytes(u64::MAX, |&v: &usize| v).shards(1).build();
    for n in 0..3 {
        memo.get_or_insert_with(n, || usize::MAX);
    }
    assert_eq!((memo.info().currsize, memo.info().evictions), (1, 2));
}

#[test]
fn a_value_ends_with_its_time() {
    let time = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&time);
    let memo: Memo<u32, u32> = Memo::builder()
        .ttl(Duration::from_secs(30))
        .clock(move || Duration::from_secs(clock.load(Ordering::Relaxed)))
        .build();
    assert_eq!(memo.get_or_insert_with(1, || 10), 10);
    time.store(29, Ordering::Relaxed);
    assert_eq!(memo.get_or_insert_with(1, || 11), 10);
    time.store(30, Ordering::Relaxed);
    assert!(!memo.contains(1));
    assert_eq!(memo.get_or_insert_with(1, || 12), 12);
    assert_eq!(memo.info().expirations, 1);
    assert_eq!(memo.get(1), Some(12));
    time.store(1000, Ordering::Relaxed);
    assert_eq!((memo.get(1), memo.invalidate(1)), (None, false));
}

/// The longest times there are do not overflow.
#[test]
fn times_without_end() {
    let memo: Memo<u32, u32> = Memo::builder().ttl(Duration::MAX).clock(|| Duration::MAX).build();
    memo.get_or_insert_with(1, || 10);
    assert_eq!(memo.info().currsize, 1);
}

#[test]
fn parameters_are_what_was_asked_for() {
    let small: Memo<u32, u32> = Memo::new(128);
    assert_eq!(small.parameters().to_string(), "{'maxsize': 128, 'typed': False}");
    assert_eq!((small.parameters().shards, small.parameters().single_flight), (1, true));
    assert_eq!(Memo::<u32, u32>::new(16_384).parameters().shards, 1);
    assert_eq!(Memo::<u32, u32>::new(16_385).parameters().shards, 16);
    let endless: Memo<u32, u32> = Memo::new(None);
    assert_eq!(endless.parameters().to_string(), "{'maxsize': None, 'typed': False}");
    for (asked, has) in [(0, 1), (3, 4), (usize::MAX, 1024)] {
        let memo: Memo<u32, u32> = Memo::builder().shards(asked).build();
        assert_eq!(memo.parameters().shards, has);
    }
    assert_eq!(
        format!("{:#}", small.info()),
        "CacheInfo(hits=0, misses=0, maxsize=128, currsize=0, waits=0, evictions=0, expirations=0, \
         too_large=0, bytes=0, disk_hits=0, disk_writes=0, disk_bad=0, disk_errors=0)"
    );
    assert_eq!(small.info().hit_rate(), None);
}
