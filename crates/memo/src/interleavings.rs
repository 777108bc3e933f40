//! Single flight in every order that up to three threads can take, by loom:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test --release --package tenfold-memo --lib interleavings
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::Memo;

/// All orders in which at most so many times a thread is put off that could go on.
fn orders(preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(body);
}

fn memo() -> Arc<Memo<u8, u8>> {
    Arc::new(Memo::builder().maxsize(2).shards(1).build())
}

#[test]
fn one_of_three_threads_computes() {
    orders(2, || {
        let (memo, evaluations) = (memo(), Arc::new(AtomicUsize::new(0)));
        let ask = |memo: &Memo<u8, u8>, evaluations: &AtomicUsize| {
            let value = memo.get_or_insert_with(1, || {
                evaluations.fetch_add(1, Ordering::Relaxed);
                7
            });
            assert_eq!(value, 7);
        };
        let threads = [(); 2].map(|()| {
            let (memo, evaluations) = (Arc::clone(&memo), Arc::clone(&evaluations));
            thread::spawn(move || ask(&memo, &evaluations))
        });
        ask(&memo, &evaluations);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(evaluations.load(Ordering::Relaxed), 1);
        assert_eq!((memo.info().hits, memo.info().misses), (2, 1));
    });
}

#[test]
fn a_panic_leaves_nobody_waiting() {
    orders(2, || {
        let memo = memo();
        let other = Arc::clone(&memo);
        let thread = thread::spawn(move || {
            let gives_up = || other.try_get_or_insert_with(1, || Err(()));
            gives_up().unwrap_or(5)
        });
        assert_eq!(memo.get_or_insert_with(1, || 5), 5);
        assert_eq!(thread.join().unwrap(), 5);
        assert_eq!(memo.info().currsize, 1);
    });
}

#[test]
fn a_circle_of_two_ends() {
    orders(3, || {
        let memo = memo();
        let both = |memo: &Memo<u8, u8>, first: u8, second: u8| {
            memo.get_or_insert_with(first, || memo.get_or_insert_with(second, || 3) + 1)
        };
        let other = Arc::clone(&memo);
        let thread = thread::spawn(move || both(&other, 1, 2));
        assert!(both(&memo, 2, 1) >= 3);
        assert!(thread.join().unwrap() >= 3);
    });
}

#[test]
fn a_circle_of_three_ends() {
    orders(1, || {
        let memo: Arc<Memo<u8, u8>> = Arc::new(Memo::builder().shards(1).build());
        let both = |memo: &Memo<u8, u8>, n: u8| {
            memo.get_or_insert_with(n, || memo.get_or_insert_with((n + 1) % 3, || 3) + 1)
        };
        let threads = [1, 2].map(|n| {
            let memo = Arc::clone(&memo);
            thread::spawn(move || both(&memo, n))
        });
        assert!(both(&memo, 0) >= 3);
        threads.into_iter().for_each(|thread| assert!(thread.join().unwrap() >= 3));
    });
}

#[test]
fn forgetting_loses_no_waiter() {
    orders(2, || {
        let memo = memo();
        let (asks, forgets) = (Arc::clone(&memo), Arc::clone(&memo));
        let asks = thread::spawn(move || asks.get_or_insert_with(1, || 7));
        let forgets = thread::spawn(move || forgets.invalidate(1));
        assert_eq!(memo.get_or_insert_with(1, || 7), 7);
        assert_eq!(asks.join().unwrap(), 7);
        forgets.join().unwrap();
    });
}

/// That a panic is caught is std's business; that the turn is given back on the way is ours.
#[test]
fn an_unwound_turn_is_given_back() {
    orders(2, || {
        let memo = memo();
        let other = Arc::clone(&memo);
        let thread = thread::spawn(move || other.get_or_insert_with(1, || 5));
        let unwinds = || {
            let turn = memo.enter(&1);
            drop(turn);
        };
        assert!(catch_unwind(AssertUnwindSafe(unwinds)).is_ok());
        assert_eq!(thread.join().unwrap(), 5);
    });
}
