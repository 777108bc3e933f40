//! Who computes, and who waits.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use tenfold_memo::Memo;

use crate::watchdog::in_time;

type Numbers = Arc<Memo<u64, u64>>;

#[test]
fn many_threads_and_one_key_compute_once() {
    in_time("many threads", || {
        const THREADS: usize = 64;
        let memo: Numbers = Arc::new(Memo::new(4));
        let (start, evaluations) = (Barrier::new(THREADS), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for round in 0..1000 {
                        start.wait();
                        let value = memo.get_or_insert_with(round, || {
                            evaluations.fetch_add(1, Ordering::Relaxed);
                            thread::yield_now();
                            round * 2
                        });
                        assert_eq!(value, round * 2);
                    }
                });
            }
        });
        let info = memo.info();
        assert_eq!(evaluations.into_inner(), 1000);
        assert_eq!((info.misses, info.hits), (1000, 63_000));
    });
}

/// Waits until as many have been waiting for others.
fn until_waiting(memo: &Memo<u64, u64>, waits: u64) {
    while memo.info().waits < waits {
        thread::yield_now();
    }
}

#[test]
fn a_waiter_gets_the_value_of_the_owner() {
    in_time("a waiter", || {
        let memo: Numbers = Arc::new(Memo::new(4));
        let other = Arc::clone(&memo);
        let value = memo.get_or_insert_with(1, || {
            let waiter = thread::spawn(move || other.get_or_insert_with(1, || 99));
            until_waiting(&memo, 1);
            // It goes on waiting after this body has ended, and the thread is left to itself.
            drop(waiter);
            7
        });
        assert_eq!(value, 7);
        assert_eq!(memo.get_or_insert_with(1, || 8), 7);
    });
}

#[test]
fn an_owner_that_panics_wakes_its_waiters() {
    in_time("a panic", || {
        let memo: Numbers = Arc::new(Memo::new(4));
        let (other, results) = (Arc::clone(&memo), Arc::new(Mutex::new(vec![])));
        let waiters = Arc::new(Mutex::new(vec![]));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            memo.get_or_insert_with(1, || {
                for n in 0..4 {
                    let (memo, results) = (Arc::clone(&other), Arc::clone(&results));
                    waiters.lock().unwrap().push(thread::spawn(move || {
                        let value = memo.get_or_insert_with(1, || 100 + n);
                        results.lock().unwrap().push(value);
                    }));
                }
                until_waiting(&other, 4);
                panic!("the body gives up");
            })
        }));
        assert!(panicked.is_err());
        let waiters = std::mem::take(&mut *waiters.lock().unwrap());
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        let results = results.lock().unwrap();
        // One of them has computed for all.
        assert_eq!(results.len(), 4);
        assert!(results.iter().all(|&value| value == results[0] && value >= 100), "{results:?}");
        assert_eq!((memo.info().misses, memo.info().currsize), (2, 1));
    });
}

#[test]
fn a_panic_or_an_error_is_not_remembered() {
    let memo: Memo<u64, u64> = Memo::new(4);
    let panics = || memo.get_or_insert_with(1, || panic!("no"));
    assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    assert_eq!(memo.try_get_or_insert_with(1, || Err("none")), Err("none"));
    assert_eq!(memo.try_get_or_insert_with(1, || Ok::<_, ()>(5)), Ok(5));
    assert_eq!((memo.info().misses, memo.info().currsize), (3, 1));
}

/// A weigher runs after the body, and may give up as well.
#[test]
fn a_weigher_that_panics_wakes_its_waiters() {
    in_time("a weigher", || {
        let memo: Memo<u64, u64> = Memo::builder()
            .max_bytes(100, |&value: &u64| if value == 0 { panic!("no weight") } else { 1 })
            .build();
        let panics = || memo.get_or_insert_with(1, || 0);
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(memo.get_or_insert_with(1, || 5), 5);
    });
}

