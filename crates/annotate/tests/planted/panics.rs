//! Checks that may panic, and twins that decide otherwise or before the loop.

use std::cell::RefCell;
use std::hint::black_box;

#[inline(never)]
pub fn unwrapped(v: &[Option<u64>]) -> u64 {
    let mut total = 0;
    for x in v {
        total ^= x.unwrap(); //~ panic
    }
    total
}

#[inline(never)]
pub fn expected(v: &[Result<u64, u8>], out: &mut [u64]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = x.expect("a value"); //~ panic
    }
}

#[inline(never)]
pub fn overflowing(v: &[u64]) -> u64 {
    let mut total = 0_u64;
    for x in v {
        total = total.checked_add(*x).unwrap(); //~ panic
    }
    total
}

#[inline(never)]
pub fn asserted(v: &[u64], limit: u64) -> u64 {
    let mut total = 0;
    for x in v {
        assert!(*x < limit); //~ panic
        total ^= x;
    }
    total
}

#[inline(never)]
pub fn explained(v: &[u64], limit: u64, out: &mut [u64]) {
    for (out, x) in out.iter_mut().zip(v) {
        assert!(*x < limit, "{x} is too much"); //~ panic
        *out = *x;
    }
}

#[inline(never)]
pub fn borrowed(v: &[RefCell<u64>]) {
    for x in v {
        *x.borrow_mut() += 1; //~ panic
    }
}

#[inline(never)]
pub fn impossible(v: &[u8], out: &mut [u8]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = match x {
            0..16 => x ^ 5, //~ panic
            _ => unreachable!("four bits"),
        };
    }
}

#[inline(never)]
pub fn firsts(v: &[&[u64]], out: &mut [u64]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = *x.first().unwrap(); //~ panic
    }
}

#[inline(never)]
pub fn halves(v: &[&[u64]], at: usize, out: &mut [usize]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = x.split_at(at).1.len(); //~ panic|bounds
    }
}

// Decided otherwise.

#[inline(never)]
pub fn defaulted(v: &[Option<u64>]) -> u64 {
    let mut total = 0;
    for x in v {
        total ^= x.unwrap_or(9);
    }
    total
}

#[inline(never)]
pub fn wrapping(v: &[u64]) -> u64 {
    let mut total = 0_u64;
    for x in v {
        total = total.wrapping_add(*x ^ 11);
    }
    total
}

#[inline(never)]
pub fn returned(v: &[Option<u64>], out: &mut [u64]) -> Option<()> {
    for (out, x) in out.iter_mut().zip(v) {
        *out = (*x)?;
    }
    Some(())
}

#[inline(never)]
pub fn asserted_before(v: &mut [u64], limit: u64) {
    assert!(limit > 17); //~ pale panic
    for x in v {
        *x ^= limit;
    }
}

#[inline(never)]
pub fn unwrapped_before(v: &mut [u64], by: Option<u64>) {
    let by = by.unwrap(); //~ pale panic
    for x in v {
        *x &= by;
    }
}

fn main() {
    black_box([unwrapped as *const (), expected as *const (), overflowing as *const ()]);
    black_box([asserted as *const (), explained as *const (), borrowed as *const ()]);
    black_box([impossible as *const (), firsts as *const (), halves as *const ()]);
    black_box([defaulted as *const (), wrapping as *const (), returned as *const ()]);
    black_box([asserted_before as *const (), unwrapped_before as *const ()]);
}
