//! Floats that are added, multiplied or compared one by one, and twins that go wide.

use std::hint::black_box;

#[inline(never)]
pub fn sum_for(v: &[f64]) -> f64 {
    let mut total = 0.0;
    for x in v {
        total += x; //~ scalar
    }
    total
}

#[inline(never)]
pub fn sum_iter(v: &[f64]) -> f64 {
    v.iter().map(|x| x + 1.0).sum() //~ scalar
}

#[inline(never)]
pub fn sum_f32(v: &[f32]) -> f32 {
    let mut total = 0.0;
    for x in v {
        total += x; //~ scalar
    }
    total
}

#[inline(never)]
pub fn sum_indexed(v: &[f64]) -> f64 {
    let mut total = 1.0;
    for i in 0..v.len() {
        total += v[i]; //~ scalar
    }
    total
}

#[inline(never)]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum() //~ scalar
}

#[inline(never)]
pub fn product(v: &[f64]) -> f64 {
    v.iter().product() //~ scalar
}

#[inline(never)]
pub fn prefix(v: &mut [f64]) {
    let mut total = 0.0;
    for x in v {
        total += *x; //~ scalar
        *x = total;
    }
}

#[inline(never)]
pub fn recurrence(steps: usize, a: f64, b: f64) -> f64 {
    let mut x = 0.5;
    for _ in 0..steps {
        x = a * x + b; //~ scalar
    }
    x
}

#[inline(never)]
pub fn horner(coefficients: &[f64], x: f64) -> f64 {
    let mut y = 0.0;
    for c in coefficients {
        y = y * x + c; //~ scalar
    }
    y
}

#[inline(never)]
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    let mut total = 0.0;
    for (x, y) in a.iter().zip(b) {
        let d = x - y; //~ scalar?
        total += d * d; //~ scalar
    }
    total.sqrt()
}

#[inline(never)]
pub fn conditional(v: &[f64], limit: f64) -> f64 {
    let mut total = 0.0;
    for x in v {
        total += if *x > limit { *x } else { 0.0 }; //~ scalar
    }
    total
}

// Clean from here on.

#[inline(never)]
pub fn sum_lanes(v: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    for chunk in v.chunks_exact(8) {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += x;
        }
    }
    lanes[0] + lanes[1] + lanes[2] + lanes[3] + lanes[4] + lanes[5] + lanes[6] + lanes[7]
}

#[inline(never)]
pub fn largest(v: &[f64]) -> f64 {
    v.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x))
}

#[inline(never)]
pub fn sum_integers(v: &[i64]) -> i64 {
    v.iter().sum()
}

#[inline(never)]
pub fn saxpy(a: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

#[inline(never)]
pub fn scale(v: &mut [f32], a: f32) {
    for x in v {
        *x *= a;
    }
}

#[inline(never)]
pub fn add(out: &mut [f64], a: &[f64], b: &[f64]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = a + b;
    }
}

#[inline(never)]
pub fn polynomial(v: &mut [f64]) {
    for x in v {
        *x = ((0.5 * *x + 0.25) * *x + 0.125) * *x + 1.0;
    }
}

#[inline(never)]
pub fn count_above(v: &[f64], limit: f64) -> usize {
    v.iter().filter(|x| **x > limit).count()
}

#[inline(never)]
pub fn clamp_below(v: &mut [f64], limit: f64) {
    for x in v {
        *x = if *x < limit { *x } else { limit };
    }
}

#[inline(never)]
pub fn straight(a: f64, b: f64, c: f64) -> f64 {
    a * b + c * (a - b)
}

fn main() {
    black_box([sum_for as *const (), sum_iter as *const (), sum_f32 as *const ()]);
    black_box([sum_indexed as *const (), dot as *const (), product as *const ()]);
    black_box([largest as *const (), prefix as *const (), recurrence as *const ()]);
    black_box([horner as *const (), distance as *const (), conditional as *const ()]);
    black_box([sum_lanes as *const (), sum_integers as *const (), saxpy as *const ()]);
    black_box([scale as *const (), add as *const (), polynomial as *const ()]);
    black_box([count_above as *const (), clamp_below as *const (), straight as *const ()]);
}