/// A value that panics when it is cloned for the second time: for those who wait.
struct Twice(Arc<AtomicUsize>);

impl Clone for Twice {
    fn clone(&self) -> Self {
        assert_ne!(self.0.fetch_add(1, Ordering::Relaxed), 1, "no second clone");
        Self(Arc::clone(&self.0))
    }
}

#[test]
fn a_clone_that_panics_wakes_its_waiters() {
    in_time("a clone", || {
        let memo: Memo<u64, Twice> = Memo::new(4);
        let clones = Arc::new(AtomicUsize::new(0));
        thread::scope(|scope| {
            let mut waiter = None;
            let panics = || {
                memo.get_or_insert_with(1, || {
                    waiter = Some(scope.spawn(|| {
                        memo.get_or_insert_with(1, || unreachable!("it is known"));
                    }));
                    while memo.info().waits < 1 {
                        thread::yield_now();
                    }
                    Twice(Arc::clone(&clones))
                })
            };
            assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            waiter.unwrap().join().unwrap();
        });
        assert_eq!(memo.info().currsize, 1);
    });
}

#[test]
fn a_body_that_asks_for_its_own_key_computes() {
    in_time("re-entry", || {
        let memo: Memo<u64, u64> = Memo::new(4);
        let depth = Cell::new(0);
        fn body(memo: &Memo<u64, u64>, depth: &Cell<u64>) -> u64 {
            memo.get_or_insert_with(1, || {
                depth.set(depth.get() + 1);
                if depth.get() < 10 { body(memo, depth) + 1 } else { 100 }
            })
        }
        assert_eq!(body(&memo, &depth), 109);
        // As in Python, the innermost was there first and stays.
        assert_eq!(memo.get_or_insert_with(1, || 0), 100);
        assert_eq!((memo.info().misses, memo.info().hits), (10, 1));
    });
}

fn fib(memo: &Memo<u64, u64>, n: u64) -> u64 {
    memo.get_or_insert_with(n, || {
        if n < 2 { n } else { fib(memo, n - 1).wrapping_add(fib(memo, n - 2)) }
    })
}

#[test]
fn recursion_goes_deep() {
    in_time("recursion", || {
        let memo = Memo::new(None);
        assert_eq!(fib(&memo, 80), 23_416_728_348_467_685);
        fib(&memo, 5000);
        assert_eq!((memo.info().misses, memo.info().currsize), (5001, 5001));
        // Small sizes remember less, and still end.
        assert_eq!(fib(&Memo::new(3), 80), 23_416_728_348_467_685);
    });
}

#[test]
fn recursion_from_many_threads_ends() {
    in_time("recursion of many", || {
        for _ in 0..50 {
            let memo = Memo::new(None);
            thread::scope(|scope| {
                for n in 60..68 {
                    let memo = &memo;
                    scope.spawn(move || fib(memo, n));
                }
            });
            assert_eq!(memo.get_or_insert_with(67, || 0), 44_945_570_212_853);
        }
    });
}

