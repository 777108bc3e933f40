//! Conversions that are checked or go one by one, and twins that go wide.

use std::hint::black_box;

#[inline(never)]
pub fn saturating(v: &[f64], out: &mut [i64]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = *x as i64; //~ scalar
    }
}

#[inline(never)]
pub fn to_unsigned(v: &[f64], out: &mut [u64]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = *x as u64; //~ scalar
    }
}

#[inline(never)]
pub fn to_index(v: &[f32], scale: f32, table: &[u8; 256], out: &mut [u8]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = table[usize::from((*x * scale) as u8)]; //~ scalar
    }
}

#[inline(never)]
pub fn narrowed(v: &[u64], out: &mut [u32]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = u32::try_from(*x).unwrap(); //~ panic
    }
}

#[inline(never)]
pub fn signs_lost(v: &[i32], out: &mut [u32]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = (*x).try_into().expect("not negative"); //~ panic
    }
}

#[inline(never)]
pub fn arrays(v: &[&[u8]], out: &mut [[u8; 4]]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = (*x).try_into().unwrap(); //~ panic
    }
}

#[inline(never)]
pub fn rounded_total(v: &[f64]) -> i64 {
    let mut total = 0;
    for x in v {
        total ^= (*x + 0.5) as i64; //~ scalar
    }
    total
}

// Wide.

#[inline(never)]
pub fn widened(v: &[f32], out: &mut [f64]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = f64::from(*x);
    }
}

#[inline(never)]
pub fn from_integers(v: &[i32], out: &mut [f64]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = f64::from(*x);
    }
}

#[inline(never)]
pub fn from_bytes(v: &[u8], out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = f32::from(*x) * 0.5;
    }
}

#[inline(never)]
pub fn truncated(v: &[u64], out: &mut [u32]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = *x as u32;
    }
}

#[inline(never)]
pub fn one_cast(x: f64) -> i64 {
    x as i64
}

#[inline(never)]
pub fn narrowed_once(x: u64) -> u8 {
    u8::try_from(x).unwrap() //~ pale panic
}

fn main() {
    black_box([saturating as *const (), to_unsigned as *const (), to_index as *const ()]);
    black_box([narrowed as *const (), signs_lost as *const (), arrays as *const ()]);
    black_box([rounded_total as *const (), widened as *const (), from_integers as *const ()]);
    black_box([from_bytes as *const (), truncated as *const (), one_cast as *const ()]);
    black_box([narrowed_once as *const ()]);
}
