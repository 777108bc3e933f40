//! The policy that is not the order of use.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Weak};
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

#[test]
fn holds_no_more_than_was_asked_for() {
    for entries in [1, 2, 31, 33, 65, 129, 1001, 20_001] {
        let memo = memo(entries);
        (0..3 * entries as u64).for_each(|n| assert_eq!(memo.get_or_insert_with(n, || n), n));
        let held = memo.info().currsize;
        assert!(held <= entries && held + 64 > entries, "{held} of {entries}");
    }
}

/// A value whose `Drop` asks the memo that it was in.
#[derive(Clone)]
struct Asks(Weak<Memo<u64, Asks>>);

impl Drop for Asks {
    fn drop(&mut self) {
        if let Some(memo) = self.0.upgrade() {
            let _ = (memo.contains(5), memo.info());
        }
    }
}

#[test]
fn a_drop_may_use_the_memo() {
    in_time("a drop that asks", || {
        let memo = Arc::new(Memo::builder().maxsize(10).s3fifo().build());
        let fill = |numbers: std::ops::Range<u64>| {
            numbers.for_each(|n| {
                memo.get_or_insert_with(n, || Asks(Arc::downgrade(&memo)));
            });
        };
        fill(0..50);
        memo.invalidate(49);
        memo.clear();
        assert_eq!(memo.info().currsize, 0);
        fill(0..5);
    });
}

/// A key whose comparison panics once the flag is up.
#[derive(Clone)]
struct Panics(Arc<AtomicBool>);

impl std::hash::Hash for Panics {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u8(7);
    }
}

impl PartialEq for Panics {
    fn eq(&self, _: &Self) -> bool {
        assert!(!self.0.swap(false, Ordering::SeqCst), "compared");
        true
    }
}

impl Eq for Panics {}

#[test]
fn a_comparison_that_panics_leaves_nobody_waiting() {
    in_time("a comparison that panics", || {
        let flag = Arc::new(AtomicBool::new(false));
        let (memo, key) = (Memo::builder().maxsize(10).s3fifo().build(), Panics(flag.clone()));
        let waits = || memo.info().waits;
        thread::scope(|scope| {
            let owner = scope.spawn(|| {
                memo.get_or_insert_with(&key, || {
                    while waits() == 0 {
                        thread::yield_now();
                    }
                    // Its own, so that there is something to compare with.
                    memo.get_or_insert_with(&key, || 5);
                    flag.store(true, Ordering::SeqCst);
                    6
                })
            });
            while memo.info().misses == 0 {
                thread::yield_now();
            }
            let waiter = scope.spawn(|| memo.get_or_insert_with(&key, || 9));
            assert!(owner.join().is_err(), "the comparison panics");
            assert!([5, 9].contains(&waiter.join().unwrap()));
        });
    });
}
