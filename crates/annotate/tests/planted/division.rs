//! Divisions and square roots, and twins that multiply, shift or divide once.

use std::hint::black_box;
use std::num::NonZeroU64;

#[inline(never)]
pub fn quotients(v: &mut [u64], by: &[NonZeroU64]) {
    for (x, by) in v.iter_mut().zip(by) {
        *x /= *by; //~ div
    }
}

#[inline(never)]
pub fn remainders(v: &mut [u64], by: NonZeroU64) {
    for x in v {
        *x %= by; //~ div
    }
}

#[inline(never)]
pub fn checked(v: &mut [u32], by: &[u32]) {
    for (x, by) in v.iter_mut().zip(by) {
        *x /= *by; //~ div panic
    }
}

#[inline(never)]
pub fn signed(v: &mut [i32], by: &[i32]) {
    for (x, by) in v.iter_mut().zip(by) {
        *x %= *by; //~ div panic
    }
}

#[inline(never)]
pub fn euclidean(v: &mut [i64], by: i64) {
    for x in v {
        *x = x.rem_euclid(by); //~ div panic?
    }
}

#[inline(never)]
pub fn wide(v: &mut [u128], by: &[u128]) {
    for (x, by) in v.iter_mut().zip(by) {
        *x /= *by | 1; //~ div
    }
}

#[inline(never)]
pub fn of_floats(a: &mut [f64], b: &[f64]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a /= b; //~ div
    }
}

#[inline(never)]
pub fn by_invariant(a: &mut [f64], by: f64) {
    for a in a {
        *a /= by; //~ div
    }
}

#[inline(never)]
pub fn of_singles(a: &mut [f32], by: f32) {
    for a in a {
        *a = by / *a; //~ div
    }
}

#[inline(never)]
pub fn roots(v: &mut [f64]) {
    for x in v {
        *x = x.sqrt(); //~ div
    }
}

#[inline(never)]
pub fn harmonic(n: u32) -> f64 {
    (1..n).map(|k| 1.0 / f64::from(k)).sum() //~ div scalar
}

#[inline(never)]
pub fn digits(v: &[u64], base: NonZeroU64) -> u64 {
    let mut count = 0;
    for x in v {
        let mut x = *x;
        while x > 0 {
            x /= base; //~ div
            count += 1;
        }
    }
    count
}

// Without, or once.

#[inline(never)]
pub fn by_reciprocal(a: &mut [f64], by: f64) {
    let factor = 1.0 / by;
    for a in a {
        *a *= factor;
    }
}

#[inline(never)]
pub fn by_power_of_two(v: &mut [u64]) {
    for x in v {
        *x /= 8;
    }
}

#[inline(never)]
pub fn by_constant(v: &mut [u32]) {
    for x in v {
        *x /= 10;
    }
}

#[inline(never)]
pub fn masked(v: &mut [u64], bits: u32) {
    for x in v {
        *x &= (1 << bits) - 1;
    }
}

#[inline(never)]
pub fn by_two(a: &mut [f64]) {
    for a in a {
        *a /= 2.0;
    }
}

#[inline(never)]
pub fn mean(total: f64, n: u32) -> f64 {
    total / f64::from(n) //~ pale div
}

#[inline(never)]
pub fn one_root(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt() //~ pale div
}

#[inline(never)]
pub fn one_quotient(x: u64, y: NonZeroU64) -> u64 {
    x / y //~ pale div
}

fn main() {
    black_box([quotients as *const (), remainders as *const (), checked as *const ()]);
    black_box([signed as *const (), euclidean as *const (), wide as *const ()]);
    black_box([of_floats as *const (), by_invariant as *const (), of_singles as *const ()]);
    black_box([roots as *const (), harmonic as *const (), digits as *const ()]);
    black_box([by_reciprocal as *const (), by_power_of_two as *const (), by_constant as *const ()]);
    black_box([masked as *const (), by_two as *const (), mean as *const ()]);
    black_box([one_root as *const (), one_quotient as *const ()]);
}
