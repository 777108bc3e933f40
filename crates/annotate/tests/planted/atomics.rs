//! Locked instructions and fences, and twins with plain ones.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex};

#[inline(never)]
pub fn counted(v: &[u64], count: &AtomicU64) {
    for x in v {
        if *x > 3 {
            count.fetch_add(1, Ordering::Relaxed); //~ atomic
        }
    }
}

#[inline(never)]
pub fn maximum(v: &[u64], largest: &AtomicU64) {
    for x in v {
        largest.fetch_max(*x, Ordering::Relaxed); //~ atomic
    }
}

#[inline(never)]
pub fn published(v: &[u64], to: &AtomicU64) {
    for x in v {
        to.store(*x, Ordering::SeqCst); //~ atomic
    }
}

#[inline(never)]
pub fn flags(v: &[AtomicBool]) -> usize {
    let mut found = 0;
    for flag in v {
        found += usize::from(flag.swap(true, Ordering::AcqRel)); //~ atomic
    }
    found
}

#[inline(never)]
pub fn exchanged(v: &[AtomicU64]) -> usize {
    let mut done = 0;
    for x in v {
        let exchange = x.compare_exchange(0, 1, Ordering::SeqCst, Ordering::Relaxed); //~ atomic
        done += usize::from(exchange.is_ok());
    }
    done
}

#[inline(never)]
pub fn fenced(v: &[AtomicU64]) {
    for x in v {
        x.store(1, Ordering::Relaxed);
        fence(Ordering::SeqCst); //~ atomic
    }
}

#[inline(never)]
pub fn shared(of: &Arc<u64>, n: usize) {
    for _ in 0..n {
        black_box(Arc::clone(of)); //~ atomic call? alloc?
    }
}

#[inline(never)]
pub fn locked(v: &[u64], total: &Mutex<u64>) {
    for x in v {
        *total.lock().unwrap() += x; //~ atomic panic call?
    }
}

// Plain, or once.

#[inline(never)]
pub fn counted_apart(v: &[u64], count: &AtomicU64) {
    let mut own = 0;
    for x in v {
        own += u64::from(*x > 4);
    }
    count.fetch_add(own, Ordering::Relaxed);
}

#[inline(never)]
pub fn read(v: &[AtomicU64]) -> u64 {
    v.iter().map(|x| x.load(Ordering::Acquire)).fold(0, |a, b| a ^ b)
}

#[inline(never)]
pub fn written(v: &[AtomicU64]) {
    for x in v {
        x.store(2, Ordering::Release);
    }
}

#[inline(never)]
pub fn compiler_fence_only(v: &[AtomicU64]) {
    for x in v {
        x.store(3, Ordering::Relaxed);
        fence(Ordering::Release);
    }
}

#[inline(never)]
pub fn through_exclusive(v: &mut [AtomicU64]) {
    for x in v {
        *x.get_mut() += 1;
    }
}

fn main() {
    black_box([counted as *const (), maximum as *const (), published as *const ()]);
    black_box([flags as *const (), exchanged as *const (), fenced as *const ()]);
    black_box([shared as *const (), locked as *const (), counted_apart as *const ()]);
    black_box([read as *const (), written as *const (), compiler_fence_only as *const ()]);
    black_box([through_exclusive as *const ()]);
}
