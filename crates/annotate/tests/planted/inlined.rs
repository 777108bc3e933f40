//! Defects in helpers that were inlined: they are flagged where they stand, not where the helper
//! is called.

use std::hint::black_box;

fn at(v: &[u64], i: usize) -> u64 {
    v[i] //~ bounds
}

fn share(x: u64, of: u64) -> u64 {
    x / (of | 1) //~ div
}

fn bell(x: f64) -> f64 {
    (-x * x).exp() //~ call scalar?
}

fn added(total: &mut f64, x: f64) {
    *total += x; //~ scalar
}

fn doubled(x: f64) -> f64 {
    x * 2.0
}

fn checked(x: Option<u64>) -> u64 {
    x.unwrap() //~ panic
}

fn outer(v: &[u64], i: usize) -> u64 {
    inner(v, i + 1)
}

fn inner(v: &[u64], i: usize) -> u64 {
    v[i] ^ 4 //~ bounds
}

#[inline(never)]
pub fn looked_up(v: &[u64], places: &[usize]) -> u64 {
    let mut total = 0;
    for i in places {
        total ^= at(v, *i);
    }
    total
}

#[inline(never)]
pub fn shares(v: &mut [u64], of: &[u64]) {
    for (x, of) in v.iter_mut().zip(of) {
        *x = share(*x, *of);
    }
}

#[inline(never)]
pub fn bells(v: &mut [f64]) {
    for x in v {
        *x = bell(*x);
    }
}

#[inline(never)]
pub fn summed(v: &[f64]) -> f64 {
    let mut total = 0.0;
    for x in v {
        added(&mut total, *x);
    }
    total
}

#[inline(never)]
pub fn all_checked(v: &[Option<u64>]) -> u64 {
    v.iter().map(|x| checked(*x)).fold(0, |a, b| a ^ b)
}

#[inline(never)]
pub fn two_deep(v: &[u64], places: &[usize], out: &mut [u64]) {
    for (out, i) in out.iter_mut().zip(places) {
        *out = outer(v, *i);
    }
}

#[inline(never)]
pub fn all_doubled(v: &mut [f64]) {
    for x in v {
        *x = doubled(*x);
    }
}

#[inline(never)]
pub fn by_closure(v: &[u64], places: &[usize], out: &mut [u64]) {
    let look = |i: usize| {
        v[i] ^ 12 //~ bounds
    };
    for (out, i) in out.iter_mut().zip(places) {
        *out = look(*i);
    }
}

#[inline(never)]
pub fn by_macro(v: &[u64], places: &[usize], out: &mut [u64]) {
    macro_rules! look {
        ($i:expr) => {
            v[$i] ^ 13 //~ bounds
        };
    }
    for (out, i) in out.iter_mut().zip(places) {
        *out = look!(*i);
    }
}

fn main() {
    black_box([looked_up as *const (), shares as *const (), bells as *const ()]);
    black_box([summed as *const (), all_checked as *const (), two_deep as *const ()]);
    black_box([all_doubled as *const (), by_closure as *const (), by_macro as *const ()]);
}
