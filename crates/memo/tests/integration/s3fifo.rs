//! The policy that is not the order of use.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tenfold_memo::{Memo, memoize};

use crate::watchdog::in_time;

fn memo(entries: usize) -> Memo<u64, u64> {
    Memo::builder().maxsize(entries).s3fifo().build()
}

#[test]
fn keeps_its_bound_and_its_answers() {
    let memo = memo(100);
    for round in 0..3 {
        for n in 0..1000 {
            assert_eq!(memo.get_or_insert_with(n, || n * 2), n * 2);
        }
        let info = memo.info();
        assert!(info.currsize <= 100 && info.evictions > 0, "{info:#}");
        assert_eq!(info.hits + info.misses, (round + 1) * 1000);
    }
    assert_eq!(memo.parameters().maxsize, Some(100));
    memo.clear();
    assert_eq!((memo.info().currsize, memo.info().hits), (0, 0));
}

/// What is asked for again and again stays, however many others are asked for once: the order of use
/// would have lost it.
#[test]
fn a_scan_does_not_drive_out_what_is_used() {
    let (ours, lru) = (memo(100), Memo::<u64, u64>::new(100));
    for memo in [&ours, &lru] {
        for n in 0..2000 {
            memo.get_or_insert_with(n % 20, || n % 20);
        }
        for n in 1000..3000 {
            memo.get_or_insert_with(n, || n);
        }
    }
    let kept = |memo: &Memo<u64, u64>| (0..20).filter(|&n| memo.contains(n)).count();
    assert!(kept(&ours) >= 15, "{} of 20", kept(&ours));
    assert_eq!(kept(&lru), 0);
}

#[test]
fn keys_come_and_go() {
    let memo: Memo<(String, u32), u32> = Memo::builder().maxsize(10).s3fifo().build();
    assert_eq!(memo.get_or_insert_with(("a", 1), || 10), 10);
    assert_eq!((memo.get(("a", 1)), memo.get(("a", 2))), (Some(10), None));
    assert!(memo.contains(("a", 1)) && memo.invalidate(("a", 1)));
    assert!(!memo.contains(("a", 1)) && !memo.invalidate(("a", 1)));
    assert_eq!((memo.info().hits, memo.info().misses), (1, 2));
}

#[test]
fn computes_once_and_never_hangs() {
    in_time("s3fifo", || {
        const THREADS: usize = 8;
        let (memo, start, evaluations) = (memo(50), Barrier::new(THREADS), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for n in 0..500 {
                        start.wait();
                        memo.get_or_insert_with(n, || {
                            evaluations.fetch_add(1, Ordering::Relaxed);
                            n
                        });
                    }
                });
            }
        });
        assert_eq!(evaluations.into_inner(), 500);
        // A body that asks for its own key, and one that gives up.
        let nested = memo.get_or_insert_with(1000, || memo.get_or_insert_with(1000, || 1) + 1);
        assert_eq!((nested, memo.get(1000)), (2, Some(1)));
        assert_eq!(memo.try_get_or_insert_with(2000, || Err(())), Err(()));
        assert_eq!(memo.get_or_insert_with(2000, || 3), 3);
    });
}

#[memoize(policy = "s3fifo", maxsize = 30)]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

#[test]
fn a_function_with_the_policy() {
    assert_eq!(fib(80), 23_416_728_348_467_685);
    assert!(fib::cache_info().currsize <= 30);
    // Nothing at all, and bounds that it does not have.
    let none: Memo<u8, u8> = Memo::builder().maxsize(0).s3fifo().build();
    assert_eq!(none.get_or_insert_with(1, || 1) + none.get_or_insert_with(1, || 2), 3);
    let bytes: Memo<u8, u8> =
        Memo::builder().maxsize(5).max_bytes(2, |_| 1).shards(1).s3fifo().build();
    (0..4).for_each(|n| assert_eq!(bytes.get_or_insert_with(n, || n), n));
    assert_eq!(bytes.info().currsize, 2);
}