/// Two threads that want what the other one computes: the second finds out, and computes.
#[test]
fn a_circle_of_threads_computes() {
    in_time("a circle", || {
        for (size, threads) in [(2, 2), (3, 3), (4, 4)] {
            let (memo, start) = (Memo::<u64, u64>::new(10), Barrier::new(threads));
            let values = thread::scope(|scope| {
                let threads: Vec<_> = (0..size)
                    .map(|n| {
                        let (memo, start) = (&memo, &start);
                        scope.spawn(move || {
                            memo.get_or_insert_with(n, || {
                                start.wait();
                                memo.get_or_insert_with((n + 1) % size, || 10 + n) + 100
                            })
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            assert!(values.iter().all(|&value| value > 100), "{values:?}");
        }
    });
}

/// One thread asks for what the other one computes while that one has not woken yet from waiting for it.
#[test]
fn a_thread_that_has_not_woken_is_in_no_circle() {
    in_time("no circle", || {
        const ROUNDS: u64 = 2000;
        let (memo, start) = (Memo::<u64, u64>::new(None), Barrier::new(2));
        let evaluations = AtomicUsize::new(0);
        let evaluate = |_| evaluations.fetch_add(1, Ordering::Relaxed);
        thread::scope(|scope| {
            scope.spawn(|| {
                for n in 0..ROUNDS {
                    start.wait();
                    let waits = memo.info().waits;
                    let until_waiting = || {
                        (0..20).all(|_| {
                            thread::yield_now();
                            memo.info().waits == waits
                        })
                    };
                    memo.get_or_insert_with(2 * n, || evaluate(until_waiting()) as u64);
                    memo.get_or_insert_with(2 * n + 1, || evaluate(true) as u64);
                }
            });
            for n in 0..ROUNDS {
                start.wait();
                memo.get_or_insert_with(2 * n + 1, || {
                    evaluate(true);
                    memo.get_or_insert_with(2 * n, || evaluate(true) as u64)
                });
            }
        });
        assert_eq!(evaluations.into_inner() as u64, 2 * ROUNDS);
    });
}

/// Two functions, each with its own memo, that call each other from two threads.
#[test]
fn mutual_recursion_ends() {
    fn even(memos: &[Memo<u64, u64>; 2], n: u64) -> u64 {
        memos[0].get_or_insert_with(n, || if n == 0 { 1 } else { odd(memos, n - 1) })
    }
    fn odd(memos: &[Memo<u64, u64>; 2], n: u64) -> u64 {
        memos[1].get_or_insert_with(n, || if n == 0 { 0 } else { even(memos, n - 1) })
    }
    in_time("mutual recursion", || {
        for _ in 0..20 {
            let memos = [Memo::new(None), Memo::new(None)];
            thread::scope(|scope| {
                let (a, b) = (scope.spawn(|| even(&memos, 301)), scope.spawn(|| odd(&memos, 300)));
                let (c, d) = (scope.spawn(|| even(&memos, 300)), scope.spawn(|| odd(&memos, 301)));
                let values = [a, b, c, d].map(|thread| thread.join().unwrap());
                assert_eq!(values, [0, 0, 1, 1]);
            });
        }
    });
}

#[test]
fn patience_ends_a_wait() {
    in_time("patience", || {
        let memo: Arc<Memo<u64, u64>> =
            Arc::new(Memo::builder().patience(Duration::from_millis(1)).build());
        let other = Arc::clone(&memo);
        let value = memo.get_or_insert_with(1, || {
            // Would never come back otherwise: nobody sees that this body waits for the thread.
            thread::spawn(move || other.get_or_insert_with(1, || 5)).join().unwrap() + 1
        });
        assert_eq!(value, 6);
        assert_eq!(memo.get_or_insert_with(1, || 0), 5);
        assert_eq!((memo.info().misses, memo.info().waits), (2, 0));
    });
}

/// A value that was asked for before a key was forgotten is not kept.
#[test]
fn what_is_forgotten_while_it_is_computed_is_not_kept() {
    in_time("forgotten", || {
        for clears in [false, true] {
            let memo: Numbers = Arc::new(Memo::new(4));
            let other = Arc::clone(&memo);
            let mut waiter = None;
            let value = memo.get_or_insert_with(1, || {
                let waiting = Arc::clone(&memo);
                waiter = Some(thread::spawn(move || waiting.get_or_insert_with(1, || 99)));
                until_waiting(&memo, 1);
                if clears {
                    other.clear();
                } else {
                    assert!(!other.invalidate(1));
                }
                // Who asks from now on computes afresh.
                let fresh = Arc::clone(&memo);
                assert_eq!(
                    thread::spawn(move || fresh.get_or_insert_with(1, || 8)).join().unwrap(),
                    8
                );
                7
            });
            assert_eq!(value, 7);
            assert_eq!(waiter.unwrap().join().unwrap(), 7, "it has waited for this");
            assert_eq!(memo.get_or_insert_with(1, || 0), 8);
            assert_eq!(memo.info().currsize, 1);
        }
    });
}

/// The same where nobody could wait for it: without single flight, on one thread, and by who computes
/// a key that it is computing already.
#[test]
fn what_is_forgotten_is_not_kept_by_those_whom_nobody_waits_for() {
    for clears in [false, true] {
        let alone: Memo<u64, u64> = Memo::builder().single_flight(false).build();
        let forget = || if clears { alone.clear() } else { assert!(!alone.invalidate(1)) };
        alone.get_or_insert_with(1, || {
            forget();
            7
        });
        assert!(!alone.contains(1));
        let local = Memo::<u64, u64>::builder().build_local();
        let forget = || if clears { local.clear() } else { assert!(!local.invalidate(1)) };
        local.get_or_insert_with(1, || {
            forget();
            7
        });
        assert!(!local.contains(1));
        let memo: Memo<u64, u64> = Memo::new(4);
        let forget = || if clears { memo.clear() } else { assert!(!memo.invalidate(1)) };
        memo.get_or_insert_with(1, || {
            memo.get_or_insert_with(1, || {
                forget();
                7
            })
        });
        assert!(!memo.contains(1));
    }
}

/// Who computes for itself alone does not answer for one who began after the key was forgotten.
#[test]
fn an_old_answer_is_not_taken_for_a_new_one() {
    in_time("an old answer", || {
        let memo: Memo<u64, u64> = Memo::new(4);
        let [asked, answered] = [(); 2].map(|()| Barrier::new(2));
        let newer = || {
            asked.wait();
            answered.wait();
            8
        };
        thread::scope(|scope| {
            let mut thread = None;
            let old = || {
                memo.invalidate(1);
                thread = Some(scope.spawn(|| memo.get_or_insert_with(1, newer)));
                asked.wait();
                7
            };
            memo.get_or_insert_with(1, || memo.get_or_insert_with(1, old));
            assert!(!memo.contains(1));
            answered.wait();
            assert_eq!(thread.unwrap().join().unwrap(), 8);
        });
        assert_eq!(memo.get(1), Some(8));
    });
}

/// No lock is held in the body: another key, and the memo itself, can be used.
#[test]
fn a_body_may_use_the_memo() {
    in_time("a body that uses the memo", || {
        let memo: Memo<u64, u64> = Memo::new(2);
        let value = memo.get_or_insert_with(1, || {
            memo.get_or_insert_with(2, || 2);
            memo.get_or_insert_with(3, || 3);
            memo.get_or_insert_with(4, || 4);
            memo.invalidate(4);
            assert_eq!(memo.info().currsize, 1);
            memo.clear();
            1
        });
        assert_eq!((value, memo.info().currsize), (1, 0));
    });
}

/// Dropping what goes may use the memo too: no lock is held.
#[test]
fn a_drop_may_use_the_memo() {
    struct Nosy(Arc<Memo<u64, Option<Arc<Nosy>>>>);
    impl Drop for Nosy {
        fn drop(&mut self) {
            assert!(self.0.info().misses <= 100);
        }
    }
    in_time("a drop that uses the memo", || {
        let memo = Arc::new(Memo::<u64, Option<Arc<Nosy>>>::new(2));
        for n in 0..10 {
            let nosy = Nosy(Arc::clone(&memo));
            memo.get_or_insert_with(n, || Some(Arc::new(nosy)));
        }
        memo.invalidate(9);
        memo.clear();
        assert_eq!(memo.info().currsize, 0);
    });
}

/// A value that looks at its memo when it is dropped.
#[derive(Clone)]
struct Looks(std::sync::Weak<Memo<u64, Looks>>);

impl Drop for Looks {
    fn drop(&mut self) {
        if let Some(memo) = self.0.upgrade() {
            assert!(memo.info().misses <= 100);
        }
    }
}

#[test]
fn a_value_that_is_not_kept_is_dropped_without_the_lock() {
    in_time("a value that is not kept", || {
        let new = |bytes: usize, single| {
            let memo = Memo::<u64, Looks>::builder().max_bytes(10, move |_: &Looks| bytes);
            Arc::new(memo.single_flight(single).shards(1).build())
        };
        for single in [true, false] {
            let large = new(11, single);
            let looks = || Looks(Arc::downgrade(&large));
            large.get_or_insert_with(1, looks);
            assert_eq!(large.info().too_large, 1);
            let memo = new(1, single);
            let looks = || Looks(Arc::downgrade(&memo));
            // Forgotten, and known already, when the value comes.
            memo.get_or_insert_with(1, || {
                memo.invalidate(1);
                looks()
            });
            memo.get_or_insert_with(2, || memo.get_or_insert_with(2, looks));
            memo.clear();
        }
    });
}

/// What panics when it is dropped while the flag is up.
struct Touchy<'a>(u64, &'a AtomicBool);

impl Clone for Touchy<'_> {
    fn clone(&self) -> Self {
        Touchy(self.0, self.1)
    }
}

impl Drop for Touchy<'_> {
    fn drop(&mut self) {
        assert!(self.0 != 1 || !self.1.swap(false, Ordering::SeqCst), "dropped");
    }
}

#[test]
fn a_drop_that_panics_leaves_nobody_waiting() {
    in_time("a drop that panics", || {
        let panics = AtomicBool::new(false);
        let memo: Memo<u64, Touchy<'_>> = Memo::new(1);
        memo.get_or_insert_with(1, || Touchy(1, &panics));
        thread::scope(|scope| {
            let owner = scope.spawn(|| {
                memo.get_or_insert_with(2, || {
                    while memo.info().waits == 0 {
                        thread::yield_now();
                    }
                    panics.store(true, Ordering::SeqCst);
                    Touchy(2, &panics)
                });
            });
            while memo.info().misses < 2 {
                thread::yield_now();
            }
            let waiter = scope.spawn(|| memo.get_or_insert_with(2, || Touchy(3, &panics)).0);
            assert!(owner.join().is_err(), "what 2 drives out panics");
            assert_eq!(waiter.join().unwrap(), 2);
        });
    });
}

#[test]
fn what_is_cleared_has_no_hits_to_take_back() {
    in_time("clear while somebody waits", || {
        let memo: Memo<u64, u64> = Memo::new(10);
        thread::scope(|scope| {
            let owner = scope.spawn(|| {
                memo.try_get_or_insert_with(1, || {
                    until_waiting(&memo, 1);
                    memo.clear();
                    memo.get_or_insert_with(2, || 2);
                    assert_eq!(memo.get(2), Some(2));
                    Err(())
                })
            });
            while memo.info().misses == 0 {
                thread::yield_now();
            }
            let waiter = scope.spawn(|| memo.get_or_insert_with(1, || 1));
            assert_eq!((owner.join().unwrap(), waiter.join().unwrap()), (Err(()), 1));
        });
        let info = memo.info();
        assert_eq!((info.hits, info.misses, info.waits), (1, 2, 0), "{info:#}");
    });
}

#[test]
fn all_goes_when_one_drop_panics() {
    let panics = AtomicBool::new(false);
    let memo: Memo<u64, Touchy<'_>> = Memo::builder().maxsize(1000).shards(16).build();
    (0..200).for_each(|n| drop(memo.get_or_insert_with(n, || Touchy(n, &panics))));
    panics.store(true, Ordering::SeqCst);
    assert!(catch_unwind(AssertUnwindSafe(|| memo.clear())).is_err());
    assert_eq!(memo.info().currsize, 0);
}
